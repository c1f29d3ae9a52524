"""The bridge from batch threads to an event loop: one wake-up a batch."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from tfs_notebook.batching.task import Task

__all__ = ["LoopReceiver"]

_log = logging.getLogger(__name__)


class LoopReceiver:
    """Hands answers to the coroutines that wait for them.

    Made on the thread of the loop; :meth:`deliver` is called on batch threads.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def expect(self, task: Task) -> asyncio.Future[Any]:
        """What will be the task's answer; call it before the task is submitted."""
        future: asyncio.Future[Any] = self._loop.create_future()
        task.waiter = future
        return future

    def deliver(self, tasks: Sequence[Task]) -> None:
        """See ``Receiver``."""
        try:
            self._loop.call_soon_threadsafe(self._hand_over, tasks)
        except RuntimeError:
            _log.debug("a batch ended after its loop had closed")

    def _hand_over(self, tasks: Sequence[Task]) -> None:
        for task in tasks:
            future = task.waiter
            if future.done():
                continue
            if task.error is not None:
                future.set_exception(task.error)
            else:
                future.set_result(task.result)
