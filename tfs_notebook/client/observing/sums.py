"""What happened to several models, versions and signatures together."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from tfs_notebook.client.observing.distribution import Distribution
from tfs_notebook.client.observing.intervals import Happened, Interval, Key

__all__ = ["Choice", "Sum", "choice", "gauges"]

Choice: TypeAlias = "Callable[[Key], bool]"
"""Whether a key is among those that are looked at."""


def choice(model: str | None, version: int | None, signature: str | None) -> Choice:
    """Those of this model, this version and this signature; None is any."""

    def wanted(key: Key) -> bool:
        if model is None:
            return True
        return (
            key.model == model
            and version in (None, key.version)
            and signature in (None, key.signature)
        )

    return wanted


@dataclass(slots=True)
class Sum:
    """What happened to several keys together; see ``Happened``.

    Attributes:
        lost: whether it is not known of some of them.
    """

    requests: int = 0
    errors: int = 0
    rows: int = 0
    padding: int = 0
    latency: Distribution | None = None
    sizes: Distribution | None = None
    waits: Distribution | None = None
    lost: bool = False

    @classmethod
    def of(cls, happened: Iterable[Happened]) -> Sum:
        """Of these."""
        total = cls()
        for one in happened:
            total.requests += one.requests
            total.errors += one.errors
            total.rows += one.rows
            total.padding += one.padding_rows
            total.latency = _together(total.latency, one.latency_micros)
            total.sizes = _together(total.sizes, one.rows_of_a_run)
            total.waits = _together(total.waits, one.wait_micros)
        return total

    @classmethod
    def in_interval(cls, interval: Interval, wanted: Choice) -> Sum:
        """Of those that are looked at."""
        total = cls.of(what for key, what in interval.happened.items() if wanted(key))
        total.lost = any(map(wanted, interval.lost))
        return total


def _together(first: Distribution | None, second: Distribution | None) -> Distribution | None:
    if first is None or second is None:
        return second if first is None else first
    if first.bounds != second.bounds:
        # Of another server: what is newer counts.
        return second
    # A quarter of the time that a loop takes; as many of both, by their bounds.
    counts = tuple(map(operator.add, first.counts, second.counts))
    return Distribution(first.bounds, counts, first.total + second.total)


def gauges(told: Iterable[Mapping[Key, int] | None], wanted: Choice) -> np.ndarray:
    """Of each look a number of all that is looked at; NaN where it is not told."""
    return np.array(
        [
            np.nan
            if one is None
            else float(sum(number for key, number in one.items() if wanted(key)))
            for one in told
        ]
    )
