"""Batching that a client reads and changes, and what was counted of it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.client.other_server import other_http_server
from tests.server_process import ServerProcess
from tfs_notebook.client import Client
from tfs_notebook.client.batch_statistics import batch_statistics
from tfs_notebook.client.batching_settings import batching_settings
from tfs_notebook.wire.errors import (
    FailedPrecondition,
    Internal,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Unimplemented,
)


@pytest.fixture
def batching(
    start_server: Callable[..., ServerProcess], half_plus_two: Path, tmp_path: Path
) -> Iterator[Client]:
    server = start_server(
        f"--model_base_path={half_plus_two.parent}",
        "--model_name=a model",
        "--enable_batching",
        f"--rest_api_socket_path={tmp_path}/r.sock",
    )
    address = f"http+unix:{tmp_path}/r.sock"
    with Client(server.grpc_address, rest_address=address) as client:
        yield client


def test_it_is_read_changed_and_taken_back(batching: Client) -> None:
    model = batching["a model"]
    before = model.batching()
    assert (before.overridden, before.automatic) == ({}, {})
    changed = model.set_batching(max_batch_size=4, allowed_batch_sizes=[2, 4])
    assert changed == model.batching()
    assert changed.parameters["max_batch_size"] == 4
    assert changed.overridden == {"max_batch_size": 4, "allowed_batch_sizes": [2, 4]}
    lines = [line.split() for line in repr(changed).splitlines()]
    assert ["max_batch_size", "4", "yes"] in lines
    assert ["allowed_batch_sizes", "2,", "4", "yes"] in lines
    assert ["batch_timeout_micros", "0"] in lines
    ET.fromstring(changed._repr_html_())
    assert model.set_batching(reset=True) == before
    automatic = model.set_batching(latency_target_micros=20_000)
    assert "version 1: 20 ms are to be held; not enough requests yet" in repr(automatic)


def test_what_cannot_be_said(batching: Client, server: ServerProcess) -> None:
    model = batching["a model"]
    with pytest.raises(InvalidArgument, match="unknown field 'size'"):
        model.set_batching(size=4)
    with pytest.raises(InvalidArgument, match="say what to change"):
        model.set_batching()
    with pytest.raises(InvalidArgument, match="numbers, true or false, or lists"):
        model.set_batching(max_batch_size=np.int64(4))
    with pytest.raises(NotFound):
        batching["nobody"].batching()
    with Client(server.grpc_address) as client, pytest.raises(Unimplemented, match="rest_addr"):
        client["half_plus_two"].batching()
    with Client(server.url) as client:
        with pytest.raises(InvalidArgument, match="--enable_batching"):
            client["half_plus_two"].batching()
        with pytest.raises(PermissionDenied):
            client["half_plus_two"].set_batching(max_batch_size=4)


def test_a_tensorflow_serving_has_none() -> None:
    with (
        other_http_server() as other,
        Client(other.address) as client,
        pytest.raises(Unimplemented, match="as TensorFlow Serving does not"),
    ):
        client["half_plus_two"].batching()


def test_what_the_automatic_mode_has_found() -> None:
    found = {
        "latency_target_micros": 20_000, "is_reachable": False, "rows_of_a_run": 8,
        "batch_timeout_micros": 1500, "p99_micros": 25_000.0,
    }  # fmt: skip
    answer = {
        "name": "<m>", "parameters": {}, "overridden": {}, "latency_target_micros": 20_000,
        "versions": [{"version": "3", "automatic": found}],
    }  # fmt: skip
    settings = batching_settings(answer)
    assert repr(settings).splitlines()[-1] == (
        "version 3 is to hold 20 ms, which it cannot: p99 was 25 ms of late, with up to 8 rows "
        "a run that wait up to 1.5 ms for each other"
    )
    assert "<m>" not in settings._repr_html_()
    with pytest.raises(Internal, match="nothing of batching"):
        batching_settings({"name": "m"})


def test_what_was_counted(batching: Client) -> None:
    model = batching["a model"]
    with pytest.raises(FailedPrecondition, match="have shared a run"):
        model.stats().plot()
    assert "rows a run" not in repr(model.stats())
    model.set_batching(max_batch_size=8, allowed_batch_sizes=[8])
    model.predict([1.0] * 6)
    stats = model.stats()
    (one,) = stats.versions[0].signatures
    assert one.batches is not None
    assert (one.batches.rows_a_run, one.batches.padding_share) == (6, 0.25)
    assert one.batches.run_sizes == {8: 1}
    assert sum(one.batches.waits_ms.values()) == 1
    heads, row = repr(stats).splitlines()[1:]
    assert heads.endswith("rows a run  padding  waited ms")
    assert row.split()[-3:-1] == ["6", "25.0%"]
    ET.fromstring(stats._repr_html_())
    pytest.importorskip("matplotlib")
    plot = stats.plot()
    assert plot._repr_png_().startswith(b"\x89PNG")
    assert repr(plot) == "<plot of a model: rows of a run, a model: waiting for a run>"


def test_buckets_between_others_are_drawn_too() -> None:
    pytest.importorskip("matplotlib")

    def spread(*pairs: tuple[float | None, int]) -> dict[str, object]:
        return {"mean": 1.0, "buckets": [{"le": le, "count": count} for le, count in pairs]}

    counted = {
        "runs": 3, "rows": 40, "padding_share": 0.0,
        "rows_of_a_run": spread((1, 1), (8, 3)), "queue_us": spread((10, 4), (None, 1)),
    }  # fmt: skip
    batches = batch_statistics(counted)
    assert batches is not None
    sizes, waits = batches.plot("m").axes
    assert [bar.get_height() for bar in sizes.patches] == [25, 0, 0, 75]
    assert [text.get_text() for text in sizes.get_xticklabels()] == ["1", "2", "3–4", "5–8"]
    assert [bar.get_height() for bar in waits.patches] == [100]
