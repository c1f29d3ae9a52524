"""What is counted of versions and of copies: since the beginning, and since a step began."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tfs_notebook.serving.routing.decision import (
    Counted,
    ShadowCounted,
)

__all__ = ["Difference", "ShadowFigures", "ShadowRead", "VersionFigures"]

# What the last requests took; each has eight bytes.
_TIMED: Final = 2000
_P95: Final = 0.95


class _Times:
    """Not safe for threads; its owner holds a lock."""

    __slots__ = ("_seconds",)

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=_TIMED)

    def add(self, seconds: float) -> None:
        self._seconds.append(seconds)

    def counted(self, requests: int, errors: int) -> Counted:
        ordered = sorted(self._seconds)
        p95 = ordered[int(_P95 * (len(ordered) - 1))] if ordered else None
        return Counted(requests, errors, p95, len(ordered))


class VersionFigures:
    """Counts the requests of one version. Any thread may call any method."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests = self._errors = 0
        self._times = _Times()

    def add(self, seconds: float, *, failed: bool) -> None:
        """A request has ended; the time counts of those that succeed."""
        with self._lock:
            self._requests += 1
            if failed:
                self._errors += 1
            else:
                self._times.add(seconds)

    def read(self) -> Counted:
        """What was counted until now."""
        with self._lock:
            return self._times.counted(self._requests, self._errors)


@dataclass(frozen=True, slots=True)
class Difference:
    """A copy that had another answer; texts are cut short.

    Attributes:
        time: seconds since the epoch.
        what: the first thing in which they differ.
        asked: what the request had in it.
        true: the true answer.
        copy: the answer to the copy.
    """

    time: float
    what: str
    asked: str
    true: str
    copy: str


class _CopyFigures:
    """Counts comparisons. Not safe for threads; its owner holds a lock."""

    __slots__ = ("_copies", "_true", "compared", "differing", "errors")

    def __init__(self) -> None:
        self.compared = self.differing = self.errors = 0
        self._copies = _Times()
        self._true = _Times()

    def add(self, true_seconds: float, copy_seconds: float | None, *, differs: bool) -> None:
        """Add one; a copy that failed where the true answer was none has no time."""
        self.compared += 1
        self.differing += differs
        self._true.add(true_seconds)
        if copy_seconds is None:
            self.errors += 1
        else:
            self._copies.add(copy_seconds)

    def read(self) -> ShadowCounted:
        """What was counted until now."""
        return ShadowCounted(
            self.compared,
            self.differing,
            self.errors,
            self._copies.counted(self.compared, self.errors),
            self._true.counted(self.compared, 0),
        )


@dataclass(frozen=True, slots=True)
class ShadowRead:
    """What is told of copies.

    Attributes:
        counted: of those that were compared.
        dropped: for which there was no room, so that nobody waits.
        absent: for which the version was not there.
        apart: the largest absolute difference, by output.
        examples: of differences, the last ones.
    """

    counted: ShadowCounted
    dropped: int
    absent: int
    apart: Mapping[str, float] = field(default_factory=dict)
    examples: tuple[Difference, ...] = ()


class ShadowFigures:
    """Counts what became of the copies of one model. Any thread may call any method.

    Args:
        examples: how many differences are kept.
    """

    def __init__(self, examples: int) -> None:
        self._lock = threading.Lock()
        self._all = _CopyFigures()
        self._window = _CopyFigures()
        self._dropped = self._absent = 0
        self._apart: dict[str, float] = {}
        self._examples: deque[Difference] = deque(maxlen=examples)

    @property
    def keeps_examples(self) -> bool:
        """Whether differences are kept to be looked at."""
        return self._examples.maxlen != 0

    def add(
        self,
        true_seconds: float,
        copy_seconds: float | None,
        apart: Mapping[str, float],
        difference: Difference | None,
    ) -> None:
        """A copy was compared; without a time it failed, and the true answer was none."""
        with self._lock:
            for figures in (self._all, self._window):
                figures.add(true_seconds, copy_seconds, differs=difference is not None)
            for alias, distance in apart.items():
                self._apart[alias] = max(self._apart.get(alias, 0.0), distance)
            if difference is not None:
                self._examples.append(difference)

    def drop(self) -> None:
        """There was no room for a copy."""
        with self._lock:
            self._dropped += 1

    def miss(self) -> None:
        """The version was not there."""
        with self._lock:
            self._absent += 1

    def begin_window(self) -> None:
        """Count for :meth:`window` from now on."""
        with self._lock:
            self._window = _CopyFigures()

    def window(self) -> ShadowCounted:
        """What was counted since :meth:`begin_window`."""
        with self._lock:
            return self._window.read()

    def read(self) -> ShadowRead:
        """What was counted until now."""
        with self._lock:
            return ShadowRead(
                self._all.read(),
                self._dropped,
                self._absent,
                dict(self._apart),
                tuple(self._examples),
            )
