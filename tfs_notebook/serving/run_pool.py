"""The threads that runs are made on, and the one bridge from them to a loop."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Generic, Protocol, TypeVar

from tfs_notebook.wire.errors import DeadlineExceeded, ServingError, Unavailable

__all__ = ["PoolWork", "RunPool", "expire"]

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class PoolWork(Protocol):
    """What a thread of a pool does."""

    def __call__(self) -> None:
        """Do it, on the thread; must not raise."""

    def give_up(self, error: ServingError) -> None:
        """It hangs in a run of a model: answer whoever waits with the error.

        Called on another thread, while that one is still at it.
        """


class _Job(Generic[_T]):
    __slots__ = ("_future", "_loop", "_work")

    def __init__(
        self,
        work: Callable[[], _T],
        loop: asyncio.AbstractEventLoop,
        future: asyncio.Future[_T],
    ) -> None:
        self._work, self._loop, self._future = work, loop, future

    def __call__(self) -> None:
        if self._future.done():
            # Whoever asked has left: its time was up, or its connection is closed.
            return
        try:
            result = self._work()
        except Exception as error:  # noqa: BLE001 - it belongs to the caller, whatever it is
            self._hand_back(self._fail, error)
        else:
            self._hand_back(self._succeed, result)

    def give_up(self, error: ServingError) -> None:
        """See ``PoolWork``."""
        self._hand_back(self._fail, error)

    def _hand_back(self, deliver: Callable[[Any], None], value: object) -> None:
        try:
            self._loop.call_soon_threadsafe(deliver, value)
        except RuntimeError:
            _log.debug("a run ended after its loop had closed")

    def _succeed(self, result: _T) -> None:
        if not self._future.done():
            self._future.set_result(result)

    def _fail(self, error: Exception) -> None:
        if not self._future.done():
            self._future.set_exception(error)


def expire(future: asyncio.Future[Any], timeout: float) -> None:
    """Let a request's time be up."""
    if not future.done():
        future.set_exception(
            DeadlineExceeded(f"the request took longer than the {timeout * 1000:.0f} ms it may")
        )


class RunPool:
    """A fixed number of daemon threads that take work from an event loop.

    Unlike those of ``concurrent.futures``, the threads are daemons: a run that
    hangs in a model keeps neither :meth:`stop` nor the process's exit waiting.
    :meth:`run` belongs to loop threads; :meth:`stop` may be called from any.
    """

    def __init__(self, name: str, threads: int) -> None:
        if threads < 1:
            raise ValueError(f"a pool needs at least one thread, not {threads}")
        self._jobs: SimpleQueue[PoolWork | None] = SimpleQueue()
        self._stopped = False
        # What is put in comes before the end of the threads, or is refused.
        self._changing = threading.Lock()
        self._name = name
        self._started = 0
        # By the ident of the thread that is at it.
        self._running: dict[int, PoolWork] = {}
        self._threads: list[threading.Thread] = []
        for _ in range(threads):
            self._start_thread()

    def _start_thread(self) -> None:
        thread = threading.Thread(
            target=self._work, name=f"{self._name}-{self._started}", daemon=True
        )
        self._started += 1
        thread.start()
        self._threads.append(thread)

    async def run(self, work: Callable[[], _T], timeout: float | None = None) -> _T:
        """Do ``work`` on a thread of the pool and return, or raise, what it gives.

        If the caller is cancelled, or ``timeout`` seconds pass, before the work
        began, it never begins; once begun, it goes on and its result is dropped.

        Raises:
            DeadlineExceeded: the time is up.
            Unavailable: the pool has stopped.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_T] = loop.create_future()
        self.put(_Job(work, loop, future))
        timer = None if timeout is None else loop.call_later(timeout, expire, future, timeout)
        try:
            return await future
        finally:
            if timer is not None:
                timer.cancel()
            # An error of the future has this frame in its traceback. Else they would keep
            # each other, and what the work holds, until a collection of garbage.
            del future, timer, work

    def put(self, work: PoolWork) -> None:
        """Have a thread of the pool do ``work``, which must not raise; any thread may ask.

        Raises:
            Unavailable: the pool has stopped.
        """
        with self._changing:
            if not self._stopped:
                self._jobs.put(work)
                return
        raise Unavailable("the server is shutting down; send the request to another one")

    @property
    def is_idle(self) -> bool:
        """Whether its threads have nothing to do, as of now."""
        return not self._running and self._jobs.empty()

    def _work(self) -> None:
        ident = threading.get_ident()
        while (job := self._jobs.get()) is not None:
            self._running[ident] = job
            job()
            if self._running.pop(ident, None) is None:
                # It was written off, and another thread has its place.
                return
            # A result may be large; it is not kept until the next job comes.
            del job

    def replace(self, thread: int, error: ServingError) -> bool:
        """Give up a thread whose run hangs; see ``batching.run_watch.Replace``."""
        job = self._running.pop(thread, None)
        if job is None:
            return False
        # First, for there may be no other thread to be had.
        job.give_up(error)
        with self._changing:
            self._threads = [one for one in self._threads if one.ident != thread]
            self._start_thread()
        return True

    def stop(self, timeout: float) -> bool:
        """Finish what is queued and end the threads; blocks for at most ``timeout`` seconds.

        Idempotent.

        Returns:
            whether every thread has ended; one in a run that hangs is abandoned.
        """
        with self._changing:
            if not self._stopped:
                self._stopped = True
                for _ in self._threads:
                    self._jobs.put(None)
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)
