"""The time that requests may take, watched by one timer for all of them."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Final
from weakref import ReferenceType, ref

from tfs_notebook.serving.run_pool import expire

__all__ = ["TimeLimit"]

_Watched = tuple[float, "ReferenceType[asyncio.Future[Any]]"]
_NEVER: Final = float("-inf")


class TimeLimit:
    """Lets the answers of one loop expire; belongs to its thread.

    A timer for each request would be set up and taken down for nothing nearly always.
    Those that have their answer are not kept.

    Args:
        loop: of the answers.
        seconds: they may take.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._loop = loop
        self.seconds = seconds
        """They may take."""
        # In the order in which their time is up.
        self._watched: deque[_Watched] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, answer: asyncio.Future[Any]) -> None:
        """Let it fail with DEADLINE_EXCEEDED if it is not there in time."""
        self._forget(_NEVER)
        self._watched.append((self._loop.time() + self.seconds, ref(answer)))
        if self._timer is None:
            self._timer = self._loop.call_later(self.seconds, self._look)

    def _forget(self, now: float) -> None:
        watched = self._watched
        while watched:
            end, reference = watched[0]
            answer = reference()
            if answer is not None and not answer.done():
                if end > now:
                    return
                expire(answer, self.seconds)
            watched.popleft()

    def _look(self) -> None:
        now = self._loop.time()
        self._forget(now)
        self._timer = None
        if self._watched:
            self._timer = self._loop.call_later(self._watched[0][0] - now, self._look)
