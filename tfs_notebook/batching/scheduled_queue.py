"""A queue as the scheduler has it: what runs its batches, and how many run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tfs_notebook.batching.batch_queue import Batch, BatchQueue

__all__ = ["Process", "ScheduledQueue"]

_NEVER: Final = float("inf")
# A hundred times what is quick.
_PATIENCE_SECONDS: Final = 0.05

Process = Callable[[Batch], None]
"""Runs a batch and gives every task its answer; must not raise."""


class ScheduledQueue:
    """A queue whose batches a scheduler runs; made by :meth:`BatchScheduler.add`."""

    __slots__ = (
        "_is_quick",
        "_one_at_a_time",
        "is_pending",
        "process",
        "queue",
        "running",
        "since",
    )

    def __init__(
        self,
        queue: BatchQueue,
        process: Process,
        is_quick: Callable[[], bool],
        *,
        one_at_a_time: bool = False,
    ) -> None:
        self.queue = queue
        self.process = process
        self._is_quick = is_quick
        self._one_at_a_time = one_at_a_time
        # Whether it stands in the line of those that have something to run.
        self.is_pending = False
        # Batches of it that are being run.
        self.running = 0
        # When the first of them began.
        self.since = 0.0

    def due(self, now: float) -> float | None:
        """When its next batch is to be started; 0 or past if at once, None if there is none.

        Of what is run in no time two at once would only be in each other's way, and
        have fewer requests each. So it waits for the one that runs; but not for long,
        for one that takes long after all may hang. Where there is to be one at a time, it
        waits until that has ended or is written off.
        """
        due = self.queue.due()
        if due is None or not self.running:
            return due
        if self._one_at_a_time:
            # Whoever ends the run looks again.
            return _NEVER
        patient_until = self.since + _PATIENCE_SECONDS
        return max(due, patient_until) if now < patient_until and self._is_quick() else due
