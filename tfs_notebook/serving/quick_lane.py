"""Predictions that take so little that a thread for each would take longer than they do."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final, TypeVar

from tfs_notebook.serving.loop_receiver import LoopReceiver
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.run_pool import RunPool
from tfs_notebook.wire.errors import ServingError, Unavailable

__all__ = ["QuickLane"]

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

# What is done is taken back to the loop so often.
_LONGEST_ROUND_SECONDS: Final = 0.001
# One that was expected to be quick and is not holds the others up for twice this time at most.
_STALL_SECONDS: Final = 0.002

# No client has an answer and sends the next request within this time.
_SOONEST_SECONDS: Final = 0.00015


class QuickLane:
    """Runs predictions of one loop one after another on a thread of a pool.

    Two threads that run what is quick are in each other's way, and the loop's: each
    needs the interpreter's lock for most of the time. So one thread runs all that is
    there and hands it back with one wake-up. If one takes long, another thread goes
    on with those behind it.

    Where requests come one at a time, to wake a thread and be woken by it takes several
    times as long as the run itself. Then the loop makes those itself of which it is known
    that they take next to nothing (``Prediction.is_brief``), if no other run has
    TensorFlow's threads, for which they might wait.

    Everything belongs to the thread of the loop.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        pool: RunPool,
        nothing_runs: Callable[[], bool] = bool,
    ) -> None:
        """Make a lane; it takes no thread before there is something to run.

        Args:
            loop: whose predictions it runs.
            pool: has the threads.
            nothing_runs: whether no thread of the server is at a run of a model.
        """
        self._loop = loop
        self._pool = pool
        self._nothing_runs = nothing_runs
        self._made_at = 0.0
        self._receiver = LoopReceiver(loop, self)
        self._held = False
        self._guard: asyncio.TimerHandle | None = None
        self._first_seen: object = None
        # What the threads share with the loop. To put in and to take out is atomic.
        self._waiting: deque[Prediction[Any]] = deque()
        self._done: deque[Prediction[Any]] = deque()
        self._rounds: dict[_Round, None] = {}
        self._latest: _Round | None = None
        self._waking = False

    def submit(self, prediction: Prediction[_T]) -> asyncio.Future[_T]:
        """Have it run; what it gives, or why it gives nothing."""
        if self._receiver.is_lonely and prediction.is_brief and self._is_alone():
            return self._made(prediction)
        answer: asyncio.Future[_T] = self._receiver.expect(prediction)
        self._waiting.append(prediction)
        if not self._held:
            self._start()
        return answer

    def _is_alone(self) -> bool:
        if not self._nothing_runs():
            return False
        if time.perf_counter() - self._made_at > _SOONEST_SECONDS:
            return True
        # Nobody can have had the last answer already.
        self._receiver.not_alone()
        return False

    def _made(self, prediction: Prediction[_T]) -> asyncio.Future[_T]:
        answer: asyncio.Future[_T] = self._loop.create_future()
        prediction.run_alone()
        if prediction.error is None:
            answer.set_result(prediction.result)
        else:
            answer.set_exception(prediction.error)
        self._made_at = time.perf_counter()
        return answer

    def hold_back(self) -> None:
        """See ``Wakes``."""
        self._held = True

    def go_on(self) -> None:
        """See ``Wakes``."""
        self._held = False
        self._start()

    def _start(self) -> None:
        if self._waiting and not self._rounds:
            self._begin_round()
        if self._guard is None:
            self._guard = self._loop.call_later(_STALL_SECONDS, self._look_after)

    def _begin_round(self) -> None:
        if self._latest is not None and not self._latest.has_begun:
            # All threads are busy: another that waits for one would be of no use.
            return
        a_round = _Round(self, self._waiting, self._done)
        self._rounds[a_round] = None
        try:
            self._pool.put(a_round)
        except Unavailable as error:
            self.end_round(a_round)
            self._refuse_all(error)
        else:
            self._latest = a_round

    def _refuse_all(self, error: ServingError) -> None:
        refused = [self._waiting.popleft() for _ in range(len(self._waiting))]
        for prediction in refused:
            prediction.refuse(error)
        self._receiver.hand_over(refused)

    def _look_after(self) -> None:
        self._guard = None
        self._fetch()
        first = self._waiting[0] if self._waiting else None
        stalled = first is not None and first is self._first_seen
        self._first_seen = first
        if first is None:
            return
        if stalled:
            self._begin_round()
        self._guard = self._loop.call_later(_STALL_SECONDS, self._look_after)

    def _fetch(self) -> None:
        # Before the look: what is done after it gives another wake-up.
        self._waking = False
        done = self._done
        if done:
            self._receiver.hand_over([done.popleft() for _ in range(len(done))])
        if self._waiting and not self._held and not self._rounds:
            # They came while the thread was leaving.
            self._begin_round()

    # -- for rounds, on their threads ---------------------------------------------

    def end_round(self, a_round: _Round) -> None:
        """A thread has left."""
        self._rounds.pop(a_round, None)

    def wake_loop(self) -> None:
        """Something is done."""
        if self._waking:
            return
        self._waking = True
        try:
            self._loop.call_soon_threadsafe(self._fetch)
        except RuntimeError:
            _log.debug("runs ended after their loop had closed")


class _Round:
    """Runs what waits, until there is nothing more; see ``PoolWork``."""

    __slots__ = ("_current", "_done", "_given_up", "_lane", "_waiting", "has_begun")

    def __init__(
        self,
        lane: QuickLane,
        waiting: deque[Prediction[Any]],
        done: deque[Prediction[Any]],
    ) -> None:
        self._lane = lane
        self._waiting = waiting
        self._done = done
        self._current: Prediction[Any] | None = None
        self._given_up = False
        self.has_begun = False

    def __call__(self) -> None:
        self.has_begun = True
        waiting, done = self._waiting, self._done
        taken_back = 0.0
        while waiting:
            try:
                prediction = self._current = waiting.popleft()
            except IndexError:
                break
            prediction.run_alone()
            if self._given_up:
                return
            done.append(prediction)
            now = time.perf_counter()
            if not taken_back:
                taken_back = now
            elif now - taken_back > _LONGEST_ROUND_SECONDS:
                taken_back = 0.0
                self._lane.wake_loop()
        self._current = None
        self._lane.end_round(self)
        self._lane.wake_loop()

    def give_up(self, error: ServingError) -> None:
        self._given_up = True
        self._lane.end_round(self)
        if self._current is not None:
            self._current.error = error
            self._done.append(self._current)
        self._lane.wake_loop()
