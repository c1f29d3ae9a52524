"""One line of the actions: what it is about, fields, buttons, and why they are off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Final

import ipywidgets

from tfs_notebook.notebook.dashboard.abilities import Ability

__all__ = ["ActionRow"]


class ActionRow:
    """Widgets, to which one thread writes.

    Args:
        title: what it is about.
        ability: what has to be possible.
        fields: to be filled in first.
        buttons: their texts with what they do.

    Attributes:
        ability: as it was given.
        widget: all of it.
    """

    def __init__(
        self,
        title: str,
        ability: Ability,
        fields: Sequence[ipywidgets.Widget],
        buttons: Iterable[tuple[str, Callable[[], None]]],
    ) -> None:
        self.ability: Final = ability
        self._fields = fields
        self._buttons = [_button(text, title, pressed) for text, pressed in buttons]
        self._reason = ipywidgets.HTML()
        head = ipywidgets.HTML(f"<span class='tfs-soft'>{escape(title)}</span>")
        head.add_class("tfs-action-title")
        line = [head, *fields, *self._buttons, self._reason]
        self.widget: Final = ipywidgets.HBox(
            line, layout={"flex_flow": "row wrap", "align_items": "center"}
        )
        self.widget.add_class("tfs-action-row")

    def show(self, reason: str) -> None:
        """Turn it off for a reason, or on without one."""
        for one in (*self._fields, *self._buttons):
            one.disabled = bool(reason)
        text = f"<span class='tfs-soft'>{escape(reason)}</span>" if reason else ""
        self._reason.value = text


def _button(text: str, title: str, pressed: Callable[[], None]) -> ipywidgets.Button:
    button = ipywidgets.Button(
        description=text, tooltip=f"{title}: {text}", layout={"width": "auto"}
    )
    button.on_click(lambda _: pressed())
    return button
