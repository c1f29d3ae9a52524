"""A request that is spread over several batches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np

from tfs_notebook.batching.task import Inputs, Outputs, Task
from tfs_notebook.wire.errors import ServingError

__all__ = ["split"]


class _Whole:
    """Puts the outputs of the pieces together. The pieces may end on several threads."""

    def __init__(self, task: Task, pieces: int) -> None:
        self._task = task
        self._lock = threading.Lock()
        self._outputs: list[Outputs | None] = [None] * pieces
        self._left = pieces
        self._error: Exception | None = None
        self._has_started = False

    def started(self, now: float) -> None:
        with self._lock:
            first, self._has_started = not self._has_started, True
        if first:
            self.task.start(now)

    @property
    def task(self) -> Task:
        return self._task

    def ended(self, index: int, piece: Task) -> None:
        with self._lock:
            self._outputs[index] = piece.result
            self._error = self._error or piece.error
            self._left -= 1
            last = not self._left
        if not last:
            return
        task = self._task
        if self._error is not None:
            task.fail(self._error)
        else:
            task.succeed(_joined([outputs for outputs in self._outputs if outputs is not None]))
        task.receiver.deliver([task])


class _Piece(Task):
    """A part of a task; the error of one is the error of the whole."""

    __slots__ = ("_index", "_whole")

    def __init__(self, whole: _Whole, index: int, inputs: Inputs, rows: int) -> None:
        super().__init__(inputs, _as_they_are)
        self.rows = rows
        self.receiver = self
        self.enqueued = self.started = self.ended = whole.task.enqueued
        self._whole = whole
        self._index = index

    @property
    def is_abandoned(self) -> bool:
        return self._whole.task.is_abandoned

    def is_late(self, now: float) -> bool:
        return self._whole.task.is_late(now)

    def start(self, now: float) -> None:
        """See ``Task``."""
        super().start(now)
        self._whole.started(now)

    def refusal(self) -> ServingError | None:
        """See ``Task``."""
        return self._whole.task.refusal()

    def describe(self) -> str:
        """See ``Task``."""
        return self._whole.task.describe()

    def strand(self) -> Callable[[], None]:
        """See ``Task``."""
        return self._whole.task.strand()

    def deliver(self, tasks: Sequence[Task]) -> None:
        """Be told that this piece has ended; see ``Receiver``."""
        self._whole.ended(self._index, tasks[0])


def _as_they_are(outputs: Outputs) -> Outputs:
    return outputs


def split(task: Task, first: int, most: int) -> list[Task]:
    """Cut a task up: at most ``first`` rows, then at most ``most`` in each piece."""
    if task.rows <= (first or most):
        return [task]
    cuts = list(range(first or most, task.rows, most))
    ends = [*cuts, task.rows]
    whole = _Whole(task, len(ends))
    return [
        _Piece(whole, index, _sliced(task.inputs, start, end), end - start)
        for index, (start, end) in enumerate(zip([0, *cuts], ends, strict=True))
    ]


def _sliced(inputs: Inputs, start: int, end: int) -> Inputs:
    return {alias: (array[start:end], dtype) for alias, (array, dtype) in inputs.items()}


def _joined(parts: Sequence[Outputs]) -> Outputs:
    return {alias: np.concatenate([part[alias] for part in parts]) for alias in parts[0]}
