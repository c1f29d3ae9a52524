"""The last changes of versions' states, with numbers, for those who ask for the news."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Final

from tfs_notebook.lifecycle import EventBus, ServableState, Subscription

__all__ = ["EventLog", "EventPage", "NumberedEvent"]

_KEPT: Final = 1000


@dataclass(frozen=True, slots=True)
class NumberedEvent:
    """One change, and its number; later ones have higher numbers."""

    seq: int
    state: ServableState


@dataclass(frozen=True, slots=True)
class EventPage:
    """The changes after a number.

    Attributes:
        events: the oldest first.
        next: the number to ask with for those that follow.
        truncated: there were others in between, which are not kept any more.
    """

    events: tuple[NumberedEvent, ...]
    next: int
    truncated: bool


class EventLog:
    """Keeps the last thousand changes. Any thread may call any method.

    Numbers begin with the time, so that one that a server before this gave is
    lower than all of this one's, and whoever asks with it is told of the gap.
    """

    def __init__(self, bus: EventBus[ServableState]) -> None:
        """Keep what is published on this bus from now on."""
        first = time.time_ns() // 1_000_000
        self._lock = threading.Lock()
        self._numbers = count(first)
        self._last = first - 1
        self._events: deque[NumberedEvent] = deque(maxlen=_KEPT)
        self._dropped = False
        self._listeners: dict[object, Callable[[], None]] = {}
        bus.subscribe(self.record)

    def record(self, state: ServableState) -> None:
        """Keep a change; what the manager does not say is told here too."""
        with self._lock:
            self._dropped = self._dropped or len(self._events) == _KEPT
            self._last = next(self._numbers)
            self._events.append(NumberedEvent(self._last, state))
            listeners = list(self._listeners.values())
        for listener in listeners:
            listener()

    @property
    def last(self) -> int:
        """The number of the last change; of none yet, what is as good to ask with."""
        with self._lock:
            return self._last

    def after(self, seq: int) -> EventPage:
        """The changes after this number; 0 for all that are kept."""
        with self._lock:
            events = tuple(self._events)
            last, dropped = self._last, self._dropped
        first = events[0].seq if events else last + 1
        if seq == 0:
            return EventPage(events, last, dropped)
        if seq > last or seq < first - 1:
            return EventPage(events, last, truncated=True)
        return EventPage(tuple(event for event in events if event.seq > seq), last, False)

    def listen(self, callback: Callable[[], None]) -> Subscription:
        """Call back after each change, on the manager's thread; it must not block."""
        key = object()
        with self._lock:
            self._listeners[key] = callback

        def cancel() -> None:
            with self._lock:
                self._listeners.pop(key, None)

        return Subscription(cancel)
