"""The dashboard as a widget."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Any, Final

import ipywidgets

from tfs_notebook.notebook.dashboard.abilities import reasons_against
from tfs_notebook.notebook.dashboard.chooser import Chooser
from tfs_notebook.notebook.dashboard.deeds import deeds_html
from tfs_notebook.notebook.dashboard.header import problem_html
from tfs_notebook.notebook.dashboard.link import Link
from tfs_notebook.notebook.dashboard.orders import Order, Orders
from tfs_notebook.notebook.dashboard.panes import Panes
from tfs_notebook.notebook.dashboard.servers import Server, offered_servers
from tfs_notebook.notebook.dashboard.sight import Pane, Sight, Wish, sight_of
from tfs_notebook.notebook.dashboard.style import STYLE
from tfs_notebook.notebook.dashboard.table_view import TableView
from tfs_notebook.notebook.dashboard.watch import Watch
from tfs_notebook.notebook.dashboard.words import Words
from tfs_notebook.notebook.widgets.own_keys import own_keys
from tfs_notebook.notebook.widgets.presence import Presence
from tfs_notebook.notebook.widgets.pump import Pump
from tfs_notebook.notebook.widgets.shown_widgets import SHOWN
from tfs_notebook.notebook.widgets.static_copy import StaticCopy
from tfs_notebook.notebook.widgets.subshells import hear_at_once
from tfs_notebook.notebook.widgets.theme import ROOT

__all__ = ["Dashboard"]

_log = logging.getLogger(__name__)

_VIEW: Final = "application/vnd.jupyter.widget-view+json"
_KEPT_SECONDS: Final = 300.0
_LOST_SECONDS: Final = 2.0
# Each copy makes the notebook one with changes to be saved.
_COPY_SECONDS: Final = 30.0
# A little less than a second, so that each second look is drawn.
_CHART_SECONDS: Final = 0.9
_LOG_LINES: Final = 200
_LOG_SECONDS: Final = 2.0
_SEEK_SECONDS: Final = 2.0


class Dashboard(ipywidgets.VBox):  # type: ignore[misc]
    """A model server: what it serves, how that does, and what can be done about it.

    One thread looks at the server and alone writes to the widgets; another one does what
    is asked for. The first is there while the widget is displayed somewhere, as far as the
    front end tells; :meth:`close` ends both.
    """

    def __init__(
        self,
        server: Server,
        words: Words,
        *,
        model: str | None = None,
        models: Sequence[str] = (),
        interval: float = 0.5,
    ) -> None:
        """Make it; nothing is asked before it is displayed.

        Args:
            server: which one it begins with.
            words: of the language.
            model: that is looked at more closely at first; None for all together.
            models: to look at where the server does not list them.
            interval: seconds between looks.
        """
        self._words = words
        self._interval = interval
        self._lock = threading.Lock()
        self._wish = Wish(model=model, named_models=tuple(models))
        self._known_servers = {server.key: server}
        self._named_models = dict[str, tuple[str, ...]]()
        self._server = self._wanted_server = server
        self._watch = Watch(server.target(), _KEPT_SECONDS)
        self._pump = Pump("tfs-dashboard", self._step)
        self._orders = Orders(self._pump.wake)
        self._copy = StaticCopy()
        self._copied = ("", 0.0)
        self._charted = (self._wish, 0.0)
        self._looked = self._asked_lines = self._sought = 0.0
        self._lines: tuple[str, ...] | None = None
        self._sight = Sight("", "")
        self._header, self._banner, self._deeds = (ipywidgets.HTML() for _ in range(3))
        self._chooser = Chooser(words, self._choose_server, self._name_models)
        self._table = TableView(words, self._choose_model)
        self._panes = Panes(words, self._choose_pane, self._give, self._pump.wake)
        style = ipywidgets.HTML(own_keys(STYLE + self._copy.hiding_style))
        super().__init__()
        self._presence = Presence(self, self._pump.start, self._pump.pause)
        self.children = [
            style, self._header, self._chooser.widget, self._banner, self._table.widget,
            self._deeds, self._panes.widget, self._presence.pulse,
        ]  # fmt: skip
        self.add_class(ROOT)
        self._table.filter.observe(self._on_filter, "value")
        self._panes.log_kind.observe(self._on_log_kind, "value")
        hear_at_once([self._chooser.widget, self._table.widget, self._panes.widget])
        SHOWN.add(self)

    # -- on the thread that answers the front end: nothing here blocks -----------------

    def _choose_server(self, server: Server) -> None:
        self._named_models[self._wanted_server.key] = self._wish.named_models
        self._wanted_server = server
        self._change(model=None, named_models=self._named_models.get(server.key, ()))

    def _name_models(self, names: tuple[str, ...]) -> None:
        self._looked = 0.0
        self._change(named_models=names)

    def _choose_model(self, name: str | None) -> None:
        self._change(model=name)

    def _choose_pane(self, pane: Pane) -> None:
        self._change(pane=pane)

    def _on_filter(self, change: dict[str, Any]) -> None:
        self._change(filter_text=change["new"])

    def _on_log_kind(self, change: dict[str, Any]) -> None:
        self._change(is_server_log=change["new"])

    def _change(self, **wish: Any) -> None:  # noqa: ANN401 - fields of Wish
        with self._lock:
            self._wish = replace(self._wish, **wish)
        self._pump.wake()

    def _give(self, order: Order) -> None:
        client = self._watch.client
        # What is on the screen is still that of the one before.
        if client is not None and self._wanted_server is self._server:
            self._orders.give(order, client)

    # -- on the one thread that writes ------------------------------------------------

    def _step(self) -> float:
        started = time.monotonic()
        pause = self._interval if self._watch.link.lost_since is None else _LOST_SECONDS
        try:
            self._change_server()
            # What somebody has clicked is shown at once, but asks the server no more often.
            if started >= self._looked + pause:
                self._looked = started
                self._watch.look(self._wish.named_models)
            self._read_log(started)
            self._seek_servers(started)
            self._show()
        except Exception as error:  # noqa: BLE001 - a fault here must not end the thread in silence
            _log.debug("the dashboard", exc_info=True)
            self._banner.value = problem_html(error, self._words)
        return max(0.0, self._looked + pause - time.monotonic())

    def _read_log(self, now: float) -> None:
        wish = self._wish
        if wish.pane != "log" or not wish.is_server_log:
            return
        if now < self._asked_lines + _LOG_SECONDS:
            return
        self._asked_lines = now
        self._lines = self._watch.lines(_LOG_LINES)

    def _change_server(self) -> None:
        wanted = self._wanted_server
        if wanted is self._server:
            return
        self._watch.close()
        self._known_servers[wanted.key] = wanted
        self._watch = Watch(wanted.target(), _KEPT_SECONDS)
        self._lines, self._looked, self._asked_lines, self._sought = None, 0.0, 0.0, 0.0
        self._watch.link = Link(wanted.title)
        self._charted = (self._wish, 0.0)
        self._panes.forget()
        self._server = wanted
        # It may take its time to answer.
        self._show()

    def _seek_servers(self, now: float) -> None:
        if now >= self._sought + _SEEK_SECONDS or not self._sought:
            self._sought = now
            self._chooser.show(offered_servers(self._known_servers.values()), self._server)

    def _show(self) -> None:
        watch, wish = self._watch, self._drawn(self._wish)
        sight = sight_of(watch.link, watch.history, wish, self._words, self._lines)
        self._sight = sight
        self._header.value = sight.header
        self._banner.value = sight.banner
        self._table.show(sight, wish.model)
        self._deeds.value = deeds_html(self._orders.read(), self._words)
        self._panes.show(sight)
        if wish.pane == "actions":
            now = None if watch.link.lost_since is not None else watch.history.latest
            reasons = reasons_against(now, sight.model, watch.client, self._words)
            self._panes.actions.show(sight.model, reasons)
        is_other = watch.history.latest is not None and watch.history.latest.kind == "other"
        self._chooser.ask_for_models(wish.named_models, is_needed=is_other)
        self._copy_values()

    def _drawn(self, wish: Wish) -> Wish:
        """Charts take more than all the rest, and say little new within a second."""
        drawn, when = self._charted
        now = time.monotonic()
        if drawn == wish and now < when + _CHART_SECONDS:
            return replace(wish, is_drawn=False)
        self._charted = (wish, now)
        return wish

    def _copy_values(self, *, at_once: bool = False) -> None:
        html, when = self._copied
        now = time.monotonic()
        if not at_once and now < when + _COPY_SECONDS:
            return
        sight = self._sight
        latest = sight.header + sight.banner + sight.table + escape(sight.more)
        if at_once or latest != html:
            self._copy.update(latest)
        # Until there is something to be copied, it is asked for at each look.
        self._copied = (latest, now if self._sight.table else 0.0)

    # -- its life ---------------------------------------------------------------------

    def _ipython_display_(self, **_: Any) -> None:  # noqa: ANN401 - IPython's
        view = ipywidgets.VBox._repr_mimebundle_(self)[_VIEW]
        bundle = {_VIEW: view, "text/plain": "the dashboard of a model server"}
        self._copy.show(bundle, self._sight.header + self._sight.table)
        self._presence.assume()

    def close(self) -> None:
        """End its threads and take it from the screen; blocks for moments. Idempotent.

        The last values stay in the cell.
        """
        self._presence.close()
        self._pump.close()
        self._orders.close()
        if self.comm is not None:
            self._copy_values(at_once=True)
            self._copy.replace_widget()
        self._watch.close()
        super().close()
