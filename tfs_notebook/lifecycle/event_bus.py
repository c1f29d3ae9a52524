"""Publish and subscribe, on the publishing thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

__all__ = ["EventBus", "Subscription"]

logger = logging.getLogger(__name__)

E = TypeVar("E")


class Subscription:
    """Ends a subscription, by :meth:`unsubscribe` or as a context manager."""

    def __init__(self, cancel: Callable[[], None]) -> None:
        self._cancel = cancel

    def unsubscribe(self) -> None:
        """Receive no event published from now on; calls after the first do nothing.

        Any thread may call this, a callback too. An event that another thread
        is publishing at this moment may still arrive.
        """
        self._cancel()

    def __enter__(self) -> Subscription:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.unsubscribe()


class EventBus(Generic[E]):
    """Hands each published event to every subscriber. Any thread may call it.

    Subscribers run one after the other, in the order they subscribed, on the
    publishing thread, which is the manager's: they must be quick and must not
    wait for the manager. One that raises is logged and harms nobody.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscribers: tuple[tuple[object, Callable[[E], None]], ...] = ()

    def subscribe(self, callback: Callable[[E], None]) -> Subscription:
        """Call ``callback`` with every event published from now on."""
        key = object()
        with self._lock:
            self._subscribers = (*self._subscribers, (key, callback))

        def cancel() -> None:
            with self._lock:
                self._subscribers = tuple(s for s in self._subscribers if s[0] is not key)

        return Subscription(cancel)

    def publish(self, event: E) -> None:
        """Hand the event to all subscribers; returns when all have had it."""
        for _, callback in self._subscribers:
            try:
                callback(event)
            except Exception:
                logger.exception("A subscriber failed on the event %s", event)
