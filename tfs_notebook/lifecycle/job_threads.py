"""The threads that load and unload."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

__all__ = ["JobRunner", "JobThreads"]


class JobRunner(Protocol):
    """Runs jobs beside the manager's thread; tests put a manual one in its place."""

    def start(self, name: str, job: Callable[[], None]) -> None:
        """Run the job on another thread, soon; does not wait for it.

        Raises:
            RuntimeError: if no thread can be had.
        """

    def join(self, timeout: float, /) -> tuple[str, ...]:
        """Wait for the jobs that run; returns the names of those that still do."""


class JobThreads:
    """One daemon thread for each job that runs.

    The manager starts no more jobs than its limits allow, so this is a pool
    that keeps no idle threads. Starting a thread costs nothing beside loading
    a model; in return a limit can change at any time, and a load or unload
    that hangs in native code can be left behind without keeping the process.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()

    def start(self, name: str, job: Callable[[], None]) -> None:
        """See :meth:`JobRunner.start`."""
        thread = threading.Thread(target=job, name=name, daemon=True)
        with self._lock:
            self._threads = {thread for thread in self._threads if thread.is_alive()}
            thread.start()
            self._threads.add(thread)

    def join(self, timeout: float, /) -> tuple[str, ...]:
        """See :meth:`JobRunner.join`. Blocks up to ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        with self._lock:
            threads = tuple(self._threads)
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return tuple(thread.name for thread in threads if thread.is_alive())
