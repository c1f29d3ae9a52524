"""A thread that does one thing again and again while somebody wants it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

__all__ = ["Pump"]

_JOIN_SECONDS: Final = 5.0


class Pump:
    """Runs a step again and again: on one daemon thread at a time, none while paused.

    Any thread may call any method; none blocks but :meth:`close`.

    Args:
        name: of the thread.
        step: what to do; gives the seconds until it is to be done again. It must not raise.
    """

    def __init__(self, name: str, step: Callable[[], float]) -> None:
        self._name = name
        self._step = step
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_wanted = False
        self._is_woken = False
        self._is_closed = False

    @property
    def is_running(self) -> bool:
        """Whether there is a thread."""
        return self._thread is not None

    def start(self) -> None:
        """Begin, or go on; idempotent, and nothing after :meth:`close`."""
        with self._changed:
            if self._is_closed:
                return
            self._is_wanted = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def pause(self) -> None:
        """End the thread after its step; :meth:`start` begins again."""
        with self._changed:
            self._is_wanted = False
            self._changed.notify_all()

    def wake(self) -> None:
        """Do the next step at once, if it runs."""
        with self._changed:
            self._is_woken = True
            self._changed.notify_all()

    def close(self) -> None:
        """End the thread for good; blocks until its step is done, for seconds at most."""
        with self._changed:
            self._is_closed = True
            self._is_wanted = False
            self._changed.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        pause = 0.0
        while self._goes_on(pause):
            pause = self._step()

    def _goes_on(self, pause: float) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._is_woken or not self._is_wanted, pause)
            self._is_woken = False
            if not self._is_wanted:
                # In one go with the question: who starts it from now on makes another one.
                self._thread = None
            return self._is_wanted
