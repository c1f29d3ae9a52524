"""One queue of tasks, and when a batch of them is to run: decisions only, no threads."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.batching.splitting import split
from tfs_notebook.batching.task import Task
from tfs_notebook.batching.tuning import QueueLimits
from tfs_notebook.wire.errors import InvalidArgument, Unavailable

__all__ = ["Batch", "BatchQueue"]

_MICROS: Final = 1e-6


@dataclass(slots=True)
class Batch:
    """Tasks that run together.

    Attributes:
        tasks: in the order they came.
        rows: of all of them.
        since: when the first of them came.
    """

    tasks: list[Task]
    rows: int
    since: float


class BatchQueue:
    """The tasks of one signature of one version, put together as they come.

    Not safe for threads: its owner holds a lock. Time is what the caller says.
    The rules are those of TensorFlow's ``SharedBatchScheduler``: a batch is closed
    when the next task does not fit; it is ready when it is closed, full, or its
    first task has waited long enough.
    """

    __slots__ = (
        "_batches",
        "_limit",
        "_most",
        "_patience",
        "_splits",
        "dropped",
        "parameters",
        "rows",
    )

    def __init__(self, parameters: BatchingParameters) -> None:
        self._batches: deque[Batch] = deque()
        self.rows = 0
        """Of all tasks that wait."""
        self.dropped: list[Task] = []
        """Abandoned tasks that made room; whoever owns the queue cancels them."""
        self.change(parameters)

    def change(self, parameters: BatchingParameters, limits: QueueLimits | None = None) -> None:
        """Let these hold for the tasks that come from now on.

        Args:
            parameters: also say how many rows one task may have, and how many may wait.
            limits: up to how many rows, and for how long, tasks are put together; by
                default what the parameters say.
        """
        self.parameters = parameters
        most = parameters.rows_of_a_run
        if limits is None:
            limits = QueueLimits(most, parameters.batch_timeout_micros)
        self._limit = min(limits.rows, most)
        self._patience = limits.timeout_micros * _MICROS
        # The open batch counts, so there is always one. Of smaller ones more may wait, or
        # what the parameters allow would be refused.
        self._most = max(1, parameters.max_enqueued_batches) * -(-most // self._limit)
        self._splits = parameters.enable_large_batch_splitting

    def __len__(self) -> int:
        """How many tasks wait, those included that were abandoned."""
        return sum(len(batch.tasks) for batch in self._batches)

    @property
    def batches(self) -> int:
        """How many batches wait, the open one included."""
        return len(self._batches)

    def add(self, task: Task, now: float) -> None:
        """Put a task in.

        Raises:
            InvalidArgument: it is too large for any batch.
            Unavailable: the queue is full.
        """
        size = task.rows
        batches = self._batches
        if batches and (last := batches[-1]).rows + size <= self._limit:
            last.tasks.append(task)
            last.rows += size
        else:
            self._add_to_new(task, now)
        self.rows += size

    def _add_to_new(self, task: Task, now: float) -> None:
        if task.rows > self.parameters.max_batch_size:
            raise InvalidArgument(
                f"Task size {task.rows} is larger than maximum input batch size "
                f"{self.parameters.max_batch_size}"
            )
        if self._splits:
            self._spread(task, now)
            return
        if len(self._batches) >= self._most and not self._drop_abandoned():
            raise Unavailable(
                "The batch scheduling queue to which this task was submitted is full; "
                f"currently {len(self._batches)} batches enqueued and max_enqueued_batches is "
                f"{self._most}"
            )
        self._append(task, now)

    def _append(self, task: Task, now: float) -> None:
        batches = self._batches
        if batches and (last := batches[-1]).rows + task.rows <= self._limit:
            last.tasks.append(task)
            last.rows += task.rows
        else:
            batches.append(Batch([task], task.rows, now))

    def _spread(self, task: Task, now: float) -> None:
        if task.rows > self._capacity():
            self._drop_abandoned()
        if task.rows > self._capacity():
            opened = self._batches[-1].rows if self._batches else 0
            raise Unavailable(
                "The batch scheduling queue to which this task was submitted is full; task "
                f"size is {task.rows} but scheduling capacity is only {self._capacity()} "
                f"(num_enqueued_batches={max(1, len(self._batches))}, "
                f"max_enqueued_batches={self._most}, open_batch_size={opened}, "
                f"max_execution_batch_size={self._limit})"
            )
        for piece in split(task, self._room(), self._limit):
            self._append(piece, now)

    def _capacity(self) -> int:
        if not self._batches:
            return self._most * self._limit
        return max(0, self._most - len(self._batches)) * self._limit + self._room()

    def _room(self) -> int:
        """How many rows the open batch takes; it may be larger than a new limit."""
        return max(0, self._limit - self._batches[-1].rows) if self._batches else self._limit

    def _drop_abandoned(self) -> bool:
        """Make room; return whether there is some now."""
        for batch in self._batches:
            kept = [task for task in batch.tasks if not task.is_abandoned]
            gone = [task for task in batch.tasks if task.is_abandoned]
            rows = sum(task.rows for task in gone)
            batch.tasks[:] = kept
            batch.rows -= rows
            self.rows -= rows
            self.dropped += gone
        self._batches = deque(batch for batch in self._batches if batch.tasks)
        return len(self._batches) < self._most

    def close(self) -> None:
        """Wait for nobody any more, neither with what waits nor with what comes."""
        self._patience = 0.0

    @property
    def has_full_batch(self) -> bool:
        """Whether there is a batch that takes no more."""
        batches = self._batches
        return len(batches) > 1 or (bool(batches) and batches[0].rows >= self._limit)

    def due(self) -> float | None:
        """When the next batch is ready; 0 if it is already, None if there is none."""
        batches = self._batches
        if not batches:
            return None
        first = batches[0]
        if self.has_full_batch:
            return 0.0
        return first.since + self._patience if self._patience else 0.0

    def put_back(self, batch: Batch) -> None:
        """Put a batch that was taken, or what is left of it, before all others."""
        self._batches.appendleft(batch)
        self.rows += batch.rows

    def take(self) -> Batch:
        """Take the next batch out; its owner has seen that it is due."""
        batch = self._batches.popleft()
        self.rows -= batch.rows
        return batch
