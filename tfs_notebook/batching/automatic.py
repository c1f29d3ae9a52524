"""The automatic mode of one version: collects what happens, and has it judged now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.batching.task import Task
from tfs_notebook.batching.tuning import QueueLimits, Tuner, Window

__all__ = ["AutomaticMode"]

_WINDOW_SECONDS: Final = 0.5
_MICROS: Final = 1e-6
# Where every run fails there are requests, and nothing to be learnt from them.
_MOST_REQUESTS: Final = 100_000


class AutomaticMode:
    """Finds limits that hold a latency target. Any thread may call it; nothing blocks.

    It has no thread of its own: of the batch threads that come by when a window is over
    one decides, and the others go on.

    Args:
        target_micros: what 99 of 100 requests are to take at most, from the queue to
            the answer.
        parameters: what is configured.
        found: called on a batch thread with this mode when its limits have changed.

    Attributes:
        tuner: what has been found; read it from any thread.
    """

    def __init__(
        self,
        target_micros: int,
        parameters: BatchingParameters,
        found: Callable[[AutomaticMode], None],
    ) -> None:
        self.tuner = Tuner(target_micros * _MICROS, parameters)
        self._found = found
        self._deciding = threading.Lock()
        # Others may append to what has just been taken away; so much is lost then.
        self._runs: list[tuple[int, int, float]] = []
        self._latencies: list[float] = []
        self._began = time.perf_counter()

    @property
    def limits(self) -> QueueLimits:
        """What holds now."""
        return self.tuner.limits

    def add_run(self, rows: int, padded_rows: int, seconds: float) -> None:
        """Take note of a run: rows of its requests, rows with padding, and its seconds."""
        self._runs.append((rows, padded_rows, seconds))

    def add_requests(self, tasks: Sequence[Task]) -> None:
        """Take note of requests that have ended, and decide if it is time to."""
        # Not +=, which would put back the list that was taken away meanwhile.
        self._latencies.extend([task.ended - task.enqueued for task in tasks])
        now = time.perf_counter()
        if now - self._began < _WINDOW_SECONDS or not self._deciding.acquire(blocking=False):
            return
        try:
            self._decide(now)
        finally:
            self._deciding.release()

    def _decide(self, now: float) -> None:
        window = Window(now - self._began, self._runs, self._latencies)
        is_enough = window.is_enough
        if not is_enough and len(window.latencies) < _MOST_REQUESTS:
            return
        self._began, self._runs, self._latencies = now, [], []
        if not is_enough:
            return
        before = self.limits
        if self.tuner.decide(window) != before:
            self._found(self)
