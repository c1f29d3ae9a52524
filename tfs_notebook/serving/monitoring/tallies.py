"""Numbers that any thread may add to, and none waits for another to do so.

What is added is put in a queue, which is atomic; whoever finds many there adds them
up, unless somebody else is at it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import Final

import numpy as np

from tfs_notebook.serving.histogram import Buckets, Histogram

__all__ = ["Count", "Distribution"]

# So few that whoever adds them up, a loop say, is through in some tens of microseconds.
_FOLD_AT: Final = 256


class Count:
    """Only grows."""

    __slots__ = ("_added", "_adding_up", "_total")

    def __init__(self) -> None:
        self._added: deque[int] = deque()
        self._adding_up = threading.Lock()
        self._total = 0

    def add(self, amount: int = 1) -> None:
        """Add to it; never waits."""
        added = self._added
        added.append(amount)
        if len(added) > _FOLD_AT and self._adding_up.acquire(blocking=False):
            try:
                self._add_up()
            finally:
                self._adding_up.release()

    def _add_up(self) -> None:
        # Others may append meanwhile; these are left for the next time.
        self._total += sum(self._added.popleft() for _ in range(len(self._added)))

    def read(self) -> int:
        """All that was added until now."""
        with self._adding_up:
            self._add_up()
            return self._total


class Distribution:
    """Counts values in buckets.

    Args:
        bounds: the largest value of each bucket but the last, which has none.
    """

    __slots__ = ("_adding_up", "_buckets", "_values")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._values: deque[float] = deque()
        self._adding_up = threading.Lock()
        self._buckets = Buckets(bounds)

    def add(self, value: float) -> None:
        """Count a value; never waits."""
        values = self._values
        values.append(value)
        if len(values) > _FOLD_AT and self._adding_up.acquire(blocking=False):
            try:
                self._add_up()
            finally:
                self._adding_up.release()

    def _add_up(self) -> None:
        values = self._values
        self._buckets.add(np.array([values.popleft() for _ in range(len(values))], np.float64))

    def read(self) -> Histogram:
        """What was counted until now."""
        with self._adding_up:
            self._add_up()
            return self._buckets.read()
