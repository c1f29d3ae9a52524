"""How often each signature of each version was run, how long that took, how it went."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from tfs_notebook.batching.batcher import BatchRun
from tfs_notebook.lifecycle import ManagerState, ServableId, ServableState

__all__ = ["SignatureStatistics", "Statistics"]

_T = TypeVar("_T")

_FOLD_AT: Final = 1024
_ENDED_KEPT: Final = 200
_A_SECOND: Final = 1e9


@dataclass(frozen=True, slots=True)
class SignatureStatistics:
    """What was counted of one signature of one version.

    Attributes:
        model: its name.
        version: its number.
        signature: the name of the signature.
        requests: all of them.
        errors: those of them that failed.
        seconds: what those took that succeeded, all together.
        error_seconds: what those took that failed, all together.
        last: when the last one ended, in seconds since the epoch.
    """

    model: str
    version: int
    signature: str
    requests: int
    errors: int
    seconds: float
    error_seconds: float
    last: float


class _Counter:
    """Adds up samples. Any thread may add, and none waits for another to do so.

    A sample is put in a queue, which is atomic; whoever finds many there adds them
    up, unless somebody else is at it.
    """

    __slots__ = ("_adding_up", "_errors", "_failed_ns", "_last", "_ns", "_requests", "_samples")

    def __init__(self) -> None:
        self._samples: deque[tuple[int, bool, float]] = deque()
        self._adding_up = threading.Lock()
        self._requests = self._errors = self._ns = self._failed_ns = 0
        self._last = 0.0

    def add(self, nanoseconds: int, *, failed: bool) -> None:
        samples = self._samples
        samples.append((nanoseconds, failed, time.time()))
        if len(samples) > _FOLD_AT and self._adding_up.acquire(blocking=False):
            try:
                self._add_up()
            finally:
                self._adding_up.release()

    def _add_up(self) -> None:
        samples = self._samples
        while samples:
            nanoseconds, failed, when = samples.popleft()
            self._requests += 1
            self._last = max(self._last, when)
            if failed:
                self._errors += 1
                self._failed_ns += nanoseconds
            else:
                self._ns += nanoseconds

    def read(self, model: str, version: int, signature: str) -> SignatureStatistics:
        with self._adding_up:
            self._add_up()
            return SignatureStatistics(
                model,
                version,
                signature,
                self._requests,
                self._errors,
                self._ns / _A_SECOND,
                self._failed_ns / _A_SECOND,
                self._last,
            )


class Statistics:
    """Counts the requests of all models. Any thread may call any method.

    What was counted of a version is kept while it serves, and of those that have
    ended for the last few hundred.
    """

    def __init__(self) -> None:
        self._counters: dict[tuple[str, int, str], _Counter] = {}
        self._ending = threading.Lock()
        self._ended: OrderedDict[ServableId, None] = OrderedDict()

    def timed(self, model: str, version: int, signature: str, work: Callable[[], _T]) -> _T:
        """Do ``work``, count it, and return, or raise, what it gives."""
        started = time.perf_counter_ns()
        try:
            result = work()
        except BaseException:
            self.add(model, version, signature, time.perf_counter_ns() - started, failed=True)
            raise
        self.add(model, version, signature, time.perf_counter_ns() - started, failed=False)
        return result

    def add(
        self, model: str, version: int, signature: str, nanoseconds: int, *, failed: bool
    ) -> None:
        """Count one request, which has just ended; never waits."""
        key = (model, version, signature)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters.setdefault(key, _Counter())
        counter.add(nanoseconds, failed=failed)

    def add_run(self, model: str, version: int, signature: str, run: BatchRun) -> None:
        """Count one run of a batch, on the thread that made it."""

    def read(
        self, model: str | None = None, version: int | None = None
    ) -> tuple[SignatureStatistics, ...]:
        """What was counted, of one model or version or of all, ordered by what it is of."""
        # A copy, because requests may add to the dictionary meanwhile.
        counters = sorted(self._counters.copy().items())
        return tuple(
            counter.read(*key)
            for key, counter in counters
            if model in (None, key[0]) and version in (None, key[1])
        )

    def on_state(self, state: ServableState) -> None:
        """Hear which versions have ended; for the bus of the states."""
        with self._ending:
            if state.state is ManagerState.AVAILABLE:
                self._ended.pop(state.id, None)
            elif state.state is ManagerState.END:
                self._ended[state.id] = None
                self._ended.move_to_end(state.id)
                while len(self._ended) > _ENDED_KEPT:
                    self._forget(self._ended.popitem(last=False)[0])

    def _forget(self, id_: ServableId) -> None:
        for key in [key for key in self._counters.copy() if key[:2] == (id_.name, id_.version)]:
            self._counters.pop(key, None)
