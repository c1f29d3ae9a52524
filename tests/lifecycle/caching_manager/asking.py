"""Caches on a manual clock, and requests that wait for them on threads of their own."""

from __future__ import annotations

import threading
import time

from tfs_notebook.lifecycle.cache_options import CacheOptions
from tfs_notebook.lifecycle.manager_options import ManagerOptions
from tfs_notebook.lifecycle.servable import ServableHandle, ServableRequest
from tfs_notebook.lifecycle.testing import CacheBench, FakeLoader
from tfs_notebook.lifecycle.transition_policy import resource_preserving
from tfs_notebook.wire.errors import ServingError

PATIENCE = 60.0


class Asking:
    """A request on a thread of its own."""

    def __init__(
        self, bench: CacheBench, request: ServableRequest, timeout: float | None = None
    ) -> None:
        self._bench = bench
        self.handle: ServableHandle[str] | None = None
        self.error: ServingError | None = None

        def ask() -> None:
            try:
                self.handle = bench.cache.handle(request, timeout)
            except ServingError as exc:
                self.error = exc

        self._thread = threading.Thread(target=ask, daemon=True)
        self._thread.start()

    def result(self, *, settle: bool = True) -> ServableHandle[str]:
        """What it came to, once it has; runs what it waits for."""
        end = time.monotonic() + PATIENCE
        while settle and self._thread.is_alive() and time.monotonic() < end:
            self._bench.settle()
            self._thread.join(0.001)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        if self.error is not None:
            raise self.error
        assert self.handle is not None
        return self.handle

    @property
    def waits(self) -> bool:
        return self._thread.is_alive()


def latest(name: str = "m") -> ServableRequest:
    return ServableRequest.latest(name)


def ask(
    bench: CacheBench, request: ServableRequest, timeout: float | None = None, number: int = 1
) -> Asking:
    """Ask, and let it come to where it waits; ``number`` requests wait then."""
    asking = Asking(bench, request, timeout)
    bench.clock.wait_for_sleeper(number)
    return asking


def get(bench: CacheBench, request: ServableRequest) -> str:
    """Ask, load what is needed, and give the hold back at once."""
    handle = bench.cache.loaded(request)
    if handle is None:
        handle = Asking(bench, request).result()
    with handle:
        return handle.servable


def loaded(bench: CacheBench) -> list[str]:
    return [f"{id_.name}{id_.version}" for id_ in bench.manager.available_ids()]


def cache_of(
    limit: int | None = None, policy: str = "", retries: int = 0, **cache: object
) -> CacheBench:
    options = ManagerOptions(
        total_model_memory_limit_bytes=limit, max_num_load_retries=retries, num_load_threads=4
    )
    if policy:
        options = ManagerOptions(transition_policy=resource_preserving)
    return CacheBench(options, CacheOptions(**cache))  # type: ignore[arg-type]


def three(bench: CacheBench, estimate: int | None = None) -> dict[str, FakeLoader]:
    loaders = {name: FakeLoader(name, estimate=estimate) for name in "abc"}
    for name, loader in loaders.items():
        bench.know(name, v1=loader)
    return loaders
