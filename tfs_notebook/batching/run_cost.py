"""What a run of so many rows takes, learnt from those that were run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = ["RunCost"]

# Of what was known, so much is left after each window.
_MEMORY: Final = 0.7
# Sizes that differ by less, in parts of their mean, tell nothing of a single row's cost.
_LEAST_SPREAD: Final = 0.05


class RunCost:
    """A line through the runs: so much for each, and so much for every row. Not for threads.

    Attributes:
        fixed: seconds that a run takes whatever its rows.
        per_row: seconds more for each row.
        largest: rows of the largest run there was.
    """

    def __init__(self) -> None:
        self.fixed = 0.0
        self.per_row = 0.0
        self.largest = 0
        # Of the runs: their number, and sums of x, y, x² and xy (x rows, y seconds).
        self._sums = (0.0, 0.0, 0.0, 0.0, 0.0)

    @property
    def is_known(self) -> bool:
        """Whether anything was learnt."""
        return self.largest > 0

    def learn(self, runs: Iterable[tuple[int, float]]) -> None:
        """Take in runs of a window, and let older ones count for less.

        Args:
            runs: rows, those of padding included, and seconds.
        """
        number, x, y, xx, xy = (_MEMORY * old for old in self._sums)
        for rows, seconds in runs:
            number += 1
            x += rows
            y += seconds
            xx += rows * rows
            xy += rows * seconds
            self.largest = max(self.largest, rows)
        self._sums = number, x, y, xx, xy
        if x:
            self._fit()

    def _fit(self) -> None:
        number, x, y, xx, xy = self._sums
        mean_rows, mean_seconds = x / number, y / number
        variance = xx / number - mean_rows * mean_rows
        # All of it is put down to the rows where nothing is known: large runs are
        # taken for longer than they may be, not for shorter.
        slope = mean_seconds / mean_rows
        if variance > (_LEAST_SPREAD * mean_rows) ** 2:
            fitted = (xy / number - mean_rows * mean_seconds) / variance
            slope = min(max(fitted, 0.0), slope)
        self.per_row = slope
        self.fixed = max(0.0, mean_seconds - slope * mean_rows)

    def of(self, rows: int) -> float:
        """Seconds that a run of so many rows takes, as far as is known."""
        return self.fixed + self.per_row * rows
