"""A copy in plain HTML beside a widget, for a notebook that is opened without its kernel."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

from IPython.display import DisplayHandle

from tfs_notebook.notebook.widgets.theme import ROOT

__all__ = ["StaticCopy"]

_CLASS: Final = "tfs-static-copy"
_NOTHING: Final = {"text/html": "", "text/plain": ""}
# The line that JupyterLab writes in the place of a widget is a text without an element; so
# are the buttons of a living one, which stays as it is.
_NO_ERROR: Final = (
    f".jp-OutputArea-child:has(+ .jp-OutputArea-child .{_CLASS}):not(:has(.{ROOT})) "
    ".jupyter-widgets:not(:has(*)){display:none}"
)


class StaticCopy:
    """An output of the cell that the living widget hides, and updates. Of one thread.

    JupyterLab shows "model not found" for a widget without its kernel, whatever else the
    output holds; so the copy is an output of its own, which stays in the file and hides that.
    """

    def __init__(self) -> None:
        self._id = secrets.token_hex(8)
        self._widgets: list[DisplayHandle] = []
        self._copies: list[DisplayHandle] = []

    @property
    def hiding_style(self) -> str:
        """CSS that hides it; belongs into the widget, and goes with it."""
        return f".{_CLASS}-{self._id}{{display:none}}"

    def show(self, bundle: Mapping[str, Any], html: str) -> None:
        """Display both, in the cell that is run.

        Args:
            bundle: the widget by MIME type.
            html: the copy.
        """
        for handles, shown in ((self._widgets, bundle), (self._copies, self._bundle(html))):
            handle = DisplayHandle()  # type: ignore[no-untyped-call]
            handle.display(dict(shown), raw=True)  # type: ignore[no-untyped-call]
            handles.append(handle)

    def update(self, html: str) -> None:
        """Exchange the copy, wherever it is displayed; all user text in it is escaped."""
        for handle in self._copies:
            handle.update(self._bundle(html), raw=True)  # type: ignore[no-untyped-call]

    def replace_widget(self) -> None:
        """The widget is closed: the copy takes its place, in the file too."""
        for handle in self._widgets:
            handle.update(_NOTHING, raw=True)  # type: ignore[no-untyped-call]

    def _bundle(self, html: str) -> dict[str, str]:
        inner = f'<div class="{_CLASS} {_CLASS}-{self._id}">{html}</div>'
        return {"text/html": f"{inner}<style>{_NO_ERROR}</style>", "text/plain": ""}
