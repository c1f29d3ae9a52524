"""A few threads for calls that block, which never keep a process from ending."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final

__all__ = ["DaemonThreads"]

_IDLE_SECONDS: Final = 5.0


class DaemonThreads:
    """Runs what it is given, so many at a time; any thread may use it.

    Threads are started when there is something to do, and end when there has been
    nothing for seconds. (Those of ``concurrent.futures`` are waited for at exit.)
    """

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._most = most
        self._jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._unfinished = 0

    def run(self, job: Callable[[], None]) -> None:
        """Run this soon, in another thread. It must not raise."""
        with self._lock:
            self._unfinished += 1
            self._jobs.put(job)
            if self._threads == self._most or self._unfinished <= self._threads:
                return
            self._threads += 1
        threading.Thread(target=self._work, name=self._name, daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=_IDLE_SECONDS)
            except Empty:
                with self._lock:
                    if self._jobs.empty():
                        self._threads -= 1
                        return
                continue
            job()
            with self._lock:
                self._unfinished -= 1
