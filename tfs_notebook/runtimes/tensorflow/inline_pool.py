"""When a graph is small enough to run on the calling thread.

TensorFlow's inline inter-op pool saves the hand-over to another thread (about
8 µs of 40, and threads that look for work meanwhile, which take a fifth of a busy
server's processor time), and takes away that independent ops run at the same time.
So it serves graphs that were measured small, and no longer than they stay so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

__all__ = ["LARGE_RUNS", "LARGE_SECONDS", "SAMPLES", "SMALL_SECONDS", "TRIALS", "InlinePool"]

SAMPLES: Final = 8
TRIALS: Final = 8
SMALL_SECONDS: Final = 0.0005
LARGE_SECONDS: Final = 0.005
LARGE_RUNS: Final = 3
_LONGER: Final = 8
_LONGEST: Final = 2**16

_Clock = Callable[[], float]


class InlinePool:
    """Decides by the runs seen so far; one a signature.

    The first :data:`SAMPLES` runs use TensorFlow's pool. If the shortest of them took
    less than :data:`LARGE_SECONDS`, the next :data:`TRIALS` are inline. If the shortest
    of these took the thread at most :data:`SMALL_SECONDS`, it stays so, until
    :data:`LARGE_RUNS` in succession take the thread :data:`LARGE_SECONDS` (larger inputs
    came). Wherever it ends, it is tried again after eight times as many runs as before:
    on a busy machine the first runs may all have been kept waiting.

    An inline run is judged by the time its thread has worked: on a busy machine most
    of the time that passes is waiting for the interpreter's lock. That clock takes as
    long as a tenth of a small run, so it is used where something depends on it.

    Threads may call without a lock: a lost sample delays the decision, no more.

    Attributes:
        inline: whether the next run is to be made on its own thread.
        clock: what the next run is to be measured by.
    """

    __slots__ = ("_large", "_patience", "_seen", "_settled", "_shortest", "clock", "inline")

    def __init__(self) -> None:
        self.inline = False
        self.clock: _Clock = time.perf_counter
        self._settled = False
        self._patience = SAMPLES
        self._large = self._seen = 0
        self._shortest = float("inf")

    def record(self, seconds: float, clock: _Clock) -> None:
        """Take note of a run.

        Args:
            seconds: that it took.
            clock: that says so; one that has been replaced meanwhile says nothing.
        """
        if clock is not self.clock:
            return
        if self._settled:
            self._watch(seconds)
            return
        self._seen += 1
        self._shortest = min(self._shortest, seconds)
        if self._seen < (TRIALS if self.inline else self._patience):
            return
        shortest = self._shortest
        self._seen, self._shortest = 0, float("inf")
        if self.inline:
            self._end_trial(shortest)
        elif shortest < LARGE_SECONDS:
            self.inline, self.clock = True, time.thread_time

    def _end_trial(self, shortest: float) -> None:
        if shortest <= SMALL_SECONDS:
            self._settled = True
            self.clock = time.perf_counter
        else:
            self._leave()

    def _watch(self, seconds: float) -> None:
        if seconds < LARGE_SECONDS:
            self._large = 0
            self.clock = time.perf_counter
        elif self.clock is time.perf_counter:
            # It may have waited, or worked; the next one tells.
            self.clock = time.thread_time
        else:
            self._large += 1
            if self._large >= LARGE_RUNS:
                self._leave()

    def _leave(self) -> None:
        self.inline = self._settled = False
        self.clock = time.perf_counter
        self._large = 0
        self._patience = min(self._patience * _LONGER, _LONGEST)
