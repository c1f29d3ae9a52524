"""When a graph is small enough to run on the calling thread.

TensorFlow's inline inter-op pool saves the hand-over to another thread (about
8 µs of 40), and takes away that independent ops run at the same time. So it
serves graphs that were measured small, and no longer than they stay so.
"""

from __future__ import annotations

from typing import Final

__all__ = ["InlinePool"]

SAMPLES: Final = 16
SMALL_SECONDS: Final = 0.0002
LARGE_SECONDS: Final = 0.005


class InlinePool:
    """Decides by the runs seen so far; one a signature.

    The first :data:`SAMPLES` runs use TensorFlow's pool. If the shortest of them
    took at most :data:`SMALL_SECONDS`, the inline pool takes over, until one run
    takes :data:`LARGE_SECONDS` (a larger input came), which ends it for good.
    Threads may call without a lock: a lost sample delays the decision, no more.
    """

    __slots__ = ("_seen", "_shortest", "inline")

    def __init__(self) -> None:
        self.inline = False
        self._seen = 0
        self._shortest = float("inf")

    def record(self, seconds: float, *, inline: bool) -> None:
        """Take note of a run, and of the pool it ran on."""
        if inline:
            if seconds >= LARGE_SECONDS:
                self.inline = False
        elif self._seen < SAMPLES:
            self._seen += 1
            self._shortest = min(self._shortest, seconds)
            self.inline = self._seen == SAMPLES and self._shortest <= SMALL_SECONDS
