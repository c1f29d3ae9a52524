"""How often values fell into buckets, and what that tells of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Distribution", "quantiles"]


@dataclass(frozen=True, slots=True)
class Distribution:
    """Counts of values.

    Attributes:
        bounds: the largest value of each bucket but the last, which has none; ascending.
        counts: of each bucket; one more than there are bounds.
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
    def mean(self) -> float | None:
        """Their mean; None without values."""
        number = self.number
        return self.total / number if number else None

    def quantile(self, share: float) -> float | None:
        """See :func:`quantiles`; None without values."""
        counts = np.array([self.counts], np.int64)
        [[value]] = quantiles(self.bounds, counts, [share]).tolist()
        return None if np.isnan(value) else float(value)


def quantiles(
    bounds: Sequence[float], counts: np.ndarray, shares: Sequence[float]
) -> np.ndarray:
    """Values that these shares of all do not exceed, as far as buckets can tell.

    Within its bucket a value is taken to lie as if all there were spread evenly; in the
    last one, which has no largest value, at its beginning.

    Args:
        bounds: see :class:`Distribution`.
        counts: int64 of ``[rows, bounds + 1]``, none negative.
        shares: 0.5 for the median, 0.99 for the 99th percentile.

    Returns:
        float64 of ``[rows, shares]``; NaN in rows without values.
    """
    rows = len(counts)
    edges = np.concatenate([[0.0], np.asarray(bounds, np.float64)])
    upto = counts.cumsum(axis=1)
    number = upto[:, -1]
    found = np.full((rows, len(shares)), np.nan)
    there = np.flatnonzero(number)
    for column, share in enumerate(shares):
        wanted = share * number[there]
        # The first bucket up to whose end there are so many, and which is not empty.
        enough = (upto[there] >= wanted[:, None]) & (counts[there] > 0)
        place = enough.argmax(axis=1)
        inside = counts[there, place]
        before = upto[there, place] - inside
        part = np.clip(wanted - before, 0.0, inside) / inside
        last = place == len(edges) - 1
        lower = edges[place]
        upper = edges[np.minimum(place + 1, len(edges) - 1)]
        found[there, column] = np.where(last, lower, lower + (upper - lower) * part)
    return found
