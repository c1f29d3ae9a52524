"""Counts of values in buckets that grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import numpy as np

__all__ = ["MICROSECONDS", "ROWS", "Buckets", "Histogram", "growing"]


def growing(first: float, factor: float, number: int) -> tuple[float, ...]:
    """So many bounds, each this many times the one before it."""
    return tuple(accumulate([first] + [factor] * (number - 1), lambda bound, by: bound * by))


MICROSECONDS: Final = growing(10, 1.8, 33)
"""Bounds of times, those of TF Serving's request latencies: 10 µs to 25 minutes."""
ROWS: Final = tuple(float(2**power) for power in range(17))
"""Bounds of numbers of rows: 1, 2, 4 … 65,536."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """What was counted until a moment.

    Attributes:
        bounds: the largest value of each bucket but the last, which has none.
        counts: one more than there are bounds.
        total: of all values.
    """

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total: float

    @property
    def number(self) -> int:
        """How many values there are."""
        return sum(self.counts)

    @property
    def mean(self) -> float:
        """Their mean; 0 without values."""
        return self.total / number if (number := self.number) else 0.0

    def quantile(self, share: float) -> float:
        """A value that this share of all does not exceed, as far as buckets can tell.

        Within its bucket it is taken to lie as if all values there were spread evenly;
        0 without values.

        Args:
            share: 0.5 for the median, 0.99 for the 99th percentile.
        """
        wanted = share * self.number
        below = 0
        lower = 0.0
        for bound, count in zip(self.bounds, self.counts, strict=False):
            if count and below + count >= wanted:
                return lower + (bound - lower) * max(0.0, wanted - below) / count
            below += count
            lower = bound
        return lower


class Buckets:
    """Counts values as they come. Not safe for threads; its owner holds a lock."""

    __slots__ = ("_bounds", "_counts", "_ends", "_total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._ends = tuple(map(float, bounds))
        self._bounds = np.array(bounds)
        self._counts = np.zeros(len(bounds) + 1, np.int64)
        self._total = 0.0

    def add(self, values: np.ndarray) -> None:
        """Count these values, of shape ``[n]``."""
        if len(values):
            places = np.searchsorted(self._bounds, values)
            self._counts += np.bincount(places, minlength=len(self._counts))
            self._total += float(values.sum())

    def read(self) -> Histogram:
        """What has been counted."""
        return Histogram(self._ends, tuple(self._counts.tolist()), self._total)
