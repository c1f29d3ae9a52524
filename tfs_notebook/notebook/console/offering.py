"""Selections whose options change while they are shown."""

from __future__ import annotations

from typing import Any

from tfs_notebook.notebook.console.view_protocol import Options

__all__ = ["offer"]


def offer(widget: Any, options: Options, chosen: str) -> None:  # noqa: ANN401 - a selection
    """Have these options, and this one chosen; the first where there is no such."""
    keys = [key for _, key in options]
    if list(widget.options) != list(options):
        # Setting them chooses the first one, and tells the front end so.
        with widget.hold_sync():
            widget.options = list(options)
            widget.value = chosen if chosen in keys else (keys[0] if keys else None)
    elif chosen in keys and widget.value != chosen:
        widget.value = chosen
