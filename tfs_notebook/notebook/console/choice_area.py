"""Where model, version and signature are chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import ipywidgets

from tfs_notebook.notebook.console.offering import offer
from tfs_notebook.notebook.console.page import ORDER
from tfs_notebook.notebook.console.selection import NO_OTHER
from tfs_notebook.notebook.console.view_protocol import Options
from tfs_notebook.notebook.widgets.translation import Translate

__all__ = ["ChoiceArea"]

_NO_OTHER: Final = ("—", NO_OTHER)


class ChoiceArea:
    """See :class:`ConsoleView` for threads.

    Args:
        translate: into the reader's language.
        order: takes what is chosen, by the name of what takes it.
    """

    def __init__(self, translate: Translate, order: Callable[..., None]) -> None:
        self._order = order
        self._model = self._dropdown(translate("Model"), "choose_model")
        self._typed_model = ipywidgets.Text(
            description=translate("Model"),
            placeholder=translate("its name"),
            continuous_update=False,
        )
        self._typed_model.layout.display = "none"
        self._listen(self._typed_model, "choose_model")
        self._version = self._dropdown(translate("Version"), "choose_version")
        self._form = self._dropdown(translate("Signature"), "choose_form")
        self._other = self._dropdown(translate("Beside it"), "choose_other")
        self.root = ipywidgets.HBox(
            [self._model, self._typed_model, self._version, self._form, self._other]
        )
        self.root.add_class("tfs-choices")

    def show_models(self, names: Sequence[str] | None, chosen: str) -> None:
        """See the protocol."""
        self._model.layout.display = "none" if names is None else None
        self._typed_model.layout.display = None if names is None else "none"
        if names is None:
            self._typed_model.value = chosen
        else:
            offer(self._model, [(name, name) for name in names], chosen)

    def show_choices(self, options: Options, chosen: str, other: str) -> None:
        """See the protocol."""
        offer(self._version, options, chosen)
        offer(self._other, [_NO_OTHER, *options], other)

    def show_forms(self, options: Options, chosen: str) -> None:
        """See the protocol."""
        offer(self._form, options, chosen)

    def _dropdown(self, description: str, what: str) -> ipywidgets.Dropdown:
        dropdown = ipywidgets.Dropdown(options=[], description=description)
        self._listen(dropdown, what)
        return dropdown

    def _listen(self, widget: ipywidgets.Widget, what: str) -> None:
        def changed(change: dict[str, Any]) -> None:
            if change["new"] is not None:
                self._order(what, change["new"])

        widget.observe(changed, "value")
        widget.add_class(ORDER)
