"""Time as a parameter, so that tests move it instead of waiting for it."""

from __future__ import annotations

import queue
import time
from typing import Protocol, TypeVar

__all__ = ["Clock", "SystemClock"]

M = TypeVar("M")


class Clock(Protocol):
    """What the lifecycle needs of time. Any thread may call any method."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""

    def time(self) -> float:
        """Seconds since the epoch, for people and for records."""

    def receive(self, inbox: queue.SimpleQueue[M], timeout: float | None) -> M | None:
        """The next message, or None after ``timeout`` seconds. Blocks.

        ``None`` as timeout waits for ever; what is below 0 does not wait, for what was to be
        waited for has passed since somebody looked. The queue's own timeout cannot be
        used instead, since a test's clock would not move it.
        """


class SystemClock:
    """The clock of the machine."""

    def monotonic(self) -> float:
        """See :meth:`Clock.monotonic`."""
        return time.monotonic()

    def time(self) -> float:
        """See :meth:`Clock.time`."""
        return time.time()

    def receive(self, inbox: queue.SimpleQueue[M], timeout: float | None) -> M | None:
        """See :meth:`Clock.receive`."""
        if timeout is not None:
            timeout = min(max(0.0, timeout), _LONGEST_WAIT)
        try:
            return inbox.get(timeout=timeout)
        except queue.Empty:
            return None


_LONGEST_WAIT = 3600.0
"""The C library refuses waits of centuries; waking up early does no harm."""
