"""Stand-ins for time, threads and models, to test what is built on the lifecycle.

With these a test decides when time passes and when a load ends, so it can
bring about any order of events, and never sleeps.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final, TypeVar

from tfs_notebook.lifecycle.cache_options import CacheOptions
from tfs_notebook.lifecycle.caching_manager import CachingManager
from tfs_notebook.lifecycle.event_bus import EventBus
from tfs_notebook.lifecycle.loader import Loader
from tfs_notebook.lifecycle.manager import AspiredVersionsManager
from tfs_notebook.lifecycle.manager_options import ManagerOptions
from tfs_notebook.lifecycle.servable import ServableData, ServableId, ServableRequest
from tfs_notebook.lifecycle.servable_state import ServableState
from tfs_notebook.wire.errors import NotFound, ServingError

__all__ = ["CacheBench", "FakeLoader", "ManagerBench", "ManualClock", "ManualJobs", "items_of"]

M = TypeVar("M")

_QUIET_TURNS: Final = 3
_MANY_JOBS: Final = 2000
_PATIENCE: Final = 30.0
"""Real seconds after which a test that waits for another thread has failed."""


def _time_has_passed() -> None:
    """A message without meaning; callable, because the manager calls its messages."""


class ManualClock:
    """A clock that stands still until it is told to advance. Any thread may call it."""

    def __init__(self, start: float = 1000.0) -> None:
        self._now = start
        self._changed = threading.Condition()
        self._sleepers: dict[object, tuple[float, queue.SimpleQueue[Any]]] = {}

    def monotonic(self) -> float:
        """See ``Clock.monotonic``."""
        return self._now

    def time(self) -> float:
        """See ``Clock.time``."""
        return self._now

    def receive(self, inbox: queue.SimpleQueue[M], timeout: float | None) -> M | None:
        """See ``Clock.receive``. Blocks until a message or until the clock has advanced."""
        key = object()
        with self._changed:
            deadline = None if timeout is None else self._now + timeout
            if deadline is not None:
                self._sleepers[key] = (deadline, inbox)
                self._changed.notify_all()
        try:
            while deadline is None or self._now < deadline:
                message = inbox.get()
                if message is not _time_has_passed:
                    return message
            return None
        finally:
            with self._changed:
                self._sleepers.pop(key, None)

    def advance(self, seconds: float) -> None:
        """Let time pass, and wake up whom it concerns."""
        with self._changed:
            self._now += seconds
            for deadline, inbox in self._sleepers.values():
                if deadline <= self._now:
                    inbox.put(_time_has_passed)

    def wait_for_sleeper(self, number: int = 1) -> float:
        """Wait until so many threads sleep; returns for how many seconds of this clock."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._sleepers) >= number, _PATIENCE):
                raise TimeoutError(f"{number} thread(s) were to sleep on the clock")
            return min(deadline for deadline, _ in self._sleepers.values()) - self._now


