"""Widgets that hear the front end while a cell is busy, where kernel and front end can."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeVar

import ipywidgets

__all__ = ["hear_at_once"]

_Subshell = TypeVar("_Subshell")

# ipykernel's own way to choose the thread, since 7.4; others take what the front end asks for.
_ROUTE: Final = "_reply_subshell_for"


def hear_at_once(widgets: Iterable[ipywidgets.Widget]) -> None:
    """Have what the front end says to these, and to what is in them, handled where it asks.

    JupyterLab asks for a subshell, a thread beside the one of the cells. ipykernel goes by
    who wrote to a widget last, which is another thread for each of them; then most wait for
    the cell that is busy, and a click may overtake what was typed before it. Elsewhere, as
    in kernels without subshells, all of them wait.

    Args:
        widgets: whose callbacks may be called on any thread.
    """
    for widget in widgets:
        hear_at_once(getattr(widget, "children", ()))
        comm = widget.comm
        if hasattr(comm, _ROUTE):
            setattr(comm, _ROUTE, _as_asked)


def _as_asked(data: Any, asked: _Subshell) -> _Subshell:  # noqa: ANN401, ARG001 - a message
    return asked
