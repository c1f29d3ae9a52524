"""What it costs to look a model up and take hold of it, with and without a cache."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figures import Figure
from tfs_notebook.lifecycle import (
    AspiredVersionsManager,
    CachingManager,
    ServableData,
    ServableHandle,
    ServableId,
    ServableRequest,
    SimpleLoader,
)

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
        yield Figure("lookup", "handle", _cost(manager.handle, request), "µs", at_most=_AT_MOST)
    with CachingManager[str]() as cache:
        for name in names:
            cache.set_aspired_versions(name, [_version(name)])
        cache.handle(request).release()
        cost = _cost(cache.handle, request)
        yield Figure("lookup", "handle, cached", cost, "µs", at_most=_AT_MOST)


def _version(name: str) -> ServableData[SimpleLoader[str]]:
    return ServableData.of(ServableId(name, 1), SimpleLoader(lambda: name))


def _cost(
    handle: Callable[[ServableRequest], ServableHandle[str]], request: ServableRequest
) -> float:
    """Microseconds of one look-up and release; the best round, which nothing disturbed."""
    best = float("inf")
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        for _ in range(_CALLS):
            handle(request).release()
        best = min(best, (time.perf_counter() - started) / _CALLS)
    return best * 1e6
