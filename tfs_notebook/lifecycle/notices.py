"""Says in the log what stays wrong, without flooding it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

__all__ = ["Notices"]


class Notices:
    """Remembers what was said about whom, by topic. Any thread may call it.

    What is said again unchanged goes to the debug level, unless ``insist``
    returns True: then a problem is repeated each time.
    """

    def __init__(self, logger: logging.Logger, insist: Callable[[], bool]) -> None:
        self._logger = logger
        self._insist = insist
        self._lock = threading.Lock()
        self._said: dict[tuple[str, str], str] = {}

    def problem(self, subject: str, message: str, trace: Exception | None = None) -> None:
        """Something keeps the subject from being served.

        Args:
            subject: whom.
            message: what.
            trace: an error that nobody expected, whose trace goes with the message
                when that is new.
        """
        # Apart, because a defect may come with a problem, and then does each time.
        new = self._remember((subject, "defect" if trace else "problem"), message)
        loud = new or self._insist()
        self._logger.log(
            logging.WARNING if loud else logging.DEBUG,
            "%s",
            message,
            exc_info=trace if new else None,
        )

    def solved(self, subject: str, message: str) -> None:
        """Nothing keeps it any more; said only if something did."""
        with self._lock:
            had = [self._said.pop((subject, topic), None) for topic in ("problem", "defect")]
        if any(had):
            self._logger.info("%s", message)

    def once(self, subject: str, topic: str, message: str, level: int) -> None:
        """Say this when it is new; an empty message means that it is over."""
        if self._remember((subject, topic), message) and message:
            self._logger.log(level, "%s", message)

    def forget(self, subject: str) -> None:
        """Forget what was said about this subject."""
        with self._lock:
            for key in [key for key in self._said if key[0] == subject]:
                del self._said[key]

    def _remember(self, key: tuple[str, str], message: str) -> bool:
        """Whether this is new."""
        with self._lock:
            known = self._said.get(key)
            self._said[key] = message
        return known != message
