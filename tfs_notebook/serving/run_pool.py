"""The threads that runs are made on, and the one bridge from them to a loop."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from tfs_notebook.wire.errors import DeadlineExceeded, Unavailable

__all__ = ["RunPool", "expire"]

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


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
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._stopped = False
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{index}", daemon=True)
            for index in range(threads)
        ]
        for thread in self._threads:
            thread.start()

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
        if timeout is None:
            return await future
        timer = loop.call_later(timeout, expire, future, timeout)
        try:
            return await future
        finally:
            timer.cancel()

    def put(self, work: Callable[[], None]) -> None:
        """Have a thread of the pool do ``work``, which must not raise; any thread may ask.

        Raises:
            Unavailable: the pool has stopped.
        """
        if self._stopped:
            raise Unavailable("the server is shutting down; send the request to another one")
        self._jobs.put(work)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            # A result may be large; it is not kept until the next job comes.
            del job

    def stop(self, timeout: float) -> bool:
        """Finish what is queued and end the threads; blocks for at most ``timeout`` seconds.

        Idempotent.

        Returns:
            whether every thread has ended; one in a run that hangs is abandoned.
        """
        if not self._stopped:
            self._stopped = True
            for _ in self._threads:
                self._jobs.put(None)
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)
