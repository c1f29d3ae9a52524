"""One run of tasks that share it, as it is watched."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from tfs_notebook.batching.batch_queue import Batch
from tfs_notebook.batching.run_watch import WatchedRun
from tfs_notebook.batching.task import Task, deliver
from tfs_notebook.wire.errors import ServingError

__all__ = ["GroupRun"]


class GroupRun(WatchedRun):
    """Runs some tasks of a batch.

    Args:
        batch: theirs. If the run is written off, what has ended is taken out of it and
            handed back; what has not begun stays, for others to run.
        tasks: those that run.
        waiting: those groups of the batch that have not begun.
    """

    __slots__ = ("_batch", "_let_go", "_tasks", "_waiting")

    def __init__(
        self, batch: Batch, tasks: Sequence[Task], waiting: Collection[Sequence[Task]]
    ) -> None:
        self._batch = batch
        self._tasks = tasks
        self._waiting = waiting
        self._let_go: Callable[[], None] | None = None

    def describe(self) -> str:
        """See ``WatchedRun``."""
        number = len(self._tasks)
        return f"{self._tasks[0].describe()} ({number} request{'s' if number > 1 else ''})"

    def write_off(self, error: ServingError) -> None:
        """See ``WatchedRun``."""
        # All of them are of one model: what one keeps will do for all.
        self._let_go = self._tasks[0].strand()
        for task in self._tasks:
            task.fail(error)
        batch = self._batch
        left = {id(task) for group in self._waiting for task in group}
        deliver([task for task in batch.tasks if id(task) not in left])
        batch.tasks[:] = [task for task in batch.tasks if id(task) in left]
        batch.rows = sum(task.rows for task in batch.tasks)

    def come_back(self) -> None:
        """See ``WatchedRun``."""
        if self._let_go is not None:
            self._let_go()
