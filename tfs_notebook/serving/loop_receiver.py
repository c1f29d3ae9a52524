"""Between an event loop and batch threads: submissions there, answers back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final, Protocol

from tfs_notebook.batching.task import Task

__all__ = ["LoopReceiver", "Wakes"]

_log = logging.getLogger(__name__)

# While requests keep coming, batch threads are not let in between for so long.
_LONGEST_HOLD_SECONDS: Final = 0.003
# So many turns of the loop in which none came: each lets other threads hand one in.
_QUIET_TURNS: Final = 6


class Wakes(Protocol):
    """Whoever wakes batch threads."""

    def hold_back(self) -> None:
        """Wake nobody for what is submitted from now on."""

    def go_on(self) -> None:
        """Wake whoever is needed for it."""


class LoopReceiver:
    """Takes requests of one loop to batches, and hands their answers back.

    One wake-up a batch leads back to the loop. The other way, threads are woken when
    the loop has nothing more to take in, or after three milliseconds: a thread that wakes
    takes the interpreter's lock away from the loop, and does so for one request as
    for many.

    Everything belongs to the thread of the loop, but for :meth:`deliver`.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, wakes: Wakes) -> None:
        self._loop = loop
        self._wakes = wakes
        self._holding = False
        self._quiet = 0
        self._hold_ends = 0.0

    def expect(self, task: Task) -> asyncio.Future[Any]:
        """What will be the task's answer; call it before the task is submitted."""
        future: asyncio.Future[Any] = self._loop.create_future()
        task.waiter = future
        self._quiet = 0
        if not self._holding:
            self._holding = True
            self._wakes.hold_back()
            self._hold_ends = self._loop.time() + _LONGEST_HOLD_SECONDS
            self._loop.call_soon(self._look)
        return future

    def _look(self) -> None:
        self._quiet += 1
        if self._quiet < _QUIET_TURNS and self._loop.time() < self._hold_ends:
            self._loop.call_soon(self._look)
            return
        self._holding = False
        self._wakes.go_on()

    def deliver(self, tasks: Sequence[Task]) -> None:
        """See ``Receiver``."""
        try:
            self._loop.call_soon_threadsafe(_hand_over, tasks)
        except RuntimeError:
            _log.debug("a batch ended after its loop had closed")


def _hand_over(tasks: Sequence[Task]) -> None:
    for task in tasks:
        future = task.waiter
        if future.done():
            continue
        if task.error is not None:
            future.set_exception(task.error)
        else:
            future.set_result(task.result)
