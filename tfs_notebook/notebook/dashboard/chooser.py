"""Which server is looked at: one that is known here, or an address that is typed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from html import escape
from typing import Any, Final

import ipywidgets

from tfs_notebook.notebook.dashboard.servers import Server, at_address
from tfs_notebook.notebook.dashboard.words import Words
from tfs_notebook.wire.errors import ServingError

__all__ = ["CHOOSER_STYLE", "Chooser"]

CHOOSER_STYLE: Final = """
.tfs-chooser { gap: 2px 10px; align-items: center; }
.tfs-widget .tfs-chooser > .widget-html { align-self: center; }
"""


class Chooser:
    """Widgets, to which one thread writes; what is chosen goes to functions on another one.

    Args:
        words: of the language.
        choose: takes the server that is to be looked at.
        name_models: takes the models to look at, of a server that does not list them.

    Attributes:
        widget: all of it.
    """

    def __init__(
        self,
        words: Words,
        choose: Callable[[Server], None],
        name_models: Callable[[tuple[str, ...]], None],
    ) -> None:
        self._words = words
        self._choose = choose
        self._name_models = name_models
        self._servers: dict[str, Server] = {}
        self._writer: int | None = None
        style = {"description_width": "initial"}
        self._known = ipywidgets.Dropdown(
            description=words("server"), layout={"width": "340px"}, style=style
        )
        self._address = ipywidgets.Text(
            continuous_update=False,
            description=words("or its address"),
            placeholder="localhost:8500, http://…",
            layout={"width": "300px"},
            style=style,
        )
        self._models = ipywidgets.Text(
            continuous_update=False,
            description=words("its models"),
            placeholder=words("names, with commas"),
            layout={"width": "240px", "display": "none"},
            style=style,
        )
        self._hint = ipywidgets.HTML()
        self._known.observe(self._on_choice, "value")
        self._address.observe(self._on_address, "value")
        self._models.observe(self._on_models, "value")
        self.widget: Final = ipywidgets.HBox(
            [self._known, self._address, self._models, self._hint],
            layout={"flex_flow": "row wrap"},
        )
        self.widget.add_class("tfs-chooser")

    # -- on the thread that answers the front end: nothing here blocks -----------------

    def _on_choice(self, change: dict[str, Any]) -> None:
        # Other options choose the first of them for a moment.
        if threading.get_ident() != self._writer and change["new"] in self._servers:
            self._hint.value = ""
            self._choose(self._servers[change["new"]])

    def _on_address(self, change: dict[str, Any]) -> None:
        address = change["new"].strip()
        if not address:
            return
        try:
            server = at_address(address)
        except ServingError as error:
            self._hint.value = f'<span role="alert">✕ {escape(error.message)}</span>'
            return
        self._hint.value = ""
        self._address.value = ""
        self._choose(server)

    def _on_models(self, change: dict[str, Any]) -> None:
        if threading.get_ident() != self._writer:
            self._name_models(_names(change["new"]))

    # -- on the thread that writes -------------------------------------------------------

    def show(self, servers: Sequence[Server], chosen: Server) -> None:
        """Show which there are, and which one is looked at; only changes are sent."""
        self._servers = {one.key: one for one in servers}
        options = tuple((self._words(one.title), one.key) for one in servers)
        self._writer = threading.get_ident()
        try:
            if self._known.options != options:
                self._known.options = options
                # Twice: what is the same place in other options is not sent, and not shown.
                self._known.index = None
            if self._known.value != chosen.key:
                self._known.value = chosen.key
        finally:
            self._writer = None

    def ask_for_models(self, models: Sequence[str], *, is_needed: bool) -> None:
        """Have them named where the server does not list them.

        Args:
            models: that are looked at.
            is_needed: whether it does not.
        """
        self._models.layout.display = "" if is_needed else "none"
        if tuple(models) != _names(self._models.value):
            self._writer = threading.get_ident()
            self._models.value = ", ".join(models)
            self._writer = None


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.replace(",", " ").split()))
