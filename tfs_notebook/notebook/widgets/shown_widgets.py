"""Which widgets of this package are shown in this kernel, so that they can be ended."""

from __future__ import annotations

import weakref
from typing import Final, Protocol

__all__ = ["SHOWN", "Closable", "ShownWidgets"]


class Closable(Protocol):
    """A widget with threads of its own."""

    def close(self) -> None:
        """End them, and say so where it is shown; idempotent, any thread."""


class ShownWidgets:
    """Knows them as long as somebody else does; any thread may use it."""

    def __init__(self) -> None:
        self._widgets: weakref.WeakSet[Closable] = weakref.WeakSet()

    def add(self, widget: Closable) -> None:
        """Remember one."""
        self._widgets.add(widget)

    def close_all(self) -> None:
        """Close all of them; blocks for moments."""
        for widget in list(self._widgets):
            widget.close()
        self._widgets.clear()


SHOWN: Final = ShownWidgets()
"""This kernel's; ``%unload_ext`` and ``%reload_ext`` close them."""
