"""When a graph is small enough to run on the calling thread.

TensorFlow's inline inter-op pool saves the hand-over to another thread (about
8 µs of 40, and threads that look for work meanwhile), and takes away that
independent ops run at the same time. So it serves graphs that were measured small,
and no longer than they stay so.
"""

from __future__ import annotations

from typing import Final

__all__ = ["InlinePool"]

SAMPLES: Final = 8
TRIALS: Final = 8
SMALL_SECONDS: Final = 0.0005
LARGE_SECONDS: Final = 0.005


class InlinePool:
    """Decides by the runs seen so far; one a signature.

    The first :data:`SAMPLES` runs use TensorFlow's pool. If the shortest of them took
    less than :data:`LARGE_SECONDS`, the next :data:`TRIALS` are inline. If the shortest
    of these took the thread at most :data:`SMALL_SECONDS`, it stays so, until one run
    takes :data:`LARGE_SECONDS` (a larger input came), which ends it for good.

    An inline run is judged by the time its thread has worked: on a busy machine most
    of the time that passes is waiting for the interpreter's lock.

    Threads may call without a lock: a lost sample delays the decision, no more.
    """

    __slots__ = ("_seen", "_shortest", "inline")

    def __init__(self) -> None:
        self.inline = False
        self._seen = 0
        self._shortest = float("inf")

    def record(self, seconds: float, *, inline: bool) -> None:
        """Take note of a run, and of the pool it ran on.

        Args:
            seconds: of an inline run those its thread has worked, else those that passed.
            inline: whether it ran on its own thread.
        """
        if inline and seconds >= LARGE_SECONDS:
            self.inline = False
            self._seen = SAMPLES + TRIALS
        if self._seen >= SAMPLES + TRIALS or inline != self.inline:
            return
        self._seen += 1
        self._shortest = min(self._shortest, seconds)
        if self._seen == SAMPLES:
            self.inline = self._shortest < LARGE_SECONDS
            if not self.inline:
                self._seen = SAMPLES + TRIALS
            self._shortest = float("inf")
        elif self._seen == SAMPLES + TRIALS:
            self.inline = self._shortest <= SMALL_SECONDS
