"""How often something happened within the last second and the last minute."""

from __future__ import annotations

from typing import Final

import numpy as np

__all__ = ["RecentCounts"]

_SECONDS: Final = 60


class RecentCounts:
    """Counts by the second, for a minute. Not safe for threads; its owner holds a lock."""

    __slots__ = ("_counts", "_latest")

    def __init__(self) -> None:
        self._counts = [0] * (_SECONDS + 1)
        self._latest = 0

    def add(self, times: np.ndarray) -> None:
        """Count what happened at these times, in seconds, of shape ``[n]``."""
        if not len(times):
            return
        seconds = times.astype(np.int64)
        self._forget_until(int(seconds.max()))
        places = seconds[seconds > self._latest - len(self._counts)] % len(self._counts)
        for place, number in enumerate(np.bincount(places).tolist()):
            self._counts[place] += number

    def _forget_until(self, second: int) -> None:
        for stale in range(max(self._latest + 1, second - _SECONDS), second + 1):
            self._counts[stale % len(self._counts)] = 0
        self._latest = max(self._latest, second)

    def a_second(self, now: float, seconds: int) -> float:
        """How often a second, in the last ``seconds`` whole ones before ``now``; at most 60."""
        self._forget_until(int(now))
        if seconds == _SECONDS:
            # All that is kept, but for the second that goes on.
            kept = sum(self._counts) - self._counts[self._latest % len(self._counts)]
            return kept / seconds
        wanted = range(self._latest - seconds, self._latest)
        return sum(self._counts[second % len(self._counts)] for second in wanted) / seconds
