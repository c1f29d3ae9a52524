"""What happened at a server between two looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from tfs_notebook.client.observing.distribution import Distribution
from tfs_notebook.client.observing.observation import (
    BatchCounts,
    Observation,
    SignatureCounts,
)

__all__ = ["SERVER", "Happened", "Interval", "Key", "first_interval", "interval_between"]


class Key(NamedTuple):
    """What was counted of.

    Attributes:
        model: its name; empty for all together.
        version: None where versions are not told apart.
        signature: empty where signatures are not told apart.
    """

    model: str
    version: int | None
    signature: str


SERVER: Final = Key("", None, "")
"""Of what is not told of each model."""


@dataclass(frozen=True, slots=True)
class Happened:
    """What was counted in an interval, of one key.

    Attributes:
        requests: that ended.
        errors: those of them that failed.
        latency_micros: of them.
        rows: of requests in batches.
        padding_rows: of batches.
        rows_of_a_run: rows a batch, padding included; None without batches.
        wait_micros: for a batch; None without batches.
    """

    requests: int
    errors: int
    latency_micros: Distribution | None
    rows: int = 0
    padding_rows: int = 0
    rows_of_a_run: Distribution | None = None
    wait_micros: Distribution | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """Between two looks.

    Attributes:
        received: when the later one came, by the clock that never runs backwards.
        seconds: how long it was; 0 where nothing can be said of it, because the server was
            started again or does not tell.
        happened: only of what something happened to.
        lost: where a counter has fallen, so that it is not known what happened.
        in_flight: requests under way at its end, where there are some; None if untold.
        queued: those of them that waited for a batch; likewise.
        resident_bytes: of the server's process at its end; NaN if untold.
        cpu_share: of a core that this used in between; NaN if untold.
    """

    received: float
    seconds: float = 0.0
    happened: Mapping[Key, Happened] = field(default_factory=dict)
    lost: frozenset[Key] = frozenset()
    in_flight: Mapping[Key, int] | None = None
    queued: Mapping[Key, int] | None = None
    resident_bytes: float = np.nan
    cpu_share: float = np.nan


class _Lost(Exception):
    """A counter has fallen."""


def first_interval(now: Observation) -> Interval:
    """What a look tells without one before it."""
    process = now.process
    resident = None if process is None else process.resident_bytes
    return Interval(
        now.received,
        in_flight=_gauge(now, lambda one: one.in_flight),
        queued=_gauge(now, lambda one: one.queued),
        resident_bytes=np.nan if resident is None else float(resident),
    )


def interval_between(before: Observation, now: Observation) -> Interval:
    """What happened from one look to the next, which came later."""
    alone = first_interval(now)
    seconds = _seconds(before, now)
    if before.kind != now.kind or before.run != now.run or seconds <= 0:
        return alone
    happened: dict[Key, Happened] = {}
    lost: set[Key] = set()
    counted = _tells_counts(before) and _tells_counts(now)
    if counted:
        old = dict(_counts(before))
        for key, one in _counts(now):
            if key not in old and _is_older(one, before):
                lost.add(key)
                continue
            try:
                what = _happened(old.get(key), one)
            except _Lost:
                lost.add(key)
            else:
                if what is not None:
                    happened[key] = what
    cpu_share = np.nan
    if before.process is not None and now.process is not None:
        cpu_share = (now.process.cpu_seconds - before.process.cpu_seconds) / seconds
    return Interval(
        now.received,
        seconds if counted else 0.0,
        happened,
        frozenset(lost),
        alone.in_flight,
        alone.queued,
        alone.resident_bytes,
        cpu_share,
    )


def _is_older(one: SignatureCounts | BatchCounts, look: Observation) -> bool:
    """Whether something was counted before a look that did not show it."""
    if isinstance(one, BatchCounts) or one.since is None or look.uptime is None:
        return False
    return one.since < look.uptime


def _seconds(before: Observation, now: Observation) -> float:
    # The server's own clock does not have the time that answers take on their way.
    if before.uptime is not None and now.uptime is not None:
        return now.uptime - before.uptime
    return now.received - before.received


def _tells_counts(observation: Observation) -> bool:
    return "counts" not in observation.untold


def _counts(observation: Observation) -> Iterator[tuple[Key, SignatureCounts | BatchCounts]]:
    for model in observation.models:
        for one in model.counts or ():
            yield Key(model.name, one.version, one.signature), one
    if observation.batches is not None:
        yield SERVER, observation.batches


def _gauge(
    observation: Observation, read: Callable[[SignatureCounts], int | None]
) -> Mapping[Key, int] | None:
    if observation.kind == "other":
        return None
    return {
        Key(model.name, one.version, one.signature): number
        for model in observation.models
        for one in model.counts or ()
        if (number := read(one))
    }


def _happened(
    before: SignatureCounts | BatchCounts | None, now: SignatureCounts | BatchCounts
) -> Happened | None:
    """What happened; None for nothing. Of what was not there before, all that is counted."""
    if before == now:
        return None
    if isinstance(now, BatchCounts):
        return _with_batches(Happened(0, 0, None), _batches(before), now)
    old = before if isinstance(before, SignatureCounts) else None
    what = Happened(
        _risen(old.requests if old else 0, now.requests),
        _risen(old.errors if old else 0, now.errors),
        _difference(old.latency_micros if old else None, now.latency_micros),
    )
    if now.batches is not None:
        return _with_batches(what, old.batches if old else None, now.batches)
    if old is not None and old.batches is not None:
        raise _Lost
    return what


def _batches(one: SignatureCounts | BatchCounts | None) -> BatchCounts | None:
    return one if isinstance(one, BatchCounts) else None


def _with_batches(what: Happened, old: BatchCounts | None, now: BatchCounts) -> Happened:
    return Happened(
        what.requests,
        what.errors,
        what.latency_micros,
        _risen(old.rows if old else 0, now.rows),
        _risen(old.padding_rows if old else 0, now.padding_rows),
        _difference(old.rows_of_a_run if old else None, now.rows_of_a_run),
        _difference(old.wait_micros if old else None, now.wait_micros),
    )


def _risen(before: int, now: int) -> int:
    if now < before:
        raise _Lost
    return now - before


def _difference(before: Distribution | None, now: Distribution) -> Distribution:
    if before is None or (before.bounds != now.bounds and not before.number):
        return now
    if before.bounds != now.bounds:
        raise _Lost
    counts = tuple(map(_risen, before.counts, now.counts))
    return Distribution(now.bounds, counts, max(0.0, now.total - before.total))
