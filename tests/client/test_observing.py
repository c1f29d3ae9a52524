"""Looks at real servers, of ours and of others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.client.other_server import other_http_server
from tests.client.tensorflow_serving import tensorflow_serving
from tests.logged_requests import wait_for_records
from tests.polling import poll_until
from tests.server_process import ServerProcess, free_port
from tfs_notebook.client import Client
from tfs_notebook.client.observing import History, Observer, observe
from tfs_notebook.client.observing.metrics_page import page_counts
from tfs_notebook.client.observing.overview_document import observation_of
from tfs_notebook.wire.errors import (
    AlreadyExists,
    DeadlineExceeded,
    Internal,
    InvalidArgument,
    ServingError,
    Unavailable,
    Unimplemented,
)

Start = Callable[..., ServerProcess]
TOKEN = "a-long-enough-token-for-anybody"


@pytest.fixture
def ours(start_server: Start, two_versions: Path, tmp_path: Path) -> ServerProcess:
    """Two versions with batching, a page of metrics, request logs and control."""
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "token").chmod(0o600)
    (tmp_path / "monitoring").write_text("prometheus_config { enable: true }")
    (tmp_path / "models").write_text(
        f'model_config_list {{ config {{ name: "two" base_path: "{two_versions}" '
        'model_platform: "tensorflow" model_version_policy { all {} } '
        'version_labels { key: "stable" value: 1 } } }'
    )
    return start_server(
        f"--model_config_file={tmp_path / 'models'}",
        f"--monitoring_config_file={tmp_path / 'monitoring'}",
        f"--request_log_dir={tmp_path / 'logs'}",
        "--enable_batching",
        "--model_control=explicit",
        f"--model_control_token_file={tmp_path / 'token'}",
        f"--rest_api_socket_path={tmp_path}/r.sock",
    )


def test_a_server_of_ours_by_every_door(ours: ServerProcess, tmp_path: Path) -> None:
    for client in (
        Client(ours.url),
        Client(f"http+unix:{tmp_path}/r.sock"),
        Client(ours.grpc_address, rest_address=ours.url),
    ):
        with client:
            client["two", 1].predict([1.0, 2.0])
            seen = observe(client)
        assert (seen.kind, dict(seen.untold)) == ("tfs_notebook", {})
        assert seen.process is not None
        assert seen.process.pid == ours.process.pid
        assert seen.uptime is not None
        model = seen.model("two")
        assert model is not None
        assert seen.model("nobody") is None
        assert [(one.version, one.state) for one in model.versions] == [
            (2, "AVAILABLE"),
            (1, "AVAILABLE"),
        ]
        assert model.labels == {"stable": 1}
        assert model.versions[0].loaded is not None
        assert model.versions[0].batching is not None
        assert model.batching is not None
        assert model.recording is not None
        assert model.recording.sampling_rate == 0
        assert model.pin is None
        [counted] = model.counts_of(1)
        assert counted.requests > 0
        assert counted.batches is not None
        assert counted.batches.rows == 2 * counted.requests
        assert model.counts_of(2) == ()
        assert [change.state for change, _, version in seen.changes() if version == 2] == [
            "START",
            "LOADING",
            "AVAILABLE",
        ]


def test_what_happens_is_seen_and_done(ours: ServerProcess, tmp_path: Path) -> None:
    with Client(ours.url, token=TOKEN) as client:
        control = client.control()
        observer, history = Observer(client), History()
        history.add(observer.observe())
        control.set_recording("two", 1)
        control.pin("two", [2], timeout=60)
        for _ in range(4):
            client["two", 2].predict([1.0])
        history.add(observer.observe())
        control.unpin("two", timeout=60)
        wait_for_records(tmp_path / "logs", "two", 4)
        told = control.recording("two")
        assert (told["filename_prefix"], told["records"]) == ("two", {"OK": 4})
        made = control.make_warmup("two", 2, records=2)
        assert made["records"] == 2
        assert Path(made["path"]).stat().st_size == made["bytes"]
        with pytest.raises(AlreadyExists, match="replace it with"):
            control.make_warmup("two", 2)
        assert control.make_warmup("two", 2, distinct=True, replace=True)["records"] == 1
        with pytest.raises(InvalidArgument, match="is not pinned"):
            control.unpin("two", timeout=60)
        control.close()
        seen = history.latest
        assert seen is not None
        [model] = seen.models
        assert model.pin is not None
        # The label keeps the other one.
        assert (model.pin.versions, model.version_policy) == ((2,), [1, 2])
        assert model.recording is not None
        assert model.recording.sampling_rate == 1
        series = history.series("two", 2)
        [_, rate] = series.requests_per_second.tolist()
        [_, ago] = [one - series.ago[0] for one in series.ago.tolist()]
        assert rate * ago == pytest.approx(4, rel=0.5)
        assert series.p99_ms[1] > 0
        assert series.rows_a_run[1] == 1
        assert history.recent()["two", 2].requests_per_second == pytest.approx(rate)


def test_a_server_that_goes_and_comes_again(start_server: Start, two_versions: Path) -> None:
    flags = ("--model_name=two", f"--model_base_path={two_versions}")
    port = free_port()
    first = start_server(*flags, rest_port=port)
    with Client(first.url) as client:
        observer = Observer(client)
        history = History()
        client["two"].predict([1.0])
        history.add(observer.observe())
        first.stop()
        with pytest.raises(Unavailable):
            observer.observe()
        start_server(*flags, rest_port=port)
        client["two"].predict([1.0])
        history.add(observer.observe())
        client["two"].predict([1.0])
        history.add(observer.observe())
    rates = history.series("two", window=60).requests_per_second.tolist()
    assert [rate > 0 for rate in rates] == [False, False, True]  # NaN is not


def test_without_a_rest_address(ours: ServerProcess) -> None:
    with Client(ours.grpc_address) as client:
        seen = observe(client, ["two", "nobody"])
        assert seen.kind == "other"
        two, nobody = seen.models
        assert [one.state for one in two.versions] == ["AVAILABLE", "AVAILABLE"]
        assert (two.counts, two.labels, two.versions[0].history) == (None, None, None)
        assert nobody.versions == ()
        assert nobody.waiting_for is not None
        assert "rest_address=" in seen.untold["counts"]
        assert observe(client).models == ()
        assert "name those to look at" in observe(client).untold["models"]
        with pytest.raises(Unimplemented, match="give the server's REST address too"):
            client.control()


def test_a_tensorflow_serving_with_its_page_of_metrics(ours: ServerProcess) -> None:
    with tensorflow_serving(ours) as (address, asked), Client(address) as client:
        observer, history = Observer(client), History()
        history.add(observer.observe())
        with Client(ours.grpc_address) as direct:
            for _ in range(3):
                direct["two"].predict([1.0, 2.0])
            with pytest.raises(ServingError):
                direct["two"].predict([1.0], signature="nobody")
        httpx.post(f"{ours.url}/v1/models/two:predict", json={"instances": ["x"]})

        def all_there() -> bool:
            seen = observer.observe()
            history.add(seen)
            found = seen.model("two")
            return bool(found and found.counts and found.counts[0].errors)

        poll_until(all_there, "all is counted")
        seen = history.latest
        assert seen is not None
        assert seen.kind == "other"
        assert set(seen.untold) == {"server", "models"}
        [model] = seen.models
        assert [one.version for one in model.versions] == [2, 1]
        assert model.counts is not None
        [counted] = model.counts
        assert (counted.version, counted.in_flight) == (None, None)
        assert counted.requests - counted.errors == counted.latency_micros.number >= 3
        assert seen.batches is not None
        assert seen.batches.rows == 6
        assert (seen.process, seen.uptime, model.labels) == (None, None, None)
        # It is not asked every time for what it does not have.
        assert asked.count("/v2/repository/overview") == 1
        series = history.series("two", window=60)
        assert max(series.requests_per_second[1:].tolist()) > 0
        sizes = history.rows_of_a_run()
        assert sizes is not None
        assert sizes.mean == 2
        assert set(history.recent()) == {("two", None)}


def test_a_tensorflow_serving_without_one() -> None:
    with other_http_server() as there, Client(there.address) as client:
        seen = observe(client, ["half_plus_two"])
        [model] = seen.models
        assert [one.version for one in model.versions] == [123]
        assert model.counts is None
        assert "--monitoring_config_file" in seen.untold["counts"]


def test_nobody_there(tmp_path: Path) -> None:
    with Client(f"http://127.0.0.1:{free_port()}") as client:
        with pytest.raises(Unavailable):
            observe(client)
        with pytest.raises((Unavailable, DeadlineExceeded)):
            Observer(client, ["m"]).observe(0.0)


@pytest.mark.parametrize("document", [None, [], {}, {"bounds": {}}, {"bounds": {"micros": 3}}])
def test_what_is_no_overview(document: object) -> None:
    with pytest.raises(Internal, match="no overview"):
        observation_of(document, 0.0)


def test_a_page_that_is_none() -> None:
    for text in ("", "<html>", ":tensorflow:serving:request_count{", "\x00"):
        found = page_counts(text)
        assert (dict(found.models), found.batches) == ({}, None)
    page = (
        ':tensorflow:serving:request_count{model_name="a\\"b\\\\",status="OK"} 3\n'
        ':tensorflow:serving:request_count{model_name="a\\"b\\\\",status="NOT_FOUND"} 2\n'
        ':tensorflow:serving:request_count{model_name="",status="OK"} 7\n'
        ':tensorflow:serving:request_count{model_name="x",status="OK"} many\n'
    )
    [(name, counted)] = page_counts(page).models.items()
    assert name == 'a"b\\'
    assert (counted.requests, counted.errors, counted.latency_micros.number) == (5, 2, 0)
