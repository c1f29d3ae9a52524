"""What the charts draw: which lines, and their points. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tfs_notebook.client.observing import Series
from tfs_notebook.notebook.dashboard import figures

__all__ = [
    "MOST_VERSIONS",
    "OF_VERSIONS",
    "PLOTS",
    "SPANS",
    "Places",
    "Plot",
    "Points",
    "points_of",
    "points_of_versions",
    "top_of",
]

SPANS: Final = (60, 120, 300)
"""Seconds that axes go back."""

MOST_VERSIONS: Final = 4
"""Of which one chart tells; the newest."""

_MOST_POINTS: Final = 300


@dataclass(frozen=True, slots=True)
class Plot:
    """One chart.

    Attributes:
        title: with the unit; English.
        lines: what each is called.
        columns: of ``Series``, one a line.
        shown: gives the newest value of a line as text.
    """

    title: str
    lines: tuple[str, ...]
    columns: tuple[str, ...]
    shown: Callable[[float | None], str]


PLOTS: Final = (
    Plot(
        "requests a second",
        ("all", "failed"),
        ("requests_per_second", "errors_per_second"),
        figures.rate,
    ),
    Plot(
        "latency in ms", ("p50", "p95", "p99"), ("p50_ms", "p95_ms", "p99_ms"), figures.millis
    ),
    Plot(
        "requests that wait",
        ("in the queue", "under way"),
        ("queued", "in_flight"),
        figures.count,
    ),
    Plot("wait for a batch in ms", ("mean", "p95"), ("wait_ms", "wait_p95_ms"), figures.millis),
    Plot("rows a run", ("rows a run",), ("rows_a_run",), figures.millis),
    Plot("padding, share of the rows", ("padding",), ("padding_share",), figures.share),
)
"""The charts there are."""

OF_VERSIONS: Final = Plot("requests a second, by version", (), (), figures.rate)
"""One more, of one model, whose lines come and go."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """What one chart draws.

    Attributes:
        ago: float32 seconds, at most 0, ascending; ``[n]``.
        lines: float32 ``[n]`` of each; NaN where there is nothing.
        seconds: that the axis goes back: enough for all points.
        top: of the axis: a round number that nothing exceeds.
        latest: the newest value of each, as text.
        names: of them; empty for a line that is not there.
    """

    ago: np.ndarray
    lines: tuple[np.ndarray, ...]
    seconds: int
    top: float
    latest: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(np.isfinite(one).any() for one in self.lines)


class Places:
    """Keeps the line of each version, and so its colour, while it is told of."""

    def __init__(self) -> None:
        self._versions: list[int | None] = [None] * MOST_VERSIONS

    def give(self, versions: Iterable[int]) -> list[int | None]:
        """The version in each place, after those that are new have got theirs."""
        told = sorted(versions)[-MOST_VERSIONS:]
        self._versions = [one if one in told else None for one in self._versions]
        for one in told:
            if one not in self._versions:
                self._versions[self._versions.index(None)] = one
        return list(self._versions)


def points_of(plot: Plot, series: Series) -> Points:
    """The points of a chart: the newest, and of more than 300 as many of them."""
    columns = [getattr(series, name) for name in plot.columns]
    return _points(series.ago, columns, plot.shown, plot.lines)


def points_of_versions(
    ago: np.ndarray, rates: Mapping[int, np.ndarray], places: Places
) -> Points:
    """Those of :data:`OF_VERSIONS`: the names are numbers of versions.

    Args:
        ago: as in ``Series``.
        rates: of each version.
        places: that they have had so far.
    """
    versions = places.give(rates)
    nothing = np.full(len(ago), np.nan)
    columns = [nothing if one is None else rates[one] for one in versions]
    names = tuple("" if one is None else str(one) for one in versions)
    return _points(ago, columns, OF_VERSIONS.shown, names)


def _points(
    ago: np.ndarray,
    columns: Sequence[np.ndarray],
    shown: Callable[[float | None], str],
    names: tuple[str, ...],
) -> Points:
    step = -(-len(ago) // _MOST_POINTS) or 1
    # From the end: the newest one is always there.
    chosen = slice(None, None, step) if step == 1 else slice((len(ago) - 1) % step, None, step)
    lines = tuple(np.asarray(one[chosen], np.float32) for one in columns)
    latest = tuple(shown(float(one[-1]) if len(one) else None) for one in columns)
    thinned = np.asarray(ago[chosen], np.float32)
    return Points(thinned, lines, _span_of(thinned), top_of(lines), latest, names)


def _span_of(ago: np.ndarray) -> int:
    longest = -float(ago[0]) if len(ago) else 0.0
    return next((one for one in SPANS if longest <= one), SPANS[-1])


def top_of(lines: Sequence[np.ndarray]) -> float:
    """A round number that nothing exceeds: 1, 2 or 5 times a power of ten."""
    known = [one[np.isfinite(one)] for one in lines]
    highest = max((float(one.max()) for one in known if len(one)), default=0.0)
    if highest <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(highest))
    return float(next(power * part for part in (1, 2, 5, 10) if power * part >= highest))
