"""The same question as client code: one language at a time, to be copied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Final

import ipywidgets

from tfs_notebook.notebook.console.code_samples import CODE_KINDS
from tfs_notebook.notebook.console.page import ORDER
from tfs_notebook.notebook.widgets.translation import Translate

__all__ = ["CodeArea"]

_MOST_ROWS: Final = 18
# The selection is copied, which asks for no permission.
_COPY: Final = (
    "const area = this.closest('.tfs-code').querySelector('textarea');"
    "area.focus(); area.select(); document.execCommand('copy');"
)


class CodeArea:
    """See :class:`ConsoleView` for threads.

    Args:
        translate: into the reader's language.
        order: takes the kind that is chosen.
    """

    def __init__(self, translate: Translate, order: Callable[..., None]) -> None:
        self._samples: Mapping[str, str] = {}
        self._shown = ""
        hidden = (translate("hidden"), "")
        # Not a row of buttons: none of them tells a screen reader that it is chosen.
        self._kind = ipywidgets.Dropdown(
            options=[hidden, *((text, kind) for kind, text in CODE_KINDS.items())],
            value="",
            description=translate("As code"),
            layout=ipywidgets.Layout(width="220px"),
        )
        self._area = ipywidgets.Textarea(
            description=translate("Code to copy"),
            layout=ipywidgets.Layout(width="auto"),
        )
        self._area.add_class("tfs-labelled")
        copy = escape(translate("Copy"))
        self._copy = ipywidgets.HTML(
            f'<button type="button" class="jupyter-button widget-button" onclick="{_COPY}">'
            f"{copy}</button>"
        )
        self._body = ipywidgets.VBox([self._area, self._copy])
        self._body.add_class("tfs-code")
        self._body.layout.display = "none"
        self.root = ipywidgets.VBox([self._kind, self._body])
        self.root.layout.display = "none"
        self._kind.observe(lambda change: order("choose_code", change["new"]), "value")
        self._kind.add_class(ORDER)

    def show(self, samples: Mapping[str, str]) -> None:
        """Have these, by kind."""
        self._samples = samples
        self.root.layout.display = None
        self.show_kind(self._shown)

    def show_kind(self, kind: str) -> None:
        """Show this one of them."""
        self._shown = kind
        code = self._samples.get(kind, "")
        self._area.value = code
        self._area.rows = min(_MOST_ROWS, code.count("\n") + 2)
        self._body.layout.display = None if code else "none"
