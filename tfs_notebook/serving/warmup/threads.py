"""Threads that warm models up; one that hangs in a run is given up, as those of a pool are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tfs_notebook.serving.behalf import on_nobodys_behalf
from tfs_notebook.wire.errors import ServingError

__all__ = ["WarmUpThreads", "WarmUpWork"]


class WarmUpWork:
    """What some threads do for one model. Any thread may call any method.

    Args:
        threads: how many do it.
    """

    def __init__(self, threads: int) -> None:
        self._ended = threading.Condition()
        self._going = threads
        self._error: BaseException | None = None

    def end(self, error: BaseException | None) -> None:
        """One of the threads has ended, or is given up."""
        with self._ended:
            self._going -= 1
            self._error = self._error or error
            self._ended.notify_all()

    @property
    def failed(self) -> bool:
        """Whether any thread has ended with an error."""
        return self._error is not None

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all threads have ended or are given up; blocks.

        Returns:
            whether they have, within these seconds.

        Raises:
            BaseException: what the first one to fail has raised.
        """
        end = None if timeout is None else time.monotonic() + timeout
        with self._ended:
            while self._going:
                left = None if end is None else end - time.monotonic()
                if left is not None and left <= 0:
                    return False
                self._ended.wait(left)
            if self._error is not None:
                raise self._error
            return True


class WarmUpThreads:
    """Starts daemon threads, and knows which of them are at work. Any thread may call it.

    The threads of a load would do, but for runs that hang: a load has to end then.
    """

    def __init__(self) -> None:
        # By the ident of the thread; to put in and to take out is atomic.
        self._working: dict[int, WarmUpWork] = {}

    def start(self, do: Callable[[WarmUpWork], None], threads: int) -> WarmUpWork:
        """Have some threads do the same, each once; does not block.

        Args:
            do: ends early when the work it is given has failed.
            threads: at least one.
        """
        work = WarmUpWork(threads)
        for index in range(threads):
            thread = threading.Thread(
                target=self._work, args=(work, do), name=f"tfs-warmup-{index}", daemon=True
            )
            try:
                thread.start()
            except RuntimeError as error:
                work.end(error)
        return work

    def _work(self, work: WarmUpWork, do: Callable[[WarmUpWork], None]) -> None:
        ident = threading.get_ident()
        self._working[ident] = work
        failure: BaseException | None = None
        try:
            with on_nobodys_behalf():
                do(work)
        except BaseException as error:  # noqa: BLE001 - it belongs to the one who waits
            failure = error
        # If it is not there, it was written off.
        if self._working.pop(ident, None) is not None:
            work.end(failure)

    def replace(self, thread: int, error: ServingError) -> bool:
        """Give up a thread whose run hangs; see ``batching.run_watch.Replace``."""
        work = self._working.pop(thread, None)
        if work is None:
            return False
        work.end(error)
        return True
