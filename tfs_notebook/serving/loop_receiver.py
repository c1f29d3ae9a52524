"""Between an event loop and the threads that run its requests: hand-overs and answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final, Protocol

from tfs_notebook.batching.task import Task

__all__ = ["LoopReceiver", "Wakes"]

_log = logging.getLogger(__name__)

# While requests keep coming, other threads are not let in between for so long.
_LONGEST_HOLD_SECONDS: Final = 0.003
# So many turns of the loop in which none came: each lets other threads hand one in.
_QUIET_TURNS: Final = 6
# After so many that came while no other was under way nobody is waited for.
_LONELY: Final = 16


class Wakes(Protocol):
    """Whoever wakes the threads."""

    def hold_back(self) -> None:
        """Wake nobody for what is submitted from now on."""

    def go_on(self) -> None:
        """Wake whoever is needed for it."""


class LoopReceiver:
    """Takes requests of one loop to other threads, and hands their answers back.

    One wake-up leads back to the loop for as many as have their answer. The other
    way, threads are woken when the loop has nothing more to take in, or after three
    milliseconds: a thread that wakes takes the interpreter's lock away from the loop,
    and does so for one request as for many. Requests that come one at a time are
    handed over at once.

    Everything belongs to the thread of the loop, but for :meth:`deliver`.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, wakes: Wakes) -> None:
        self._loop = loop
        self._wakes = wakes
        self._holding = False
        self._quiet = 0
        self._hold_ends = 0.0
        self._under_way = 0
        self._lonely = _LONELY

    def expect(self, task: Task) -> asyncio.Future[Any]:
        """What will be the task's answer; call it before the task is submitted."""
        future: asyncio.Future[Any] = self._loop.create_future()
        task.waiter = future
        self._quiet = 0
        self._under_way += 1
        if self._under_way > 1:
            self._lonely = 0
        if not self._holding and self._lonely < _LONELY:
            self._lonely += 1
            self._hold()
        return future

    @property
    def is_lonely(self) -> bool:
        """Whether tasks have come one at a time for a while."""
        return self._lonely >= _LONELY

    def not_alone(self) -> None:
        """There are others that it has not been told of."""
        self._lonely = 0

    def refused(self) -> None:
        """The task that was expected last has not been taken, and will not be delivered."""
        self._under_way -= 1

    def _hold(self) -> None:
        self._holding = True
        self._wakes.hold_back()
        self._hold_ends = self._loop.time() + _LONGEST_HOLD_SECONDS
        self._loop.call_soon(self._look)

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
            self._loop.call_soon_threadsafe(self.hand_over, tasks)
        except RuntimeError:
            _log.debug("a run ended after its loop had closed")

    def hand_over(self, tasks: Sequence[Task]) -> None:
        """Give these their answers, on the loop's own thread."""
        self._under_way -= len(tasks)
        for task in tasks:
            future = task.waiter
            if future.done():
                continue
            if task.error is not None:
                future.set_exception(task.error)
            else:
                future.set_result(task.result)
