"""A request that waits to share a run with others, and how its answer gets back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import numpy as np

from tfs_notebook.wire.errors import Cancelled, InvalidArgument, ServingError

__all__ = ["Inputs", "Outputs", "Receiver", "Task", "deliver", "rows_of"]

Inputs = Mapping[str, tuple[np.ndarray, int]]
"""Array and ``DataType`` number by alias."""
Outputs = Mapping[str, np.ndarray]
"""Array by alias."""

_NEVER: Final = float("inf")


class Receiver(Protocol):
    """Takes the answers of tasks to whoever waits for them."""

    def deliver(self, tasks: Sequence[Task]) -> None:
        """Hand back tasks that have ended, all those of a batch at once.

        Called on a batch thread; must not block or raise.
        """


class Task:
    """A request in a queue, and after that its answer.

    The one who asks may give it up by :meth:`abandon`, from any thread. All else
    belongs to the thread that holds its batch.

    Args:
        inputs: of one signature, and checked against it.
        finish: makes the answer of the outputs; runs on a batch thread, and whatever
            it raises is the task's error.

    Attributes:
        inputs: array and ``DataType`` number by alias, with equal numbers of rows.
        rows: how many, at least 0.
        receiver: takes the answer back; there is one from :meth:`enqueue_for` on.
        waiter: what the receiver knows it by, a future say; one that is done before the
            answer is there has given it up.
        enqueued: when it was put in the queue, in the seconds of ``time.perf_counter``.
        started: when its run began.
        ended: when it had its answer.
        result: what ``finish`` made of the outputs.
        error: why there is no result.
    """

    __slots__ = (
        "_abandoned",
        "_deadline",
        "_finish",
        "ended",
        "enqueued",
        "error",
        "inputs",
        "receiver",
        "result",
        "rows",
        "started",
        "waiter",
    )

    receiver: Receiver

    def __init__(self, inputs: Inputs, finish: Callable[[Outputs], Any]) -> None:
        self.inputs = inputs
        self._finish = finish
        self._abandoned = False
        self.rows = 0
        self.waiter: Any = None
        self.result: Any = None
        self.error: Exception | None = None

    def enqueue_for(
        self, receiver: Receiver, timeout: float | None = None, *, by_rows: bool = True
    ) -> None:
        """Make ready to be put in a queue.

        Args:
            receiver: see the attribute.
            timeout: seconds after which it need not run any more.
            by_rows: whether it is to share a run.

        Raises:
            InvalidArgument: it cannot share a run, for its inputs have no rows.
        """
        if by_rows:
            self.rows = rows_of(self.inputs)
        self.receiver = receiver
        self.enqueued = self.started = self.ended = time.perf_counter()
        self._deadline = _NEVER if timeout is None else self.enqueued + timeout

    def abandon(self) -> None:
        """Nobody waits for it any more: it does not run if it has not begun to."""
        self._abandoned = True

    def cancel(self) -> None:
        """It was abandoned, and does not run; what it holds is let go."""
        self.fail(Cancelled("nobody waits for the answer any more"))

    @property
    def is_abandoned(self) -> bool:
        """Whether nobody waits for it."""
        return self._abandoned or (self.waiter is not None and self.waiter.done())

    def is_late(self, now: float) -> bool:
        """Whether its time was up before it ran."""
        return now >= self._deadline

    def time_left(self, now: float) -> float | None:
        """Seconds until its time is up, at least 0; None for as long as it takes."""
        return None if self._deadline == _NEVER else max(0.0, self._deadline - now)

    def refusal(self) -> ServingError | None:
        """Why nothing of its kind is to be run now; None if it may run."""
        return None

    def start(self, now: float) -> None:
        """Its run begins."""
        self.started = now

    def describe(self) -> str:
        """What it asks, for the log."""
        return "a task"

    def strand(self) -> Callable[[], None]:
        """Its run hangs: keep what the run uses, whatever becomes of the task.

        Returns:
            lets go of that.
        """
        return _nothing

    def succeed(self, outputs: Outputs) -> None:
        """Give it its rows of the outputs."""
        try:
            self.result = self._finish(outputs)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            self.error = error
        self.ended = time.perf_counter()

    def fail(self, error: Exception) -> None:
        """Give it an error."""
        self.error = error
        self.ended = time.perf_counter()


def _nothing() -> None:
    """There is nothing to let go of."""


def rows_of(inputs: Inputs) -> int:
    """How many rows a request has.

    Raises:
        InvalidArgument: none that could be counted; TF Serving's texts.
    """
    rows = -1
    for array, _ in inputs.values():
        if not array.ndim:
            raise InvalidArgument(
                "Batching Run() input tensors must have at least one dimension"
            )
        if rows < 0:
            rows = array.shape[0]
        elif rows != array.shape[0]:
            raise InvalidArgument(
                "Batching Run() input tensors must have equal 0th-dimension size"
            )
    if rows < 0:
        raise InvalidArgument("Batching Run() must have at least one input tensor")
    return rows


def deliver(tasks: Sequence[Task]) -> None:
    """Hand tasks that have ended back, once to each receiver."""
    receivers: dict[int, tuple[Receiver, list[Task]]] = {}
    for task in tasks:
        receiver = task.receiver
        receivers.setdefault(id(receiver), (receiver, []))[1].append(task)
    for receiver, theirs in receivers.values():
        receiver.deliver(theirs)
