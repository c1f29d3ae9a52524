"""Which version of a model was asked, over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from tfs_notebook.client.observing.intervals import Interval
from tfs_notebook.client.observing.sums import Sum
from tfs_notebook.client.observing.windows import Windows

__all__ = ["RequestsByVersion"]


class RequestsByVersion:
    """Adds up the requests of one model by version; what it has added up it remembers."""

    def __init__(self) -> None:
        self._model: str | None = None
        self._known: dict[int, tuple[Interval, Mapping[int, Sum]]] = {}

    def per_second(
        self,
        intervals: Sequence[Interval],
        model: str,
        versions: Collection[int],
        window: float,
    ) -> dict[int, np.ndarray]:
        """Float64 ``[n]`` by version, ascending; NaN is what is not known, as in ``Series``.

        Args:
            intervals: before each look.
            model: its name.
            versions: to be told in any case, beside those that were asked.
            window: seconds before each look that a rate is of.
        """
        known = self._known if model == self._model else {}
        self._model = model
        # Which keeps the interval, so that no other one has its identity.
        self._known = {
            id(one): known.get(id(one)) or (one, _by_version(one, model)) for one in intervals
        }
        sums = [found for _, found in self._known.values()]
        told = sorted({*versions, *(version for one in sums for version in one)})
        nothing = Sum()
        return {
            version: _rates(intervals, [one.get(version, nothing) for one in sums], window)
            for version in told
        }


def _by_version(interval: Interval, model: str) -> dict[int, Sum]:
    requests = Counter[int]()
    for key, what in interval.happened.items():
        if key.model == model and key.version is not None:
            requests[key.version] += what.requests
    lost = {key.version for key in interval.lost if key.model == model} - {None}
    return {
        version: Sum(requests[version], lost=version in lost)
        for version in {*requests, *lost}
        if version is not None
    }


def _rates(intervals: Sequence[Interval], sums: Sequence[Sum], window: float) -> np.ndarray:
    return Windows(intervals, sums, window).per_second([one.requests for one in sums])
