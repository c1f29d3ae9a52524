"""The second step of what may hurt: a question, and a button that says what it does."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final

import ipywidgets

from tfs_notebook.notebook.dashboard.orders import Order
from tfs_notebook.notebook.dashboard.words import Words
from tfs_notebook.notebook.widgets.question_focus import (
    CANCEL_BUTTON,
    CONFIRM_BUTTON,
    QUESTION,
    focus_back,
    focus_question,
)

__all__ = ["CONFIRMATION_STYLE", "Confirmation"]

# Stronger than the theme, which another widget may bring once more, and later.
CONFIRMATION_STYLE: Final = """
.tfs-question { border-left: 3px solid var(--tfs-warn); background: var(--tfs-fill);
  padding: 4px 10px; align-items: center; gap: 4px 12px; }
.tfs-widget .tfs-question > .widget-html { align-self: center; }
.tfs-action-row { align-items: center; min-height: 36px; gap: 2px 6px; }
.tfs-action-title { width: 110px; }
.tfs-widget .tfs-actions .widget-html, .tfs-widget .tfs-actions .widget-html-content {
  line-height: 28px; }
.tfs-widget .tfs-action-row > .widget-html { align-self: center; }
.tfs-action-row .widget-checkbox { width: auto; }
"""


class Confirmation:
    """A line that is there while a question is open.

    What is clicked changes what :meth:`show` shows, which one thread calls.

    Args:
        words: of the language.
        give: takes the order, at once or once it is confirmed.
        changed: called when there is something else to show.

    Attributes:
        widget: all of it.
    """

    def __init__(
        self, words: Words, give: Callable[[Order], None], changed: Callable[[], None]
    ) -> None:
        self._words = words
        self._give = give
        self._changed = changed
        self._pending: Order | None = None
        self._hint = ""
        self._text = ipywidgets.HTML()
        self._yes = ipywidgets.Button(button_style="danger", layout={"width": "auto"})
        self._no = ipywidgets.Button(description=words("cancel"), layout={"width": "auto"})
        self._yes.add_class(CONFIRM_BUTTON)
        self._no.add_class(CANCEL_BUTTON)
        self._yes.on_click(lambda _: self._confirm())
        self._no.on_click(lambda _: self.say(""))
        self.widget: Final = ipywidgets.HBox(
            [self._text, self._yes, self._no],
            layout={"display": "none", "flex_flow": "row wrap", "align_items": "center"},
        )
        self.widget.add_class(QUESTION)

    def ask(self, order: Order) -> None:
        """Give the order at once, or ask first where it says so."""
        self._hint = ""
        if order.question:
            self._pending = order
        else:
            self._pending = None
            self._give(order)
        self._changed()

    def say(self, hint: str) -> None:
        """Say what is missing."""
        self._pending, self._hint = None, hint
        self._changed()

    def dismiss(self) -> None:
        """Let it be."""
        self._pending, self._hint = None, ""

    def _confirm(self) -> None:
        # Twice clicked is once confirmed.
        order, self._pending = self._pending, None
        if order is not None:
            self._give(order)

    def show(self) -> None:
        """Show what is open; on the thread that writes."""
        order, hint = self._pending, self._hint
        question = order.question if order is not None else hint
        if order is not None:
            self._yes.description = self._words("Yes: {title}", title=order.title)
        self._yes.layout.display = self._no.layout.display = "" if order is not None else "none"
        self.widget.layout.display = "" if question else "none"
        self._text.value = self._told(question, order)

    def _told(self, question: str, order: Order | None) -> str:
        text = f'<span role="alert">{escape(question)}</span>' if question else ""
        if order is not None:
            # What is the same as before is not sent: it is done once.
            return text + focus_question()
        return text + focus_back() if self._text.value else text
