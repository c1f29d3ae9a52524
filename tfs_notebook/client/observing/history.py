"""The last minutes of a server, from looks at it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tfs_notebook.client.observing.by_version import RequestsByVersion
from tfs_notebook.client.observing.distribution import Distribution, quantiles
from tfs_notebook.client.observing.intervals import (
    Happened,
    Interval,
    first_interval,
    interval_between,
)
from tfs_notebook.client.observing.observation import Observation
from tfs_notebook.client.observing.sums import Sum, choice, gauges
from tfs_notebook.client.observing.windows import MICROS_OF_A_MILLI, SHARES, Windows

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["History", "Recent", "Series"]

_MOST: Final = 2000

_Chosen: TypeAlias = "tuple[str | None, int | None, str | None]"


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Numbers over time: float64 of ``[n]``, one for each look at the server.

    NaN is what is not known: before the first interval, where the server was started again,
    or because nothing happened that it could be told of.

    Attributes:
        ago: seconds before the last look, so at most 0; ascending.
        times: seconds since the epoch, by the server's clock at the last look.
        requests_per_second: that ended.
        errors_per_second: those of them that failed.
        p50_ms: median latency in milliseconds.
        p95_ms: 95th percentile.
        p99_ms: 99th percentile.
        in_flight: requests under way.
        queued: those of them that wait for a batch.
        wait_ms: mean wait for a batch.
        wait_p95_ms: 95th percentile of it.
        rows_a_run: mean rows of a batch, padding included.
        padding_share: of the rows that were run, those added for nothing.
        resident_bytes: memory of the server's process, whatever is chosen.
        cpu_share: of a core that this has used, likewise.
    """

    ago: np.ndarray
    times: np.ndarray
    requests_per_second: np.ndarray
    errors_per_second: np.ndarray
    p50_ms: np.ndarray
    p95_ms: np.ndarray
    p99_ms: np.ndarray
    in_flight: np.ndarray
    queued: np.ndarray
    wait_ms: np.ndarray
    wait_p95_ms: np.ndarray
    rows_a_run: np.ndarray
    padding_share: np.ndarray
    resident_bytes: np.ndarray
    cpu_share: np.ndarray

    def frame(self) -> DataFrame:
        """A DataFrame with a column for each, and ``times`` as its index, in UTC."""
        import pandas as pd  # noqa: PLC0415 - whoever draws needs none

        columns = {one.name: getattr(self, one.name) for one in fields(self)}
        index = pd.to_datetime(columns.pop("times"), unit="s", utc=True)
        return pd.DataFrame(columns, index=pd.Index(index, name="time"))


@dataclass(frozen=True, slots=True)
class Recent:
    """What happened in the last seconds; None is what is not known, as in :class:`Series`."""

    requests_per_second: float | None
    errors_per_second: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    wait_ms: float | None
    rows_a_run: float | None
    padding_share: float | None


