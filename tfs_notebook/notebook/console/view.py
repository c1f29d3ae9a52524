"""The console's widgets: they show what they are told, and hand on what a person does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Final

import ipywidgets

from tfs_notebook.notebook.console import styles
from tfs_notebook.notebook.console.choice_area import ChoiceArea
from tfs_notebook.notebook.console.code_area import CodeArea
from tfs_notebook.notebook.console.forms import Form
from tfs_notebook.notebook.console.history_area import HistoryArea
from tfs_notebook.notebook.console.input_area import InputArea
from tfs_notebook.notebook.console.page import ORDER, SAID, page_hook, waiting_html
from tfs_notebook.notebook.console.questions import Input
from tfs_notebook.notebook.console.view_protocol import Options
from tfs_notebook.notebook.widgets import theme
from tfs_notebook.notebook.widgets.keyboard import SEND_BUTTON, key_hook
from tfs_notebook.notebook.widgets.own_keys import own_keys
from tfs_notebook.notebook.widgets.static_copy import StaticCopy
from tfs_notebook.notebook.widgets.subshells import hear_at_once
from tfs_notebook.notebook.widgets.translation import Translate

__all__ = ["ConsoleView", "Handed"]

Handed = Callable[..., None]
"""Takes the name of what a person did and its values; any thread may call it."""

_CLASS: Final = "tfs-console"
_FULL: Final = ipywidgets.Layout(width="100%")


class ConsoleView:
    """See :class:`~tfs_notebook.notebook.console.view_protocol.View`.

    Changes that come from the front end go to ``hand``, on whichever thread they are heard;
    those made here do not, which is why all of them are made on one thread.

    Args:
        translate: into the reader's language.
        hand: takes what a person does.
        is_writer: whether the caller is the thread that shows things.
    """

    def __init__(
        self, translate: Translate, hand: Handed, is_writer: Callable[[], bool]
    ) -> None:
        self._translate = translate
        self._hand = hand
        self._is_writer = is_writer
        self._copy = StaticCopy()
        self._connection = ipywidgets.HTML()
        self._choices = ChoiceArea(translate, self._order)
        self._notice = ipywidgets.HTML(layout=_FULL)
        self._inputs = InputArea(translate, self._order)
        self._send = self._button(translate("Send"), "send", "primary")
        self._send.add_class(SEND_BUTTON)
        self._has_form = False
        self._send.disabled = True
        self._send.tooltip = translate("Send it (Ctrl+Enter)")
        self._cancel = self._button(translate("Cancel"), "cancel")
        self._cancel.layout.display = "none"
        self._running = ipywidgets.HTML()
        self._heard = 0
        self._waiting = ipywidgets.HTML(waiting_html(0, translate))
        self._answer = ipywidgets.HTML(layout=_FULL)
        # Not a part of the answer: what is told of has to be there before it changes.
        self._said = ipywidgets.Label()
        for name in (SAID, "tfs-away"):
            self._said.add_class(name)
        self._exchange = ipywidgets.HTML(layout=_FULL)
        self._code = CodeArea(translate, self._order)
        self._history = HistoryArea(translate, lambda number: self._order("replay", number))
        self.root = self._laid_out()
        hear_at_once([self.root, *self._inputs.widgets])

    def _laid_out(self) -> ipywidgets.VBox:
        hooks = own_keys(theme.CSS + styles.CSS) + page_hook(_CLASS)
        hooks += key_hook(self._copy.hiding_style, _CLASS)
        head = ipywidgets.HTML(f"<h3>{escape(self._translate('Test console'))}</h3>")
        top = ipywidgets.HBox([head, self._connection])
        top.add_class("tfs-head")
        further = (self._inputs.each_line, self._cancel, self._running, self._waiting)
        actions = ipywidgets.HBox([self._send, *further])
        actions.add_class("tfs-actions")
        root = ipywidgets.VBox(
            [
                ipywidgets.HTML(hooks),
                top,
                self._choices.root,
                self._notice,
                self._inputs.root,
                actions,
                self._said,
                self._answer,
                self._exchange,
                self._code.root,
                self._history.root,
            ]
        )
        for name in (theme.ROOT, _CLASS):
            root.add_class(name)
        return root

    def display(self) -> None:
        """Display the widgets, and what stands in for them when there is no kernel."""
        bundle = dict(self.root._repr_mimebundle_())
        bundle["text/plain"] = ""  # the copy says more, where there are no widgets
        self._copy.show(bundle, self._static(""))

    def close(self) -> None:
        """Take the widgets away; what they showed last stays as plain HTML."""
        self._copy.replace_widget()
        for widget in [*_all_of(self.root), *self._inputs.widgets]:
            widget.close()

    def show_connection(self, html: str) -> None:
        """See the protocol."""
        self._connection.value = html

    def show_heard(self) -> None:
        """See the protocol."""
        self._heard += 1
        self._waiting.value = waiting_html(self._heard, self._translate)

    def show_models(self, names: Sequence[str] | None, chosen: str) -> None:
        """See the protocol."""
        self._choices.show_models(names, chosen)

    def show_choices(self, options: Options, chosen: str, other: str) -> None:
        """See the protocol."""
        self._choices.show_choices(options, chosen, other)

    def show_forms(self, options: Options, chosen: str) -> None:
        """See the protocol."""
        self._choices.show_forms(options, chosen)

    def show_notice(self, html: str) -> None:
        """See the protocol."""
        self._notice.value = html

    def show_form(self, form: Form | None, problem: str = "") -> None:
        """See the protocol."""
        self._inputs.show(form, problem)
        self._has_form = form is not None
        self._send.disabled = form is None

    def show_input(self, given: Input) -> None:
        """See the protocol."""
        self._inputs.fill(given)

    def show_running(self, html: str) -> None:
        """See the protocol."""
        self._running.value = html
        self._cancel.layout.display = None if html else "none"
        self._send.disabled = bool(html) or not self._has_form

    def show_answer(self, html: str) -> None:
        """See the protocol."""
        self._answer.value = html

    def say(self, text: str) -> None:
        """See the protocol."""
        self._said.value = text

    def show_exchange(self, html: str) -> None:
        """See the protocol."""
        self._exchange.value = html

    def show_code(self, samples: Mapping[str, str]) -> None:
        """See the protocol."""
        self._code.show(samples)

    def show_code_kind(self, kind: str) -> None:
        """See the protocol."""
        self._code.show_kind(kind)

    def show_history(self, options: Options) -> None:
        """See the protocol."""
        self._history.show(options)

    def keep_copy(self, html: str) -> None:
        """See the protocol."""
        self._copy.update(self._static(html))

    def _static(self, html: str) -> str:
        said = self._translate("The console needs its kernel: run the cell again.")
        head = escape(self._translate("Test console"))
        return (
            f"<style>{theme.CSS}{styles.CSS}</style>"
            f'<div class="{theme.ROOT} {_CLASS}"><div class="tfs-head"><h3>{head}</h3>'
            f'<span class="tfs-soft">{escape(said)}</span></div>{html}</div>'
        )

    def _button(self, text: str, what: str, style: str = "") -> ipywidgets.Button:
        # No icon: screen readers would spell the character that it is.
        button = ipywidgets.Button(description=text, button_style=style)
        button.on_click(lambda _: self._order(what))
        button.add_class(ORDER)
        return button

    def _order(self, what: str, *values: object, **named: object) -> None:
        if not self._is_writer():
            self._hand(what, *values, **named)


def _all_of(widget: ipywidgets.Widget) -> list[ipywidgets.Widget]:
    children = getattr(widget, "children", ())
    return [one for child in children for one in _all_of(child)] + [widget]
