"""Load from the client: what is measured, and what ends it."""

from __future__ import annotations

import _thread
import threading
from collections import Counter
from typing import Any

import numpy as np
import pytest

from tests.server_process import ServerProcess
from tfs_notebook.client import Client
from tfs_notebook.client.calls import run_steps
from tfs_notebook.client.load_test import run_load
from tfs_notebook.wire.errors import InvalidArgument, NotFound, ResourceExhausted


def test_levels(client: Client) -> None:
    record = client["half_plus_two"].bench([1.0, 2.0], concurrency=(1, 3), seconds=0.3)
    assert [level.concurrency for level in record.levels] == [1, 3]
    assert all(level.latencies for level in record.levels)
    assert not any(level.errors for level in record.levels)
    assert not record.was_interrupted
    frame = record.frame
    assert frame.index.tolist() == [1, 3]
    assert (frame["requests/s"] > 0).all()
    assert (frame["p50 ms"] <= frame["p99 ms"]).all()
    assert frame["errors"].tolist() == [0, 0]
    assert repr(record).startswith("half_plus_two, x: float [2]\nconcurrency  requests/s")
    assert "<table>" in record._repr_html_()
    assert not [one for one in threading.enumerate() if one.name == "tfs-load"]


def test_an_input_that_is_made_up(server: ServerProcess) -> None:
    with Client(server.grpc_address) as client:
        record = client["half_plus_two", "stable"].bench(concurrency=[1], seconds=0.1)
    assert record.model == "half_plus_two, label stable"
    assert record.request == "x: float [1, 1]"


def test_what_cannot_be_run(client: Client) -> None:
    half = client["half_plus_two"]
    with pytest.raises(NotFound):
        client["nobody"].bench(concurrency=[1], seconds=0.1)
    with pytest.raises(InvalidArgument, match="this would fit"):
        half.bench([[1.0], [1.0, 2.0]], concurrency=[1], seconds=0.1)
    with pytest.raises(InvalidArgument, match="numbers from 1 to 256"):
        half.bench(concurrency=[0])
    for none in (["1"], [], 1.5, None):
        with pytest.raises(InvalidArgument, match="numbers from 1 to 256"):
            half.bench(concurrency=none)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="more than 0"):
        half.bench(seconds=0)
    with pytest.raises(InvalidArgument, match="a number of seconds"):
        half.bench(seconds="1")  # type: ignore[arg-type]


@pytest.mark.parametrize("concurrency", [2, np.array([2]), range(2, 3)])
def test_forms_of_levels(client: Client, concurrency: Any) -> None:
    record = client["half_plus_two"].bench(concurrency=concurrency, seconds=0.05)
    assert [level.concurrency for level in record.levels] == [2]


class _Refused:
    """A call that is refused, and may interrupt the main thread."""

    def __init__(self, interrupts: bool) -> None:
        self._interrupts = interrupts

    def wait(self) -> None:
        if self._interrupts:
            _thread.interrupt_main()
        raise ResourceExhausted("enough")

    def start(self) -> object:
        raise NotImplementedError


def test_errors_are_counted() -> None:
    record = run_steps(run_load("m", "x", lambda: _Refused(False), [1], 0.1))  # type: ignore[arg-type,return-value]
    (level,) = record.levels
    assert Counter(level.errors)["RESOURCE_EXHAUSTED"] >= 1
    assert not level.latencies
    assert "RESOURCE_EXHAUSTED: enough" in repr(record)
    assert np.isnan(record.frame["p50 ms"].astype(float)[1])


def test_an_interrupt_returns_what_was_measured() -> None:
    record = run_steps(run_load("m", "x", lambda: _Refused(True), [1, 2], 60.0))  # type: ignore[arg-type,return-value]
    assert record.was_interrupted
    assert [level.concurrency for level in record.levels] == [1]
    assert "m, x (interrupted)" in repr(record)


def test_a_plot(client: Client) -> None:
    pytest.importorskip("matplotlib")
    record = client["half_plus_two"].bench(concurrency=[1, 2], seconds=0.1)
    plot = record.plot()
    assert plot._repr_png_().startswith(b"\x89PNG")
    assert plot.axes[1].lines[0].get_xdata().tolist() == [1, 2]


def test_two_loads_in_one_plot(client: Client) -> None:
    pytest.importorskip("matplotlib")
    half = client["half_plus_two"]
    before, after = (
        half.bench(concurrency=levels, seconds=0.05, title=title)
        for levels, title in (([1, 2], "before"), ([2, 4], "after"))
    )
    assert repr(after).startswith("after, x: float")
    time, throughput = before.plot(after).axes
    assert [line.get_label() for line in time.lines] == [
        "before, p50", "before, p95", "after, p50", "after, p95",
    ]  # fmt: skip
    assert [line.get_label() for line in throughput.lines] == ["before", "after"]
    assert throughput.lines[1].get_xdata().tolist() == [2, 4]
    assert [text.get_text() for text in time.get_xticklabels()] == ["1", "2", "4"]
