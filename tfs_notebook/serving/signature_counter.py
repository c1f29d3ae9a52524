"""What is counted of one signature of one version."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from tfs_notebook.batching.batcher import BatchRun
from tfs_notebook.batching.quickness import Quickness
from tfs_notebook.batching.run_watch import WrittenOff
from tfs_notebook.serving.histogram import MICROSECONDS, ROWS, Buckets, Histogram
from tfs_notebook.serving.recent import RecentCounts

__all__ = ["BatchStatistics", "SignatureCounter", "SignatureStatistics"]

_T = TypeVar("_T")

_FOLD_AT: Final = 1024
_A_SECOND: Final = 1e9
_A_MICROSECOND: Final = 1e3
_A_MINUTE: Final = 60
_MICROSECONDS_A_SECOND: Final = 1e6


@dataclass(frozen=True, slots=True)
class BatchStatistics:
    """What was counted of the batches of a signature.

    Attributes:
        runs: how many batches were run.
        rows: of requests, in all of them.
        padding: rows that were added to reach an allowed size.
        seconds: what the runs took.
        sizes: rows a batch, padding included.
        requests: requests a batch.
        queue_micros: how long each request waited for its run.
    """

    runs: int
    rows: int
    padding: int
    seconds: float
    sizes: Histogram
    requests: Histogram
    queue_micros: Histogram

    @property
    def padding_share(self) -> float:
        """The share of rows that were run for nothing."""
        run = self.rows + self.padding
        return self.padding / run if run else 0.0


@dataclass(frozen=True, slots=True)
class SignatureStatistics:
    """What was counted of one signature of one version.

    Attributes:
        model: its name.
        version: its number.
        signature: the name of the signature.
        requests: all of them that have ended.
        errors: those of them that failed.
        seconds: what those took that succeeded, all together.
        error_seconds: what those took that failed, all together.
        since: when counting began, by the clock that never runs backwards.
        last: when the last one ended, in seconds since the epoch.
        in_flight: how many are under way, those that wait for a batch included.
        queued: how many of these wait for a batch.
        written_off: runs that took too long, and were given up with their threads.
        hung: how many of these have not come back.
        latency_micros: what each request took, from when it was understood: the wait
            for its batch and the run.
        a_second: requests in the last whole second.
        a_second_of_a_minute: requests a second in the last minute.
        batches: None if none has been run.
    """

    model: str
    version: int
    signature: str
    requests: int
    errors: int
    seconds: float
    error_seconds: float
    since: float
    last: float
    in_flight: int
    queued: int
    written_off: int
    hung: int
    latency_micros: Histogram
    a_second: float
    a_second_of_a_minute: float
    batches: BatchStatistics | None


class SignatureCounter:
    """Adds up samples. Any thread may add, and none waits for another to do so.

    A sample is put in a queue, which is atomic; whoever finds many there adds them
    up, unless somebody else is at it.
    """

    __slots__ = (
        "_adding_up",
        "_batches",
        "_errors",
        "_failed_ns",
        "_hung",
        "_last",
        "_latency",
        "_ns",
        "_quickness",
        "_recent",
        "_requests",
        "_samples",
        "_since",
        "_under_way",
        "_waiting",
        "_waits",
        "_written_off",
    )

    def __init__(self) -> None:
        self._samples: deque[tuple[int, bool, float]] = deque()
        self._waits: deque[float] = deque()
        # Their lengths are what counts; to append and to pop is atomic.
        self._under_way: deque[None] = deque()
        self._waiting: deque[None] = deque()
        self._adding_up = threading.Lock()
        self._requests = self._errors = self._ns = self._failed_ns = 0
        self._written_off = self._hung = 0
        self._since = time.monotonic()
        self._last = 0.0
        self._quickness = Quickness()
        self._latency = Buckets(MICROSECONDS)
        self._recent = RecentCounts()
        self._batches: _BatchCounter | None = None

    def begin(self) -> None:
        """A request is under way."""
        self._under_way.append(None)

    def begin_waiting(self) -> None:
        """It waits for a batch."""
        self._waiting.append(None)

    def end_waiting(self, seconds: float) -> None:
        """It waits no longer, after this time."""
        self._waiting.pop()
        self._waits.append(seconds)

    def drop(self) -> None:
        """It is not under way any more, and nobody has waited for its end."""
        self._under_way.pop()

    def timed(self, work: Callable[[], _T]) -> _T:
        """Run a request by itself, count it, and return, or raise, what it gives.

        Work that was written off has been counted when it was; see ``DirectRun``.
        """
        self.begin()
        started = time.perf_counter_ns()
        try:
            result = work()
        except WrittenOff:
            raise
        except BaseException:
            self.end(time.perf_counter_ns() - started, failed=True)
            raise
        nanoseconds = time.perf_counter_ns() - started
        self.end(nanoseconds, failed=False)
        self._quickness.add(nanoseconds / _A_SECOND)
        return result

    @property
    def is_quick(self) -> bool:
        """Whether a run by itself takes less than handing it to a thread and back."""
        return self._quickness.is_quick

    @property
    def activity(self) -> int:
        """Another number whenever a request or a run has ended; costs next to nothing."""
        with self._adding_up:
            runs = 0 if self._batches is None else self._batches.runs
            return self._requests + len(self._samples) + runs

    @property
    def is_busy(self) -> bool:
        """Whether a request is under way."""
        return bool(self._under_way)

    def end(self, nanoseconds: int, *, failed: bool) -> None:
        """It has ended, after this time; never waits."""
        self._under_way.pop()
        samples = self._samples
        samples.append((nanoseconds, failed, time.time()))
        if len(samples) > _FOLD_AT and self._adding_up.acquire(blocking=False):
            try:
                self._add_up()
            finally:
                self._adding_up.release()

    def write_off(self) -> None:
        """A run has been given up; its requests end for themselves."""
        with self._adding_up:
            self._written_off += 1
            self._hung += 1

    def come_back(self) -> None:
        """A run that was given up has ended after all."""
        with self._adding_up:
            self._hung -= 1

    def add_run(self, run: BatchRun) -> None:
        """A batch was run; called on batch threads."""
        with self._adding_up:
            if self._batches is None:
                self._batches = _BatchCounter()
            self._batches.add(run)

    def _add_up(self) -> None:
        if samples := _emptied(self._samples):
            columns = np.array(samples, np.float64)
            failed = columns[:, 1] > 0
            self._requests += len(samples)
            self._errors += int(failed.sum())
            self._ns += int(columns[~failed, 0].sum())
            self._failed_ns += int(columns[failed, 0].sum())
            self._latency.add(columns[:, 0] / _A_MICROSECOND)
            self._last = max(self._last, float(columns[:, 2].max()))
            self._recent.add(columns[:, 2])
        if (waits := _emptied(self._waits)) and self._batches is not None:
            self._batches.add_waits(np.array(waits, np.float64) * _MICROSECONDS_A_SECOND)

    def read(self, model: str, version: int, signature: str) -> SignatureStatistics:
        """What has been counted until now."""
        now = time.time()
        with self._adding_up:
            self._add_up()
            return SignatureStatistics(
                model,
                version,
                signature,
                self._requests,
                self._errors,
                self._ns / _A_SECOND,
                self._failed_ns / _A_SECOND,
                self._since,
                self._last,
                len(self._under_way),
                len(self._waiting),
                self._written_off,
                self._hung,
                self._latency.read(),
                self._recent.a_second(now, 1),
                self._recent.a_second(now, _A_MINUTE),
                None if self._batches is None else self._batches.read(),
            )


class _BatchCounter:
    """Not safe for threads; its owner holds a lock."""

    __slots__ = (
        "_padding",
        "_requests",
        "_rows",
        "_seconds",
        "_sizes",
        "_unfolded",
        "_waits",
        "runs",
    )

    def __init__(self) -> None:
        self._rows = self._padding = self.runs = 0
        self._seconds = 0.0
        self._sizes = Buckets(ROWS)
        self._requests = Buckets(ROWS)
        self._waits = Buckets(MICROSECONDS)
        self._unfolded: list[tuple[int, int]] = []

    def add(self, run: BatchRun) -> None:
        self.runs += 1
        self._rows += run.rows
        self._padding += run.padded_rows - run.rows
        self._seconds += run.seconds
        self._unfolded.append((run.padded_rows, run.tasks))
        if len(self._unfolded) > _FOLD_AT:
            self._fold()

    def _fold(self) -> None:
        if self._unfolded:
            columns = np.array(self._unfolded, np.float64)
            self._sizes.add(columns[:, 0])
            self._requests.add(columns[:, 1])
            self._unfolded.clear()

    def add_waits(self, micros: np.ndarray) -> None:
        self._waits.add(micros)

    def read(self) -> BatchStatistics:
        self._fold()
        return BatchStatistics(
            self.runs,
            self._rows,
            self._padding,
            self._seconds,
            self._sizes.read(),
            self._requests.read(),
            self._waits.read(),
        )


def _emptied(samples: deque[tuple[int, bool, float]] | deque[float]) -> list[object]:
    # Others may append meanwhile; these are left for the next time.
    return [samples.popleft() for _ in range(len(samples))]
