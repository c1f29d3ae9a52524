"""The table of models: names to click on, and what is said of each version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import ipywidgets

from tfs_notebook.notebook.dashboard.sight import Sight
from tfs_notebook.notebook.dashboard.words import Words

__all__ = ["TableView"]


class TableView:
    """Widgets, to which one thread writes.

    Args:
        words: of the language.
        choose: called with a name, or None for all, on the thread that answers the front end.

    Attributes:
        filter: the box that names are filtered with.
        widget: all of it.
    """

    def __init__(self, words: Words, choose: Callable[[str | None], None]) -> None:
        self._words = words
        self._choose = choose
        self._buttons: dict[str, ipywidgets.Button] = {}
        self._everything = self._button(words("all models"), None)
        self._names = ipywidgets.VBox([self._everything])
        self._names.add_class("tfs-names")
        self._numbers = ipywidgets.HTML()
        self._numbers.add_class("tfs-numbers")
        self._more = ipywidgets.HTML()
        self.filter: Final = ipywidgets.Text(
            description=words("filter"),
            placeholder=words("part of a name"),
            layout={"width": "300px"},
            style={"description_width": "initial"},
        )
        self._shown: tuple[str, ...] = ()
        rows = ipywidgets.HBox([self._names, self._numbers])
        rows.add_class("tfs-rows")
        self.widget: Final = ipywidgets.VBox([self.filter, rows, self._more])

    def _button(self, text: str, name: str | None) -> ipywidgets.Button:
        tooltip = self._words("Look at {name} more closely", name=text)
        button = ipywidgets.Button(description=text, tooltip=tooltip)
        button.on_click(lambda _: self._choose(name))
        return button

    def show(self, sight: Sight, chosen: str | None) -> None:
        """Show it; only what has changed is sent."""
        if sight.names != self._shown:
            self._shown = sight.names
            self._names.children = [self._everything, *map(self._beside, sight.names)]
        self._numbers.value = sight.table
        self._more.value = f'<span class="tfs-soft">{sight.more}</span>' if sight.more else ""
        _mark(self._everything, is_chosen=chosen is None, begins=False)
        for name in filter(None, sight.names):
            _mark(self._buttons[name], is_chosen=name == chosen, begins=True)

    def _beside(self, name: str) -> ipywidgets.Widget:
        if not name:
            space = ipywidgets.Box()
            space.add_class("tfs-space")
            return space
        if name not in self._buttons:
            self._buttons[name] = self._button(name, name)
        return self._buttons[name]


def _mark(button: ipywidgets.Button, *, is_chosen: bool, begins: bool) -> None:
    classes = [("tfs-begins", begins), ("tfs-chosen", is_chosen)]
    button._dom_classes = tuple(name for name, holds in classes if holds)  # noqa: SLF001 - as add_class, at once
