"""Tasks to queue, without a model or a door."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfs_notebook.batching.task import Task
from tfs_notebook.wire.dtypes import DataType


class Answers:
    """Receives tasks, and remembers which came together."""

    def __init__(self) -> None:
        self.deliveries: list[list[Task]] = []

    def deliver(self, tasks: Sequence[Task]) -> None:
        self.deliveries.append(list(tasks))

    @property
    def tasks(self) -> list[Task]:
        """All that came, in their order."""
        return [task for delivery in self.deliveries for task in delivery]


def task_of(
    values: np.ndarray | Sequence[float],
    receiver: Answers | None = None,
    *,
    timeout: float | None = None,
) -> Task:
    """A task with one input, ready for a queue; its answer is the output ``y``."""
    array = np.asarray(values, np.float32) if not isinstance(values, np.ndarray) else values
    task = Task({"x": (array, DataType.FLOAT)}, lambda outputs: outputs["y"])
    task.enqueue_for(receiver or Answers(), timeout)
    return task


def rows(number: int) -> Task:
    """A task with this many rows."""
    return task_of(np.zeros(number, np.float32))
