"""The event loop that a coroutine function runs on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from concurrent.futures import Future
from typing import Any, Final

__all__ = ["FunctionLoop"]

_END_SECONDS: Final = 1.0


class FunctionLoop:
    """A loop on a daemon thread, from the first :meth:`run` to :meth:`close`.

    It is not the kernel's: that stands still while a cell waits for an answer. And it is
    the same one for all calls, so what a function keeps, a session say, stays good.
    """

    def __init__(self, name: str) -> None:
        """Start nothing yet.

        Args:
            name: of the thread.
        """
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, awaitable: Awaitable[Any]) -> Any:  # noqa: ANN401 - whatever it gives
        """Await it there, and return or raise what it gives; any other thread, and blocks.

        What ends the wait, an interrupt say, cancels it.
        """
        with self._lock:
            loop = self._started()
            future: Future[Any] = asyncio.run_coroutine_threadsafe(_awaited(awaitable), loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def _started(self) -> asyncio.AbstractEventLoop:
        # A fork has the loop, and not the thread.
        if self._loop is None or self._thread is None or not self._thread.is_alive():
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=_serve, args=(self._loop,), name=self._name, daemon=True
            )
            self._thread.start()
        return self._loop

    def close(self) -> None:
        """End the thread; what is awaited there is cancelled. Blocks for a second at most."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None or not thread.is_alive():
            return
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_END_SECONDS)


async def _awaited(awaitable: Awaitable[Any]) -> Any:  # noqa: ANN401
    return await awaitable


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    finally:
        loop.close()
