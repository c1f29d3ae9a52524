"""Predictions that take so little that a thread for each would take longer than they do."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from typing import Any, Final, TypeVar

from tfs_notebook.serving.loop_receiver import LoopReceiver
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.run_pool import RunPool

__all__ = ["QuickLane"]

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

# What is done is taken back to the loop so often.
_LONGEST_ROUND_SECONDS: Final = 0.001
# One that was expected to be quick and is not holds the others up for twice this time at most.
_STALL_SECONDS: Final = 0.002


class QuickLane:
    """Runs predictions of one loop one after another on a thread of a pool.

    Two threads that run what is quick are in each other's way, and the loop's: each
    needs the interpreter's lock for most of the time. So one thread runs all that is
    there and hands it back with one wake-up. If one takes long, another thread goes
    on with those behind it.

    Everything belongs to the thread of the loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, pool: RunPool) -> None:
        self._loop = loop
        self._pool = pool
        self._receiver = LoopReceiver(loop, self)
        self._held = False
        self._guard: asyncio.TimerHandle | None = None
        self._first_seen: object = None
        # What the threads share with the loop. To append and to pop is atomic.
        self._waiting: deque[Prediction[Any]] = deque()
        self._done: deque[Prediction[Any]] = deque()
        self._threads: deque[None] = deque()
        self._waking = False

    def submit(self, prediction: Prediction[_T]) -> asyncio.Future[_T]:
        """Have it run; what it gives.

        Raises:
            Unavailable: the pool has stopped.
        """
        answer: asyncio.Future[_T] = self._receiver.expect(prediction)
        self._waiting.append(prediction)
        if not self._held:
            self._start()
        return answer

    def hold_back(self) -> None:
        """See ``Wakes``."""
        self._held = True

    def go_on(self) -> None:
        """See ``Wakes``."""
        self._held = False
        self._start()

    def _start(self) -> None:
        if self._waiting and not self._threads:
            self._send_thread()
        if self._guard is None:
            self._guard = self._loop.call_later(_STALL_SECONDS, self._look_after)

    def _send_thread(self) -> None:
        self._threads.append(None)
        try:
            self._pool.put(self._work)
        except BaseException:
            self._threads.pop()
            raise

    def _look_after(self) -> None:
        self._guard = None
        self._fetch()
        first = self._waiting[0] if self._waiting else None
        if first is None:
            self._first_seen = None
            return
        if first is self._first_seen or not self._threads:
            self._send_thread()
        self._first_seen = first
        self._guard = self._loop.call_later(_STALL_SECONDS, self._look_after)

    def _work(self) -> None:
        # On a thread of the pool.
        waiting, done = self._waiting, self._done
        round_ends = 0.0
        while waiting:
            try:
                prediction = waiting.popleft()
            except IndexError:
                break
            prediction.run_alone()
            done.append(prediction)
            del prediction
            now = time.perf_counter()
            if not round_ends:
                round_ends = now + _LONGEST_ROUND_SECONDS
            elif now > round_ends:
                round_ends = 0.0
                self._wake_loop()
        self._threads.pop()
        self._wake_loop()

    def _wake_loop(self) -> None:
        if self._waking:
            return
        self._waking = True
        try:
            self._loop.call_soon_threadsafe(self._fetch)
        except RuntimeError:
            _log.debug("runs ended after their loop had closed")

    def _fetch(self) -> None:
        # Before the look: what is done after it gives another wake-up.
        self._waking = False
        done = self._done
        if done:
            self._receiver.hand_over([done.popleft() for _ in range(len(done))])
        if self._waiting and not self._held and not self._threads:
            # They came while the thread was leaving.
            self._send_thread()
