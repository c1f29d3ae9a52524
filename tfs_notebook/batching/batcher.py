"""Puts the requests of one loaded model together and runs them."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tfs_notebook.batching.automatic import AutomaticMode
from tfs_notebook.batching.batch_queue import Batch, BatchQueue
from tfs_notebook.batching.group_run import GroupRun
from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.batching.quickness import Quickness
from tfs_notebook.batching.rows import Parts, alike, filled_up, padded, parts_of, sliced
from tfs_notebook.batching.run_watch import RunWatch, WrittenOff
from tfs_notebook.batching.scheduled_queue import ScheduledQueue
from tfs_notebook.batching.scheduler import BatchScheduler
from tfs_notebook.batching.task import Task, deliver
from tfs_notebook.wire.errors import DeadlineExceeded, ServingError

__all__ = ["BatchRun", "Batcher", "Run"]

# Clients choose which outputs they want, and there are many choices.
_MOST_IDLE_QUEUES: Final = 64

Run = Callable[[Parts], dict[str, np.ndarray]]
"""Runs what goes below one another, and gives the outputs by alias."""


@dataclass(frozen=True, slots=True)
class BatchRun:
    """One run of a batch.

    Attributes:
        tasks: how many requests it had.
        rows: of all of them.
        padded_rows: that were run in the end.
        seconds: that the run took.
    """

    tasks: int
    rows: int
    padded_rows: int
    seconds: float


class Batcher:
    """The queues of one version of a model. Any thread may call it; nothing blocks.

    Args:
        scheduler: its threads run the batches.
        parameters: how they are put together.
        opened: says of a key that comes for the first time what runs its requests,
            and who hears of each run, on a batch thread.
        latency_target_micros: see :meth:`change`.
        one_at_a_time: see ``BatchScheduler.add``; it holds for each key.

    Attributes:
        automatic: finds size and timeout; None while the parameters say them.
    """

    def __init__(
        self,
        scheduler: BatchScheduler,
        parameters: BatchingParameters,
        opened: Callable[[Any], tuple[Run, Callable[[BatchRun], None]]],
        latency_target_micros: int = 0,
        *,
        one_at_a_time: bool = False,
    ) -> None:
        self._scheduler = scheduler
        self._one_at_a_time = one_at_a_time
        self._lock = threading.Lock()
        self._closed = False
        self._open = opened
        self._queues: OrderedDict[Hashable, ScheduledQueue] = OrderedDict()
        self.automatic: AutomaticMode | None = None
        self.change(parameters, latency_target_micros)

    @property
    def parameters(self) -> BatchingParameters:
        """What is said for the requests that come now."""
        return self._parameters

    def change(self, parameters: BatchingParameters, latency_target_micros: int = 0) -> None:
        """Let these hold from now on, also for what waits.

        Args:
            parameters: how requests are put together.
            latency_target_micros: what the automatic mode is to hold, which begins anew;
                0 for no such mode.
        """
        with self._lock:
            self._parameters = parameters
            self.automatic = None
            if latency_target_micros:
                self.automatic = AutomaticMode(latency_target_micros, parameters, self._found)
            self._change_queues()
        # What waits may be due now.
        self._scheduler.look_again()

    def _found(self, mode: AutomaticMode) -> None:
        with self._lock:
            if mode is not self.automatic:
                return
            self._change_queues()
        self._scheduler.look_again()

    def _change_queues(self) -> None:
        for scheduled in self._queues.values():
            self._adjust(scheduled.queue)

    def _adjust(self, queue: BatchQueue) -> None:
        limits = None if self.automatic is None else self.automatic.limits
        queue.change(self._parameters, limits)
        if self._closed:
            queue.close()

    def close(self) -> None:
        """Run what waits without waiting for more: no new requests are to be expected."""
        with self._lock:
            self._closed = True
            for scheduled in self._queues.values():
                scheduled.queue.close()
        self._scheduler.look_again()

    def submit(self, key: Hashable, task: Task) -> None:
        """Put a request in the queue of those that it may share a run with.

        Args:
            key: says which these are.
            task: the request.

        Raises:
            InvalidArgument: it is too large.
            Unavailable: the queue is full.
        """
        scheduled = self._queues.get(key) or self._add(key)
        self._scheduler.submit(scheduled, task)

    def _add(self, key: Hashable) -> ScheduledQueue:
        run, seen = self._open(key)
        with self._lock:
            if (there := self._queues.get(key)) is not None:
                return there
            queue = BatchQueue(self._parameters)
            self._adjust(queue)
            process = _Process(self, queue, run, seen, self._scheduler.watch)
            scheduled = self._queues[key] = self._scheduler.add(
                queue, process, process.is_quick, one_at_a_time=self._one_at_a_time
            )
            self._forget_idle()
            return scheduled

    def _forget_idle(self) -> None:
        # One that is dropped while a task is being put in runs it all the same.
        for key, scheduled in list(self._queues.items()):
            if len(self._queues) <= _MOST_IDLE_QUEUES:
                return
            if not scheduled.is_pending:
                del self._queues[key]

    @property
    def depth(self) -> int:
        """How many requests wait."""
        return sum(len(scheduled.queue) for scheduled in self._queues.copy().values())


class _Process:
    """Runs batches of one queue."""

    def __init__(
        self,
        batcher: Batcher,
        queue: BatchQueue,
        run: Run,
        seen: Callable[[BatchRun], None],
        watch: RunWatch,
    ) -> None:
        self._batcher = batcher
        self._queue = queue
        self._run = run
        self._seen = seen
        self._watch = watch
        self._quickness = Quickness()

    def is_quick(self) -> bool:
        """Whether its runs take so little that two at once are of no use."""
        return self._quickness.is_quick

    def __call__(self, batch: Batch) -> None:
        now = time.perf_counter()
        tasks = []
        late = []
        for task in batch.tasks:
            if task.is_late(now):
                late.append(task)
            elif task.is_abandoned:
                task.cancel()
            else:
                task.start(now)
                tasks.append(task)
        for task in late:
            task.fail(
                DeadlineExceeded("Run() timeout exceeded while waiting in batching queue")
            )
        if tasks and (refusal := tasks[0].refusal()) is not None:
            for task in tasks:
                task.fail(refusal)
        elif tasks:
            try:
                self._run_tasks(batch, tasks)
            except WrittenOff:
                # The watch has handed back what there was to hand back.
                return
        deliver(batch.tasks)
        if (automatic := self._batcher.automatic) is not None:
            automatic.add_requests(batch.tasks)

    def _run_tasks(self, batch: Batch, tasks: list[Task]) -> None:
        parameters = self._queue.parameters
        groups = deque(alike(tasks, padding=parameters.pad_variable_length_inputs))
        while groups:
            group = groups.popleft()
            if all(task.is_abandoned for task in group):
                # While others of the batch were run again.
                for task in group:
                    task.cancel()
                continue
            try:
                self._run_together(GroupRun(batch, group, groups), group, parameters)
            except WrittenOff:
                raise
            except Exception as error:  # noqa: BLE001 - it belongs to those who asked
                if len(group) == 1 or isinstance(error, _OfTheModel):
                    for task in group:
                        task.fail(_known(error))
                else:
                    # One of them may have spoilt it for all.
                    groups.extendleft([task] for task in reversed(group))

    def _run_together(
        self, watched: GroupRun, tasks: list[Task], parameters: BatchingParameters
    ) -> None:
        parts: Parts = parts_of(tasks)
        if parameters.pad_variable_length_inputs:
            parts = padded(parts)
        rows = sum(task.rows for task in tasks)
        total = parameters.rounded(rows)
        if total > rows and rows:
            parts = filled_up(parts, total - rows)
        else:
            total = rows
        started = time.perf_counter()
        outputs = self._watch.run(watched, lambda: self._run(parts))
        seconds = time.perf_counter() - started
        self._quickness.add(seconds)
        self._seen(BatchRun(len(tasks), rows, total, seconds))
        if (automatic := self._batcher.automatic) is not None:
            automatic.add_run(rows, total, seconds)
        try:
            slices = sliced(outputs, tasks, total)
        except ServingError as error:
            raise _OfTheModel(error) from error
        for task, part in zip(tasks, slices, strict=True):
            task.succeed(part)


class _OfTheModel(Exception):
    """An error that is the same however its requests are run."""

    def __init__(self, error: ServingError) -> None:
        self.error = error


def _known(error: Exception) -> Exception:
    return error.error if isinstance(error, _OfTheModel) else error
