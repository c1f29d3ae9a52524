"""Whether anybody is looking at a widget."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final

import ipywidgets

from tfs_notebook.notebook.widgets.kernel_activity import KernelActivity
from tfs_notebook.notebook.widgets.pump import Pump

__all__ = ["Presence"]

_EVERY_SECONDS: Final = 10.0
_MOST_SILENT: Final = 2
# A page answers so many times within one question, if it is not told to stop.
_BEATS: Final = 10
_NEVER_AT_END: Final = 10**9


class Presence:
    """Calls ``appeared`` when a widget is seen, and ``gone`` when it is seen no more.

    Front ends count the views of a widget, but never take off those of a page that was
    reloaded or closed: no view is to be believed, one is not. So while there are some, a
    hidden player is started again and again, which counts up in a page that is alive. Two
    questions without an answer mean that nobody looks, unless the kernel was busy, and may
    not have heard it. A front end that has never answered is one that cannot. (Scrolled
    away, or in a hidden tab, a widget is still seen.)

    Both functions are called on threads of their own or on the one that answers the front
    end, never two at once, and never again once :meth:`close` has returned.

    Args:
        widget: that is looked at. :attr:`pulse` has to be among its children.
        appeared: somebody looks, now that nobody did before; does not block.
        gone: nobody does any more; blocks for moments at most.
        every: seconds between questions.
    """

    def __init__(
        self,
        widget: ipywidgets.DOMWidget,
        appeared: Callable[[], None],
        gone: Callable[[], None],
        *,
        every: float = _EVERY_SECONDS,
    ) -> None:
        self.every = every
        self.pulse: Final = ipywidgets.Play(
            max=_NEVER_AT_END, show_repeat=False, layout={"display": "none"}
        )
        self._appeared = appeared
        self._gone = gone
        self._lock = threading.RLock()
        self._is_watched = self._is_closed = False
        self._activity = KernelActivity()
        self._has_ever_answered = self._has_answered = False
        self._silent = 0
        self._asked: float | None = None
        self._pump = Pump("tfs-presence", self._step)
        self.pulse.observe(lambda _: self._on_answer(), "value")
        widget._view_count = 0  # noqa: SLF001 - ipywidgets' own way to have views counted
        widget.observe(self._on_views, "_view_count")

    @property
    def is_watched(self) -> bool:
        """Whether somebody looks, as far as it is known."""
        return self._is_watched

    def assume(self) -> None:
        """Take it that somebody looks, as when it is displayed; any thread."""
        self._say(is_watched=True)

    def close(self) -> None:
        """Ask no more; blocks for moments. Idempotent, any thread."""
        with self._lock:
            self._is_closed = True
        self._pump.close()
        self._activity.close()
        self.pulse.close()

    # -- on the thread that answers the front end ---------------------------------------

    def _on_views(self, change: dict[str, Any]) -> None:
        before, after = change["old"] or 0, change["new"] or 0
        if after > before:
            self._say(is_watched=True)
            self._asked = None  # at once: this page can be gone within the next seconds
            self._pump.start()
            self._pump.wake()
        elif not after:
            self._pump.pause()
            self._say(is_watched=False)

    def _on_answer(self) -> None:
        self._has_answered = self._has_ever_answered = True
        self._say(is_watched=True)
        self._pump.wake()

    def _say(self, *, is_watched: bool) -> None:
        with self._lock:
            if is_watched:
                self._silent = 0
            if self._is_closed or is_watched is self._is_watched:
                return
            self._is_watched = is_watched
            (self._appeared if is_watched else self._gone)()

    # -- on the thread that asks ----------------------------------------------------------

    def _step(self) -> float:
        now = time.monotonic()
        if self._has_answered:
            self.pulse.playing = False
        asked = self._asked
        if asked is not None:
            left = asked + self.every - now
            if left > 0:
                return left
            if not self._has_answered and self._activity.was_idle():
                self._on_silence()
        self._ask(now)
        return self.every

    def _on_silence(self) -> None:
        self._silent += 1
        if self._silent >= _MOST_SILENT and self._has_ever_answered:
            self._say(is_watched=False)

    def _ask(self, now: float) -> None:
        self._asked = now
        self._has_answered = False
        self._activity.begin()
        self.pulse.interval = round(1000 * self.every / _BEATS)
        # Only what begins to play does count, and only where there is a view of it.
        self.pulse.playing = False
        self.pulse.playing = True
