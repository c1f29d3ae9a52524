"""What somebody has asked for: done one after the other, away from all that shows it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from tfs_notebook.client import Client
from tfs_notebook.client.control import ModelControl
from tfs_notebook.wire.errors import ServingError

__all__ = ["Deed", "Order", "Orders"]

_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Order:
    """One change of the server.

    Attributes:
        title: what it is: ``unload spam``.
        run: does it, blocks, and gives what there is to tell of it; raises ServingError.
        question: to be answered first; empty where it does no harm.
    """

    title: str
    run: Callable[[ModelControl], str]
    question: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """How far an order is.

    Attributes:
        title: of the order.
        state: of it.
        text: what came of it; why it failed.
        seconds: that it took.
    """

    title: str
    state: Literal["waiting", "running", "done", "failed"]
    text: str = ""
    seconds: float = 0.0


class Orders:
    """Carries orders out on a daemon thread that is there while there is something to do.

    Any thread may call any method; none blocks.

    Args:
        changed: called on that thread, and on the caller's, when something has changed.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._lock = threading.Lock()
        self._waiting: deque[tuple[int, Order, Client]] = deque()
        self._deeds: dict[int, Deed] = {}
        self._count = 0
        self._thread: threading.Thread | None = None

    def read(self) -> tuple[Deed, ...]:
        """The last ones, the newest first."""
        with self._lock:
            return tuple(reversed(self._deeds.values()))

    def give(self, order: Order, client: Client) -> None:
        """Have it carried out after those that wait."""
        with self._lock:
            self._count += 1
            self._waiting.append((self._count, order, client))
            self._deeds[self._count] = Deed(order.title, "waiting")
            self._forget()
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="tfs-dashboard-orders", daemon=True
                )
                self._thread.start()
        self._changed()

    def close(self) -> None:
        """Drop what waits; what is under way goes on at the server."""
        with self._lock:
            self._waiting.clear()

    def _forget(self) -> None:
        old = [key for key, deed in self._deeds.items() if deed.state in ("done", "failed")]
        for key in old[: max(0, len(self._deeds) - _MOST)]:
            del self._deeds[key]

    def _run(self) -> None:
        while (next_one := self._next()) is not None:
            key, order, client = next_one
            started = time.monotonic()
            deed = _done(order, client)
            with self._lock:
                self._deeds[key] = replace(deed, seconds=time.monotonic() - started)
                self._forget()
            self._changed()

    def _next(self) -> tuple[int, Order, Client] | None:
        with self._lock:
            if not self._waiting:
                self._thread = None
                return None
            found = self._waiting.popleft()
            self._deeds[found[0]] = Deed(found[1].title, "running")
        self._changed()
        return found


def _done(order: Order, client: Client) -> Deed:
    try:
        control = client.control()
        try:
            return Deed(order.title, "done", order.run(control))
        finally:
            control.close()
    except ServingError as error:
        return Deed(order.title, "failed", error.message)
    except Exception as error:  # noqa: BLE001 - told where the person looks
        return Deed(order.title, "failed", repr(error))
