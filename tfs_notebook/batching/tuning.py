"""Which batch size and timeout hold a latency target: decisions only, no clock, no threads.

Clipper finds the size by feedback alone: more rows until a batch is late, a tenth fewer then.
Here what runs cost says it: the size is the largest whose run, after one that is under way,
leaves room in the target. Feedback corrects that, for runs vary: there is less room after a
window that was late because of its runs. But batches are never so small that the model could
not keep up with what comes: a target that cannot be held is missed by less than a queue that
grows would miss it.

The timeout begins at 0 and rises step by step while that makes rows cheaper and answers no
fewer; a step that was of no use is taken back, a late window halves it, and now and then it
has to prove once more that it is of use.

There is one size and one timeout for all signatures of a version: what they cost is mixed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.batching.run_cost import RunCost

__all__ = ["QueueLimits", "Tuner", "Window"]

_MICROS: Final = 1e-6
# So few requests tell nothing of the hundredth that is slowest.
_LEAST_REQUESTS: Final = 100
# The first and the last may be half outside.
_LEAST_RUNS: Final = 8
# A run that is under way, and one's own.
_RUNS_A_REQUEST: Final = 2
# Who waits for more runs than these waits because more comes than is run.
_RUNS_OF_A_BACKLOG: Final = 3
# Of the target: up to here there is room for more.
_MARGIN: Final = 0.8
# Of the model's time, so much may be needed for what comes.
_MOST_BUSY: Final = 0.8
# How many runs were seen at once is forgotten at this rate.
_MEMORY: Final = 0.9
_LEAST_ROOM: Final = 0.2
_ROOM_STEP: Final = 0.1
_ROOM_CUT: Final = 0.8
# Where no size holds the target, a run may take so much longer than the smallest one.
_UNREACHABLE_RUNS: Final = 2
# What was never run is not believed to be as cheap as it looks.
_FARTHEST: Final = 4
# Sizes that differ by less are the same.
_NOTICEABLE_SIZE: Final = 0.125
_TIMEOUT_STEP: Final = 0.05
_LONGEST_TIMEOUT: Final = 0.5
_TIMEOUT_CUT: Final = 0.5
# A wait pays when it makes rows cheaper by so much, and answers by no more than that fewer.
_NOTICEABLE_GAIN: Final = 0.05
_DEVIATIONS: Final = 2
# With fewer requests in a run, they wait for nobody.
_COMPANY: Final = 1.1
# Where the model hardly runs, nothing is to be won.
_LEAST_BUSY: Final = 0.05
_WINDOWS_BEFORE_ANOTHER_TRY: Final = 20
# A trial costs something; one that goes on to fail is made ever less often.
_MOST_WINDOWS_BEFORE_ANOTHER_TRY: Final = 320


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """What holds for a queue in place of its parameters.

    Attributes:
        rows: the most that are put together; one request may have more.
        timeout_micros: how long the first request of a batch waits for others.
    """

    rows: int
    timeout_micros: int


@dataclass(frozen=True, slots=True)
class Window:
    """What happened in some time.

    Attributes:
        seconds: how long that was.
        runs: rows of requests, rows with padding, and seconds of each run.
        latencies: seconds from the queue to the answer, of each request.
    """

    seconds: float
    runs: Sequence[tuple[int, int, float]]
    latencies: Sequence[float]

    @property
    def is_enough(self) -> bool:
        """Whether it tells something; else it is to go on."""
        return (
            len(self.latencies) >= _LEAST_REQUESTS
            and len(self.runs) >= _LEAST_RUNS
            and self.rows > 0
        )

    @property
    def rows(self) -> int:
        """Of all requests that were run."""
        return sum(rows for rows, _, _ in self.runs)

    @property
    def run_seconds(self) -> float:
        """Of all runs."""
        return sum(seconds for _, _, seconds in self.runs)

    @property
    def p99(self) -> float:
        """Seconds that 99 of 100 requests did not exceed."""
        last = math.ceil(0.99 * len(self.latencies)) - 1
        return float(np.partition(np.array(self.latencies), last)[last])


@dataclass(frozen=True, slots=True)
class _Pace:
    """What a row cost with a timeout, and how many were answered a second."""

    timeout: float
    requests: int
    row_seconds: float
    rows_a_second: float


class Tuner:
    """Finds limits for the queues of one version of a model. Not for threads.

    Args:
        target: seconds that 99 of 100 requests are to take at most.
        parameters: what is configured; its sizes are not exceeded.

    Attributes:
        target: see above.
        limits: what holds now.
        cost: what is known of the runs.
        p99: seconds, of the last window; None before the first.
        windows: how many there were.
    """

    def __init__(self, target: float, parameters: BatchingParameters) -> None:
        self.target = target
        self.cost = RunCost()
        self.p99: float | None = None
        self.windows = 0
        self._parameters = parameters
        self._most = parameters.rows_of_a_run
        self._any_size = not parameters.allowed_batch_sizes
        smaller = {s for s in parameters.allowed_batch_sizes if 0 < s < self._most}
        # Those to choose from, or else the smallest and the largest.
        self._sizes = [*sorted(smaller or ({1} if self._any_size else ())), self._most]
        self._room = 1.0
        self._rows = self._most
        self._timeout = 0.0
        self._at_once = 1.0
        self._before: _Pace | None = None
        self._doubts = False
        self._patience = 0
        self._pause = _WINDOWS_BEFORE_ANOTHER_TRY
        self.limits = QueueLimits(self._most, 0)

    @property
    def is_reachable(self) -> bool:
        """Whether the smallest batches hold the target, as far as is known."""
        return _RUNS_A_REQUEST * self._seconds_of(self._sizes[0]) <= self.target

    def decide(self, window: Window) -> QueueLimits:
        """What is to hold from now on.

        Args:
            window: the time since the last decision; with too little in it nothing changes.
        """
        if not window.is_enough:
            return self.limits
        self.windows += 1
        self.p99 = p99 = window.p99
        self.cost.learn((padded, seconds) for _, padded, seconds in window.runs)
        busy = window.run_seconds / window.seconds
        self._at_once = max(1.0, _MEMORY * self._at_once, busy)
        self._decide_room(window, p99)
        self._decide_timeout(window, p99)
        self._decide_rows(window)
        self.limits = QueueLimits(self._rows, int(self._timeout / _MICROS))
        return self.limits

    # -- the size --------------------------------------------------------------

    def _decide_room(self, window: Window, p99: float) -> None:
        longest = max(seconds for _, _, seconds in window.runs)
        is_backlog = p99 > self._timeout + _RUNS_OF_A_BACKLOG * longest
        # Else it would not be felt, and something else is the reason: a busy machine, say.
        is_felt = 2 * max(rows for rows, _, _ in window.runs) >= self._rows
        if p99 > self.target and not self._timeout and not is_backlog and is_felt:
            self._room = max(_LEAST_ROOM, self._room * _ROOM_CUT)
        elif p99 < self._comfort:
            self._room = min(1.0, self._room + _ROOM_STEP)

    def _decide_rows(self, window: Window) -> None:
        found = max(self._largest_with_room(), self._least_to_keep_up(window))
        found = min(found, self._farthest)
        if abs(found - self._rows) > _NOTICEABLE_SIZE * self._rows or not self._any_size:
            self._rows = found

    def _largest_with_room(self) -> int:
        room = self.target * self._room / _RUNS_A_REQUEST
        if not self.is_reachable:
            # Small batches would not hold it either, and answer far fewer.
            room = _UNREACHABLE_RUNS * self._seconds_of(self._sizes[0])
        if not self._any_size:
            fitting = [size for size in self._sizes if self._seconds_of(size) <= room]
            return fitting[-1] if fitting else self._sizes[0]
        left = max(0.0, room - self.cost.fixed)
        if left >= self.cost.per_row * self._most:
            return self._most
        return max(1, int(left / self.cost.per_row))

    def _least_to_keep_up(self, window: Window) -> int:
        """The smallest full batches that run as many rows as come."""
        a_second = window.rows / window.seconds / (_MOST_BUSY * self._at_once)
        if not self._any_size:
            enough = (size for size in self._sizes if size >= a_second * self._seconds_of(size))
            return next(enough, self._most)
        left = 1 - a_second * self.cost.per_row
        if a_second * self.cost.fixed >= left * self._most:
            return self._most
        # The next request may not fit into what is left of a batch.
        unused = window.rows / len(window.latencies) - 1
        return min(self._most, math.ceil(a_second * self.cost.fixed / left + unused))

    @property
    def _farthest(self) -> int:
        farthest = min(self._most, max(1, _FARTHEST * self.cost.largest))
        if self._any_size:
            return farthest
        return max((size for size in self._sizes if size <= farthest), default=self._sizes[0])

    def _seconds_of(self, rows: int) -> float:
        return self.cost.of(self._parameters.rounded(rows))

    # -- the timeout -------------------------------------------------------------

    def _decide_timeout(self, window: Window, p99: float) -> None:
        # Whoever waits for less than a run waits for the one under way anyhow; and nobody
        # is to be made to wait for much longer than it takes now.
        usual = window.run_seconds / len(window.runs)
        step = max(usual, min(self.target * _TIMEOUT_STEP, p99))
        pace = _Pace(
            timeout=self._timeout,
            requests=len(window.latencies),
            row_seconds=window.run_seconds / window.rows,
            rows_a_second=window.rows / window.seconds,
        )
        before, self._before = self._before, None
        self._patience = max(0, self._patience - 1)
        if p99 > self.target:
            self._timeout = self._shorter(step)
            self._patience = self._pause
        elif before is not None:
            self._end_trial(before, pace)
        elif self._timeout and len(window.latencies) < _COMPANY * len(window.runs):
            self._timeout = 0.0
            self._patience = self._pause
        if not self._patience:
            is_busy = window.run_seconds >= _LEAST_BUSY * window.seconds
            self._begin_trial(pace, step, may_grow=is_busy and p99 + step < self._comfort)

    def _begin_trial(self, pace: _Pace, step: float, *, may_grow: bool) -> None:
        may_grow = may_grow and self._timeout + step <= _LONGEST_TIMEOUT * self.target
        if self._timeout and (self._doubts or not may_grow):
            # What was of use once, or seemed to be, has to prove it again.
            self._before, self._timeout = pace, self._shorter(step)
        elif may_grow:
            self._before, self._timeout = pace, self._timeout + step

    def _end_trial(self, before: _Pace, pace: _Pace) -> None:
        short, long = sorted((before, pace), key=lambda one: one.timeout)
        chosen = long if _is_better(long, short) else short
        self._timeout = chosen.timeout
        if chosen is pace:
            self._pause = _WINDOWS_BEFORE_ANOTHER_TRY
            self._patience = 0 if pace is long else self._pause
        else:
            # The next trial is of the other kind.
            self._doubts = pace is long
            self._patience = self._pause
            self._pause = min(2 * self._pause, _MOST_WINDOWS_BEFORE_ANOTHER_TRY)

    def _shorter(self, step: float) -> float:
        shorter = self._timeout * _TIMEOUT_CUT
        return shorter if shorter >= step else 0.0

    @property
    def _comfort(self) -> float:
        return _MARGIN * self.target


def _is_better(pace: _Pace, before: _Pace) -> bool:
    # As many may come less by chance.
    chance = _DEVIATIONS * math.sqrt(1 / pace.requests + 1 / before.requests)
    return (
        pace.row_seconds <= (1 - _NOTICEABLE_GAIN) * before.row_seconds
        and pace.rows_a_second >= (1 - _NOTICEABLE_GAIN - chance) * before.rows_a_second
    )
