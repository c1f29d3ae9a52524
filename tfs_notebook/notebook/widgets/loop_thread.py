"""A thread with an event loop for one widget: it asks, and it alone writes to the widget."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final

__all__ = ["LoopThread"]

_JOIN_SECONDS: Final = 5.0


class LoopThread:
    """Runs what callbacks of a widget hand to it, in their order, on one daemon thread.

    A callback of a widget runs on the thread that answers the front end; whatever takes
    time there keeps all widgets of the kernel waiting. Any thread may use this.

    The thread is started by the first thing to do and ended by :meth:`stop`, which cancels
    the tasks that are under way; the next thing to do starts another one. What a task or a
    call raises goes to ``failed``, on the thread.
    """

    def __init__(self, name: str, failed: Callable[[BaseException], None]) -> None:
        self._name = name
        self._failed = failed
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._is_closed = False

    @property
    def is_running(self) -> bool:
        """Whether there is a thread."""
        thread = self._thread
        return thread is not None and thread.is_alive()

    def is_current(self) -> bool:
        """Whether the caller is on the thread."""
        return threading.current_thread() is self._thread

    def call(self, function: Callable[[], object]) -> None:
        """Call this soon, on the thread; dropped after :meth:`close`. Does not block."""
        with self._lock:
            if self._is_closed:
                return
            loop = self._started()
            loop.call_soon_threadsafe(self._guarded, function)

    def task(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin a task; on the thread alone."""
        task = asyncio.get_running_loop().create_task(coroutine)
        task.add_done_callback(self._ended)
        return task

    def stop(self) -> None:
        """Cancel what is under way and end the thread; blocks for moments. Idempotent.

        On the thread itself it ends once the caller returns.
        """
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = None
            if loop is None or thread is None:
                return
            loop.call_soon_threadsafe(loop.stop)
        if thread is not threading.current_thread():
            thread.join(_JOIN_SECONDS)

    def close(self) -> None:
        """As :meth:`stop`, for good."""
        with self._lock:
            self._is_closed = True
        self.stop()

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            # Not an asyncio.run: the loop is to be there before its thread is.
            loop = self._loop = asyncio.new_event_loop()
            thread = threading.Thread(
                target=self._run, args=(loop,), name=self._name, daemon=True
            )
            self._thread = thread
            thread.start()
        return self._loop

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
            tasks = asyncio.all_tasks(loop)
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        finally:
            loop.close()

    def _guarded(self, function: Callable[[], object]) -> None:
        try:
            function()
        except Exception as error:  # noqa: BLE001 - shown where the person looks
            self._failed(error)

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._failed(error)
