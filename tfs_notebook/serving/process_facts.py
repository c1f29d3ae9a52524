"""The process that a model server is in: its memory, its time, its age."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass
from typing import Final

import psutil

__all__ = ["ProcessFacts", "ServerProcess"]

_RUN_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """What is so at a moment.

    Attributes:
        pid: of the process.
        run: tells this run of the server from those before it, whatever their numbers.
        time: seconds since the epoch, by the server's clock.
        uptime: seconds since the server was made, by a clock that never runs backwards.
        cpu_seconds: that the process has used, all threads together.
        resident_bytes: memory of the process; None where the system does not tell.
    """

    pid: int
    run: str
    time: float
    uptime: float
    cpu_seconds: float
    resident_bytes: int | None


class ServerProcess:
    """Looks at this process. Any thread may call it; takes microseconds.

    A server in a kernel shares the process with all that the kernel does.
    """

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._run = secrets.token_hex(_RUN_BYTES)
        self._began = time.monotonic()

    def read(self) -> ProcessFacts:
        """How it is now."""
        return ProcessFacts(
            os.getpid(),
            self._run,
            time.time(),
            self.uptime_at(time.monotonic()),
            time.process_time(),
            self._resident_bytes(),
        )

    def uptime_at(self, monotonic: float) -> float:
        """The uptime at a moment of the clock that never runs backwards."""
        return monotonic - self._began

    def _resident_bytes(self) -> int | None:
        try:
            return int(self._process.memory_info().rss)
        except psutil.Error:
            return None
