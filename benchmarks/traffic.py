"""What it costs to send requests by weights, and to copy them; and where nothing is said."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure
from tfs_notebook.config import ServerConfig
from tfs_notebook.demo.half_plus_two import write_half_plus_two
from tfs_notebook.lifecycle import All
from tfs_notebook.serving.model_control import LoadRequest
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.routing.split_documents import read_shadow, read_split
from tfs_notebook.serving.routing.status import (
    TrafficChanges,
)
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["measure"]

_CALLS = 100
_ROUNDS = 100
_NOTHING_IS_SAID_AT_MOST = 1.1


def measure(folder: Path) -> Iterator[Figure]:
    """Take hold of a version, and predict with it: as ever, by weights, and with copies."""
    for name in ("half", "other"):
        for version in (1, 2):
            write_half_plus_two(folder / name, version)
    server = ModelServer(ServerConfig(model_control="explicit"))
    server.start()
    try:
        for name in ("half", "other"):
            server.load(name, LoadRequest(str(folder / name), policy=All()))
        yield from _figures(server)
    finally:
        server.stop(10)


def _figures(server: ModelServer) -> Iterator[Figure]:
    weights = TrafficChanges({"": read_split({"1": 95, "2": 5})})
    hold = partial(_hold, server)
    predict = partial(server.predict, "half", np.ones(1, np.float32), key="user-1")
    plain = _cost(hold)
    yield Figure("traffic", "hold, nothing is said", plain, "µs")
    yield Figure("traffic", "predict, nothing is said", _cost(predict), "µs")
    server.change_traffic("other", weights)
    beside = _cost(hold)
    yield Figure(
        "traffic",
        "hold, something is said of another model beside nothing",
        beside / plain,
        "×",
        at_most=_NOTHING_IS_SAID_AT_MOST,
    )
    server.change_traffic("half", weights)
    yield Figure("traffic", "hold, by weights", _cost(hold), "µs")
    yield Figure("traffic", "predict, by weights", _cost(predict), "µs")
    server.change_traffic("half", TrafficChanges({}, read_shadow(2)))
    yield Figure("traffic", "predict, by weights and copied", _cost(predict), "µs")


def _hold(server: ModelServer) -> None:
    with server.hold(ModelReference("half"), "user-1"):
        pass


def _cost(step: Callable[[], object]) -> float:
    """Microseconds of one step; the best round, which nothing disturbed."""
    best = float("inf")
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        for _ in range(_CALLS):
            step()
        best = min(best, (time.perf_counter() - started) / _CALLS)
    return best * 1e6