class ManualJobs:
    """Holds loads and unloads back until they are told to run. For one thread."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, Callable[[], None]]] = []

    def start(self, name: str, job: Callable[[], None]) -> None:
        """See ``JobRunner.start``."""
        self._waiting.append((name, job))

    def join(self, _timeout: float, /) -> tuple[str, ...]:
        """See ``JobRunner.join``."""
        return self.names

    @property
    def names(self) -> tuple[str, ...]:
        """The jobs that wait, in the order they were started."""
        return tuple(name for name, _ in self._waiting)

    def run(self, index: int = 0) -> None:
        """Run one of them, on this thread."""
        _, job = self._waiting.pop(index)
        job()


class FakeLoader:
    """A loader of a text, which keeps count. Any thread may look at it.

    Attributes:
        estimate: what it says it needs, in bytes; may be changed at any time.
        estimates: how often it was asked.
        loads: how often ``load`` was called.
        unloads: how often ``unload`` was called.
        loaded: whether it is in memory.
        gate: ``load`` waits for it; closed by tests that hold a load up.
        unload_gate: the same for ``unload``.
        entered: set while or after a load has begun.
    """

    def __init__(
        self,
        servable: str = "servable",
        *,
        origin: Hashable = None,
        failures: Iterable[BaseException] = (),
        estimate: int | None = None,
        post_load_estimate: int | None = None,
        estimate_failures: Iterable[BaseException] = (),
    ) -> None:
        """Make one whose first loads fail with ``failures``, one after the other."""
        self._servable = servable
        self._origin = origin
        self._failures = list(failures)
        self.estimate = estimate
        self._post_load_estimate = post_load_estimate
        self._estimate_failures = list(estimate_failures)
        self.estimates = 0
        self.loads = 0
        self.unloads = 0
        self.loaded = False
        self.gate = threading.Event()
        self.gate.set()
        self.unload_gate = threading.Event()
        self.unload_gate.set()
        self.entered = threading.Event()

    @property
    def origin(self) -> Hashable:
        """See ``Loader.origin``."""
        return self._origin

    @property
    def servable(self) -> str:
        """See ``Loader.servable``."""
        if not self.loaded:
            raise AssertionError("asked for a servable that is not loaded")
        return self._servable

    def estimate_resources(self) -> int | None:
        """See ``Loader.estimate_resources``."""
        self.estimates += 1
        if self._estimate_failures:
            raise self._estimate_failures.pop(0)
        return self.estimate

    def load(self) -> None:
        """See ``Loader.load``."""
        self.loads += 1
        self.entered.set()
        self.gate.wait(_PATIENCE)
        if self._failures:
            raise self._failures.pop(0)
        self.loaded = True
        if self._post_load_estimate is not None:
            self.estimate = self._post_load_estimate

    def unload(self) -> None:
        """See ``Loader.unload``."""
        self.unloads += 1
        self.unload_gate.wait(_PATIENCE)
        self.loaded = False


def items_of(
    name: str, **versions: Loader[str] | ServingError
) -> list[ServableData[Loader[str]]]:
    """The list of aspired versions that ``v1=loader, v2=error`` and so on stands for."""
    items: list[ServableData[Loader[str]]] = []
    for key, value in versions.items():
        id_ = ServableId(name, int(key.removeprefix("v")))
        if isinstance(value, ServingError):
            items.append(ServableData.failed(id_, value))
        else:
            items.append(ServableData.of(id_, value))
    return items


class ManagerBench:
    """A manager without threads, on a clock and with jobs that the test runs."""

    def __init__(self, options: ManagerOptions | None = None) -> None:
        self.clock = ManualClock()
        self.jobs = ManualJobs()
        self.bus: EventBus[ServableState] = EventBus()
        self.events: list[ServableState] = []
        self.bus.subscribe(self.events.append)
        self.manager = self._make_manager(options)

    def _make_manager(self, options: ManagerOptions | None) -> AspiredVersionsManager[str]:
        return AspiredVersionsManager(options, bus=self.bus, clock=self.clock, jobs=self.jobs)

    def aspire(self, name: str, **versions: Loader[str] | ServingError) -> None:
        """Aspire ``v1=loader, v2=error`` and so on, and let the manager look at it."""
        self.manager.set_aspired_versions(name, items_of(name, **versions))
        self.manager.turn()

    def run_job(self, index: int = 0) -> None:
        """Run one waiting load or unload, and let the manager look at its result."""
        self.jobs.run(index)
        self.manager.turn()

    def settle(self) -> None:
        """Run all jobs, and those that follow from them."""
        quiet = jobs = 0
        # What the manager tells itself, or a cache tells it, at the end of a turn
        # is for the next one.
        while quiet < _QUIET_TURNS:
            self.manager.turn()
            quiet += 1
            if self.jobs.names:
                self.jobs.run()
                quiet = 0
                jobs += 1
                if jobs > _MANY_JOBS:
                    raise AssertionError("This never comes to rest")

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and let the manager look at the clock."""
        self.clock.advance(seconds)
        self.manager.turn()

    def served(self, name: str, version: int | None = None) -> str | None:
        """What a request would get, None for nothing."""
        request = (
            ServableRequest.latest(name)
            if version is None
            else ServableRequest.specific(name, version)
        )
        try:
            with self.manager.handle(request) as handle:
                return handle.servable
        except NotFound:
            return None

    def steps(self) -> list[tuple[str, int, str]]:
        """The states published so far, as ``("m", 1, "AVAILABLE")``."""
        return [(e.id.name, e.id.version, e.state.name) for e in self.events]

    def states_of(self, name: str, version: int) -> list[str]:
        """The states published of one id."""
        return [state for *id_, state in self.steps() if id_ == [name, version]]

    def last_error(self, name: str, version: int) -> str | None:
        """The error of the last state published of an id, with its code."""
        events = [e for e in self.events if (e.id.name, e.id.version) == (name, version)]
        error = events[-1].error
        return None if error is None else error.status_text


class CacheBench(ManagerBench):
    """A cache without threads of its own, on a clock and with jobs that the test runs."""

    def __init__(
        self, options: ManagerOptions | None = None, cache: CacheOptions | None = None
    ) -> None:
        self._cache_options = cache
        super().__init__(options)

    def _make_manager(self, options: ManagerOptions | None) -> AspiredVersionsManager[str]:
        self.cache: CachingManager[str] = CachingManager(
            options, self._cache_options, bus=self.bus, clock=self.clock, jobs=self.jobs
        )
        return self.cache.manager

    def know(self, name: str, **versions: Loader[str] | ServingError) -> None:
        """Let the cache know of ``v1=loader, v2=error`` and so on."""
        self.cache.set_aspired_versions(name, items_of(name, **versions))
        self.settle()