class History:
    """Takes looks at one server, and keeps what happened in between for some minutes.

    It has no clock of its own, asks nobody, and belongs to one thread. What it keeps grows
    with what happens, and not with the number of models.
    """

    def __init__(self, seconds: float = 300.0) -> None:
        """Begin without anything.

        Args:
            seconds: how much to keep; of looks that come very fast the last 2000.
        """
        self._kept_seconds = seconds
        self._intervals: deque[Interval] = deque(maxlen=_MOST)
        self._latest: Observation | None = None
        self._by_version = RequestsByVersion()
        self._summed: tuple[_Chosen | None, dict[int, tuple[Interval, Sum]]] = (None, {})

    @property
    def latest(self) -> Observation | None:
        """The last look; None before the first."""
        return self._latest

    def add(self, observation: Observation) -> None:
        """Take a look at the server; one that came no later than the last is left out."""
        before = self._latest
        if before is None:
            interval = first_interval(observation)
        elif observation.received <= before.received:
            return
        else:
            interval = interval_between(before, observation)
        self._latest = observation
        self._intervals.append(interval)
        oldest = observation.received - self._kept_seconds
        while self._intervals[0].received < oldest:
            self._intervals.popleft()

    def series(
        self,
        model: str | None = None,
        version: int | None = None,
        signature: str | None = None,
        *,
        window: float = 5.0,
    ) -> Series:
        """What happened over time.

        Args:
            model: by default all together.
            version: by default all of the model.
            signature: by default all of the version.
            window: seconds before each look that its rates and percentiles are of; at least
                the interval before it.
        """
        if self._latest is None:
            return Series(*(np.empty(0) for _ in fields(Series)))
        intervals, wanted = list(self._intervals), choice(model, version, signature)
        sums = self._sums(intervals, (model, version, signature))
        ago = np.array([one.received for one in intervals]) - intervals[-1].received
        rates = Windows(intervals, sums, window)
        return Series(
            ago=ago,
            times=self._latest.time + ago,
            requests_per_second=rates.per_second([one.requests for one in sums]),
            errors_per_second=rates.per_second([one.errors for one in sums]),
            **rates.percentiles(),
            in_flight=gauges((one.in_flight for one in intervals), wanted),
            queued=gauges((one.queued for one in intervals), wanted),
            wait_ms=rates.mean(lambda one: one.waits) / MICROS_OF_A_MILLI,
            rows_a_run=rates.mean(lambda one: one.sizes),
            padding_share=rates.padding_share(),
            resident_bytes=np.array([one.resident_bytes for one in intervals]),
            cpu_share=np.array([one.cpu_share for one in intervals]),
        )

    def version_rates(self, model: str, *, window: float = 5.0) -> Mapping[int, np.ndarray]:
        """Requests a second of each version of a model, as :meth:`series` has them of all.

        By version, ascending: those that were asked, and those that are not at their end.
        Empty where versions are not told apart.
        """
        now = None if self._latest is None else self._latest.model(model)
        if now is None or self._latest is None or self._latest.kind == "other":
            return {}
        alive = [one.version for one in now.versions if one.state != "END"]
        return self._by_version.per_second(list(self._intervals), model, alive, window)

    def _sums(self, intervals: list[Interval], chosen: _Chosen) -> list[Sum]:
        """Those of each interval; what was asked for last time need not be added up again."""
        before, known = self._summed
        if before != chosen:
            known = {}
        wanted = choice(*chosen)
        kept: dict[int, tuple[Interval, Sum]] = {}
        for one in intervals:
            # Which keeps the interval, so that no other one has its identity.
            kept[id(one)] = known.get(id(one)) or (one, Sum.in_interval(one, wanted))
        self._summed = (chosen, kept)
        return [one for _, one in kept.values()]

    def rows_of_a_run(
        self,
        model: str | None = None,
        version: int | None = None,
        signature: str | None = None,
        *,
        seconds: float = 60.0,
    ) -> Distribution | None:
        """The sizes of the batches of the last seconds; None if there were none."""
        wanted = choice(model, version, signature)
        return Sum.of(
            what
            for one in self._last(seconds)
            for key, what in one.happened.items()
            if wanted(key)
        ).sizes

    def recent(self, *, seconds: float = 10.0) -> Mapping[tuple[str, int | None], Recent]:
        """What happened lately, by model and version; of those in the last look.

        Where versions are not told apart, theirs is None.
        """
        intervals = [one for one in self._last(seconds) if one.seconds]
        length = sum(one.seconds for one in intervals)
        by_version: dict[tuple[str, int | None], list[Happened]] = {}
        lost: set[tuple[str, int | None]] = set()
        for one in intervals:
            for key, what in one.happened.items():
                by_version.setdefault(key[:2], []).append(what)
            lost.update(key[:2] for key in one.lost)
        places = _places(self._latest)
        sums = [Sum.of(by_version.get(place, ())) for place in places]
        return {
            place: _recent(total, percentiles, 0 if place in lost else length)
            for place, total, percentiles in zip(places, sums, _percentiles(sums), strict=True)
        }

    def cpu_share(self, *, seconds: float = 10.0) -> float | None:
        """Of a core, what the server's process has used lately; None if it is not known."""
        known = [
            (one.cpu_share * one.seconds, one.seconds)
            for one in self._last(seconds)
            if one.seconds and not np.isnan(one.cpu_share)
        ]
        used, length = map(sum, zip(*known, strict=True)) if known else (0.0, 0.0)
        return used / length if length else None

    def _last(self, seconds: float) -> list[Interval]:
        if self._latest is None:
            return []
        since = self._latest.received - seconds
        return [one for one in self._intervals if one.received > since]


def _places(latest: Observation | None) -> list[tuple[str, int | None]]:
    if latest is None:
        return []
    places: dict[tuple[str, int | None], None] = {}
    for model in latest.models:
        if model.counts is not None:
            if latest.kind == "other":
                places[model.name, None] = None
            else:
                places.update(dict.fromkeys((model.name, v.version) for v in model.versions))
    return list(places)


def _percentiles(sums: list[Sum]) -> list[list[float | None]]:
    """Of the latency of each, in microseconds, all at once."""
    found: list[list[float | None]] = [[None] * len(SHARES) for _ in sums]
    rows: dict[tuple[float, ...], list[int]] = {}
    for row, one in enumerate(sums):
        if one.latency is not None and any(one.latency.counts):
            rows.setdefault(one.latency.bounds, []).append(row)
    for bounds, together in rows.items():
        counts = [one.latency.counts for row in together if (one := sums[row]).latency]
        values = quantiles(bounds, np.array(counts, np.int64), SHARES)
        for row, percentiles in zip(together, values.tolist(), strict=True):
            found[row] = percentiles
    return found


def _recent(total: Sum, percentiles: list[float | None], seconds: float) -> Recent:
    run = total.rows + total.padding
    waits = total.waits
    known = bool(seconds)

    def milliseconds(micros: float | None) -> float | None:
        return None if micros is None or not known else micros / MICROS_OF_A_MILLI

    p50, p95, p99 = map(milliseconds, percentiles)
    return Recent(
        total.requests / seconds if known else None,
        total.errors / seconds if known else None,
        p50,
        p95,
        p99,
        milliseconds(None if waits is None else waits.mean),
        total.sizes.mean if known and total.sizes is not None else None,
        total.padding / run if known and run else None,
    )
