"""Rates and percentiles over a window of time before each look at a server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from tfs_notebook.client.observing.distribution import Distribution, quantiles
from tfs_notebook.client.observing.intervals import Interval
from tfs_notebook.client.observing.sums import Sum

__all__ = ["MICROS_OF_A_MILLI", "SHARES", "Windows"]

SHARES: Final = (0.5, 0.95, 0.99)
"""The percentiles that are told."""
MICROS_OF_A_MILLI: Final = 1000.0


class Windows:
    """Sums over the window before each look, and what follows from them: ``[n]`` of each.

    Args:
        intervals: before each look; there is one at least.
        sums: what happened in each.
        seconds: how long a window is.
    """

    def __init__(
        self, intervals: Sequence[Interval], sums: Sequence[Sum], seconds: float
    ) -> None:
        self._sums = sums
        received = np.array([one.received for one in intervals])
        usable = [
            bool(one.seconds) and not total.lost
            for one, total in zip(intervals, sums, strict=True)
        ]
        # The intervals from one whose end is within the window, up to the look's own.
        first = np.searchsorted(received, received - seconds, side="right")
        # What was before a gap is of another run of the server.
        gaps = np.where(usable, 0, np.arange(1, len(sums) + 1))
        self._first = np.maximum(first, np.maximum.accumulate(gaps))
        self._seconds = self._over([one.seconds for one in intervals])

    def _over(self, values: Any) -> np.ndarray:  # noqa: ANN401 - anything like an array
        """Sums over the windows of what there is of each interval, ``[n]`` or ``[n, m]``."""
        array = np.asarray(values, np.float64)
        upto = np.concatenate([np.zeros((1, *array.shape[1:])), array.cumsum(axis=0)])
        last = np.arange(1, len(self._sums) + 1)
        return np.asarray(upto[last] - upto[np.minimum(self._first, last)])

    def per_second(self, values: Sequence[int]) -> np.ndarray:
        """So many a second, of the numbers in each interval."""
        return _ratio(self._over(values), self._seconds)

    def mean(self, read: Callable[[Sum], Distribution | None]) -> np.ndarray:
        """The mean of a distribution."""
        found = [read(one) for one in self._sums]
        totals = self._over([0.0 if one is None else one.total for one in found])
        return _ratio(totals, self._over([0 if one is None else one.number for one in found]))

    def padding_share(self) -> np.ndarray:
        """Of the rows that were run."""
        padding = self._over([one.padding for one in self._sums])
        return _ratio(padding, padding + self._over([one.rows for one in self._sums]))

    def percentiles(self) -> dict[str, np.ndarray]:
        """In milliseconds, by the names of ``Series``."""
        latency = self._quantiles(lambda one: one.latency, SHARES)
        waits = self._quantiles(lambda one: one.waits, (SHARES[1],))
        columns = {"p50_ms": latency[:, 0], "p95_ms": latency[:, 1], "p99_ms": latency[:, 2]}
        return {**columns, "wait_p95_ms": waits[:, 0]}

    def _quantiles(
        self, read: Callable[[Sum], Distribution | None], shares: tuple[float, ...]
    ) -> np.ndarray:
        found = [read(one) for one in self._sums]
        values = np.full((len(found), len(shares)), np.nan)
        # One, but where the server was replaced by another kind.
        for bounds in {one.bounds for one in found if one is not None}:
            rows = [
                one.counts if one is not None and one.bounds == bounds else () for one in found
            ]
            counts = np.array([row or (0,) * (len(bounds) + 1) for row in rows], np.int64)
            sums = self._over(counts).astype(np.int64)
            there = sums.any(axis=1)
            values[there] = quantiles(bounds, sums[there], shares)
        return values / MICROS_OF_A_MILLI


def _ratio(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    out = np.full(len(over), np.nan)
    np.divide(over, under, out=out, where=under > 0)
    return out
