"""What it costs to look a model up and take hold of it, and to count what it is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figures import Figure
from tfs_notebook.lifecycle import (
    AspiredVersionsManager,
    CachingManager,
    ServableData,
    ServableId,
    ServableRequest,
    SimpleLoader,
)
from tfs_notebook.serving.statistics import Statistics

__all__ = ["measure"]

_NAMES = 1000
_CALLS = 20_000
_ROUNDS = 30
_AT_MOST = 2.0


def measure(folder: Path) -> Iterator[Figure]:
    """Look the latest version of one of a thousand names up, and release it."""
    del folder
    names = [f"model_{number}" for number in range(_NAMES)]
    request = ServableRequest.latest(names[_NAMES // 2])
    with AspiredVersionsManager[str]() as manager:
        for name in names:
            manager.set_aspired_versions(name, [_version(name)])
        manager.wait_until_settled(names)
        cost = _cost(lambda: manager.handle(request).release())
        yield Figure("lookup", "handle", cost, "µs", at_most=_AT_MOST)
    with CachingManager[str]() as cache:
        for name in names:
            cache.set_aspired_versions(name, [_version(name)])
        cache.handle(request).release()
        cost = _cost(lambda: cache.handle(request).release())
        yield Figure("lookup", "handle, cached", cost, "µs", at_most=_AT_MOST)
    statistics = Statistics()
    cost = _cost(lambda: statistics.counter(names[0], 1, "serving_default").timed(_nothing))
    yield Figure("lookup", "counting", cost, "µs", at_most=_AT_MOST)


def _nothing() -> None:
    """What is counted."""


def _version(name: str) -> ServableData[SimpleLoader[str]]:
    return ServableData.of(ServableId(name, 1), SimpleLoader(lambda: name))


def _cost(step: Callable[[], None]) -> float:
    """Microseconds of one step; the best round, which nothing disturbed."""
    best = float("inf")
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        for _ in range(_CALLS):
            step()
        best = min(best, (time.perf_counter() - started) / _CALLS)
    return best * 1e6
