"""Polls again and again, on a thread of its own."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from types import TracebackType

from tfs_notebook.lifecycle.clock import Clock, SystemClock

__all__ = ["PeriodicPoller"]

logger = logging.getLogger(__name__)


class PeriodicPoller:
    """Calls ``poll`` at once and at an interval.

    The interval has the meaning of ``file_system_poll_wait_seconds``: above 0
    periodic, 0 once at the start, below 0 never. Whoever wants a poll at
    another time calls ``poll`` themselves, which therefore has to bear calls
    from several threads. File systems can hang, so this has its own thread
    and does not use the manager's. Any thread may call any method.
    """

    def __init__(
        self, poll: Callable[[], object], interval: float, *, clock: Clock | None = None
    ) -> None:
        """Make a poller; it does nothing before :meth:`start`.

        Args:
            poll: what to call; what it raises is logged.
            interval: seconds from the end of one poll to the start of the next.
            clock: time; tests put their own in place.
        """
        self._poll = poll
        self._interval = interval
        self._clock = clock or SystemClock()
        self._stops: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="tfs-poll", daemon=True)

    @property
    def interval(self) -> float:
        """Seconds; fixed for the life of the poller, as in TensorFlow Serving."""
        return self._interval

    def start(self) -> None:
        """Start the thread. Once only."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> bool:
        """End the thread; a poll that runs is waited for up to ``timeout`` seconds.

        Returns:
            Whether it has ended. If not, it hangs in the file system, and ends
            when that answers.
        """
        self._stops.put(True)
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def __enter__(self) -> PeriodicPoller:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        if self._interval >= 0:
            self._poll_isolated()
        timeout = self._interval if self._interval > 0 else None
        while not self._clock.receive(self._stops, timeout):
            self._poll_isolated()

    def _poll_isolated(self) -> None:
        try:
            self._poll()
        except Exception:
            logger.exception("A poll failed; the next one comes as usual")
