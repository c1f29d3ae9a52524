"""What each version was asked in the last hour, step by step."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tfs_notebook.serving.signature_counter import SignatureCounter
from tfs_notebook.serving.statistics import Statistics
from tfs_notebook.serving.traffic_counts import TrafficCounts

__all__ = ["STEP_SECONDS", "Traffic", "TrafficHistory", "TrafficStep"]

STEP_SECONDS: Final = 10.0
"""How long a step is, if whoever ends them is in time."""

_HOUR: Final = 3600.0
# However often somebody ends them.
_MOST_STEPS: Final = 720

_NOTHING: Final = TrafficCounts()

_Key = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class TrafficStep:
    """A stretch of time.

    Attributes:
        number: the first step of a server is 0.
        time: its end, in seconds since the epoch.
        seconds: how long it was, by a clock that never runs backwards.
        versions: what was counted, by version; nothing of those that nobody asked.
    """

    number: int
    time: float
    seconds: float
    versions: Mapping[int, TrafficCounts]


@dataclass(frozen=True, slots=True)
class Traffic:
    """Of a model.

    Attributes:
        steps: those that have ended, the oldest first.
        current: the one that goes on, until now.
        models: the names of all models that were asked anything in the hour.
    """

    steps: tuple[TrafficStep, ...]
    current: TrafficStep
    models: tuple[str, ...]


@dataclass(slots=True)
class _Seen:
    """What was last read of a counter.

    Attributes:
        counter: whose it is; a version that comes back has another.
        activity: of it then.
        counts: what it had counted then.
    """

    counter: SignatureCounter
    activity: int = 0
    counts: TrafficCounts = _NOTHING


class TrafficHistory:
    """Keeps an hour. Any thread may call any method; none waits for requests.

    Whoever owns it calls :meth:`end_step` every ``STEP_SECONDS``. A version that nobody
    asks costs a look at a number then, and no memory. Versions that are unloaded are kept
    until their hour is over.

    Args:
        statistics: whose counters are read.
        monotonic: seconds, by a clock that never runs backwards.
        wall: seconds since the epoch.
    """

    def __init__(
        self,
        statistics: Statistics,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._statistics = statistics
        self._monotonic = monotonic
        self._wall = wall
        self._lock = threading.Lock()
        self._begun = monotonic()
        self._number = 0
        # Number, end by the clock that never runs backwards, end since the epoch, length.
        self._steps: deque[tuple[int, float, float, float]] = deque(maxlen=_MOST_STEPS)
        self._seen: dict[_Key, _Seen] = {}
        self._kept: dict[tuple[str, int], deque[tuple[int, bytes]]] = {}

    def end_step(self) -> None:
        """End the step that goes on, and keep what was counted in it."""
        with self._lock:
            now, wall = self._monotonic(), self._wall()
            for (model, version), counts in self._counted(keep=True).items():
                kept = self._kept.setdefault((model, version), deque())
                kept.append((self._number, counts.packed()))
            self._steps.append((self._number, now, wall, now - self._begun))
            self._number += 1
            self._begun = now
            self._forget(now - _HOUR)

    def read(self, model: str, since: int = 0) -> Traffic:
        """What a model was asked; nothing of one that nobody has asked.

        Args:
            model: its name.
            since: the number of the first step wanted.
        """
        with self._lock:
            now, wall = self._monotonic(), self._wall()
            by_step = self._by_step(model, since)
            steps = tuple(
                TrafficStep(number, end, seconds, by_step.get(number, {}))
                for number, _, end, seconds in self._steps
                if number >= since
            )
            counted = self._counted(keep=False)
            going_on = {key[1]: one for key, one in counted.items() if key[0] == model}
            current = TrafficStep(self._number, wall, now - self._begun, going_on)
            names = {name for name, _ in self._kept} | {name for name, _ in counted}
            return Traffic(steps, current, tuple(sorted(names)))

    def _by_step(self, model: str, since: int) -> dict[int, dict[int, TrafficCounts]]:
        found: dict[int, dict[int, TrafficCounts]] = {}
        for (name, version), kept in self._kept.items():
            if name == model:
                for number, packed in kept:
                    if number >= since:
                        found.setdefault(number, {})[version] = TrafficCounts.unpacked(packed)
        return found

    def _counted(self, *, keep: bool) -> dict[tuple[str, int], TrafficCounts]:
        """What has come since the last step, by version; ``keep`` it as the last seen."""
        counters = self._statistics.counters()
        found: dict[tuple[str, int], TrafficCounts] = {}
        for key, counter in counters.items():
            seen = self._seen.get(key)
            if seen is None or seen.counter is not counter:
                seen = _Seen(counter)
            # Before it is read: what comes in between is seen the next time.
            activity = counter.activity
            if activity == seen.activity and not counter.is_busy:
                continue
            counts = TrafficCounts.of(counter.read(*key))
            if grown := counts.since(seen.counts):
                others = found.get(key[:2])
                found[key[:2]] = grown if others is None else others + grown
            if keep:
                self._seen[key] = _Seen(counter, activity, counts)
        if keep and len(self._seen) > len(counters):
            self._seen = {key: seen for key, seen in self._seen.items() if key in counters}
        return found

    def _forget(self, before: float) -> None:
        while self._steps and self._steps[0][1] <= before:
            self._steps.popleft()
        first = self._steps[0][0] if self._steps else self._number
        for key in [key for key, kept in self._kept.items() if kept[0][0] < first]:
            kept = self._kept[key]
            while kept and kept[0][0] < first:
                kept.popleft()
            if not kept:
                del self._kept[key]
