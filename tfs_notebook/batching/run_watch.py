"""Sees when a run of a model hangs, and writes it off."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final, Protocol, TypeVar

from tfs_notebook.wire.errors import DeadlineExceeded, ServingError

__all__ = ["Replace", "RunWatch", "WatchedRun", "Watches", "WrittenOff"]

T = TypeVar("T")

_log = logging.getLogger(__name__)

_LOOKS_A_LIMIT: Final = 4
_STOP_SECONDS: Final = 1.0

Replace = Callable[[int, ServingError], bool]
"""Gives a pool's thread, by its ``ident``, up for lost: the pool goes on with another.

Returns whether it is one of the pool's. The thread ends when its run comes back.
"""


class WrittenOff(DeadlineExceeded):
    """A run took longer than it may; all who waited for it have been told."""

    def __init__(self, what: str, limit: float) -> None:
        super().__init__(
            f"the run of {what} took longer than the {limit:g} s of --run_limit_seconds and "
            "was written off"
        )


class WatchedRun:
    """One run of a model, on the thread that makes it.

    Attributes:
        since: when it began, in seconds of the watch's clock.
        thread: the ``ident`` of its thread.
    """

    __slots__ = ("since", "thread")

    since: float
    thread: int

    def describe(self) -> str:
        """What runs, for the log."""
        raise NotImplementedError

    def write_off(self, error: ServingError) -> None:
        """Answer whoever waits with the error; what the run uses stays in memory.

        Called on the watch's thread, while the run goes on. Must not block.
        """
        raise NotImplementedError

    def come_back(self) -> None:
        """It has ended after all: let go of what it used. Called on its own thread."""
        raise NotImplementedError


class Watches(Protocol):
    """Sees whether a run hangs."""

    def run(self, run: WatchedRun, work: Callable[[], T]) -> T:
        """See :meth:`RunWatch.run`."""


class RunWatch:
    """Knows which runs are under way, and writes those off that take too long.

    A run in a native library cannot be broken off. So it is left alone with its
    thread and all it uses; whoever waits for it is answered, and its pool gets
    another thread. If it comes back one day, its thread ends.

    A run ends exactly once: its thread and the watch both try to take it out of a
    dictionary, which is atomic, and whoever gets it decides.

    The watch has one daemon thread. It sleeps while nothing runs, and wakes four
    times a limit while something does; so a run is written off after 1 to 1.25
    limits. Any thread may call any method; only :meth:`stop` blocks.
    """

    def __init__(
        self,
        limit: float,
        name: str = "tfs-run-watch",
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Watch nothing yet.

        Args:
            limit: seconds that a run may take; 0 for as long as it likes.
            name: of the thread.
            clock: time in seconds; tests put their own in place.
        """
        self.limit = limit
        self._clock = clock
        self._name = name
        self._under_way: dict[WatchedRun, None] = {}
        self._pools: list[Replace] = []
        self._starting = threading.Lock()
        # Held while runs are written off: one that comes back waits until it is whole.
        self._writing_off = threading.Lock()
        # None: there is something to watch; True: stop.
        self._news: SimpleQueue[bool | None] = SimpleQueue()
        self._resting = limit > 0
        self._stopped = False
        self._thread: threading.Thread | None = None

    @property
    def is_resting(self) -> bool:
        """Whether it sleeps until a run begins."""
        return self._resting

    def add_pool(self, replace: Replace) -> None:
        """Take note of a pool whose threads make runs."""
        self._pools.append(replace)

    # -- on the threads that run -----------------------------------------------

    def run(self, run: WatchedRun, work: Callable[[], T]) -> T:
        """Do ``work``, and return, or raise, what it gives; blocks.

        Raises:
            WrittenOff: it took too long. Its result is nobody's, and so is this thread.
        """
        self.begin(run)
        try:
            return work()
        finally:
            if not self.end(run):
                raise WrittenOff(run.describe(), self.limit)

    def begin(self, run: WatchedRun) -> None:
        """A run begins, on this thread."""
        run.since = self._clock()
        run.thread = threading.get_ident()
        self._under_way[run] = None
        # After the run is there to be seen: see _watch.
        if self._resting:
            self._wake()

    def end(self, run: WatchedRun) -> bool:
        """A run has ended, on this thread.

        Returns:
            whether it is still wanted. If not, it has been written off: its result is
            nobody's, and so is this thread.
        """
        if self._under_way.pop(run, self) is None:
            return True
        with self._writing_off:
            run.come_back()
        _log.warning(
            "the run of %s that was written off has come back after %.1f s; its answer is "
            "dropped, and what it used is let go",
            run.describe(),
            self._clock() - run.since,
        )
        return False

    def _wake(self) -> None:
        with self._starting:
            if not self._resting or self._stopped:
                return
            self._resting = False
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._watch, name=self._name, daemon=True
                )
                self._thread.start()
            else:
                self._news.put(None)

    # -- on its own thread -----------------------------------------------------

    def _watch(self) -> None:
        pause = self.limit / _LOOKS_A_LIMIT
        while not self._stopped:
            before = self._clock()
            with suppress(Empty):
                if self._news.get(timeout=pause):
                    return
            now = self._clock()
            if now - before > 2 * pause:
                self._forgive(now - before - pause, now)
            self.look(now)
            # First it says that it rests, then it looks whether anything runs; who
            # begins a run does both in the opposite order, so one sees the other.
            self._resting = True
            if self._under_way:
                self._resting = False
            elif self._news.get():
                return

    def _forgive(self, lost: float, now: float) -> None:
        # The whole process has stood still, in a paused container say.
        for run in self._under_way.copy():
            run.since = min(run.since + lost, now)

    def look(self, now: float) -> None:
        """Write off what has been running for too long, at this time."""
        for run in self._under_way.copy():
            if now - run.since > self.limit:
                with self._writing_off:
                    if self._under_way.pop(run, self) is None:
                        self._write_off(run, now - run.since)

    def _write_off(self, run: WatchedRun, seconds: float) -> None:
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        _log.error(
            "the run of %s on thread %s has taken %.1f s, and is written off "
            "(--run_limit_seconds=%g): those who wait get an error, another thread takes its "
            "place, and its model stays in memory for as long as it goes on. A run cannot be "
            "broken off: restart the server to have the memory back",
            run.describe(),
            names.get(run.thread, "?"),
            seconds,
            self.limit,
        )
        error = WrittenOff(run.describe(), self.limit)
        try:
            run.write_off(error)
            any(replace(run.thread, error) for replace in self._pools)
        except Exception:  # noqa: BLE001
            # The next one that hangs is to be seen too.
            _log.exception("the run of %s could not be written off", run.describe())

    def stop(self) -> None:
        """End the thread; blocks for a moment. What runs is not watched any more."""
        with self._starting:
            self._stopped = True
            self._resting = False
            thread = self._thread
        self._news.put(True)
        if thread is not None and thread is not threading.current_thread():
            thread.join(_STOP_SECONDS)
