"""The tabs below the table: charts, versions, batches, actions, log."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final

import ipywidgets

from tfs_notebook.notebook.dashboard.action_view import ActionView
from tfs_notebook.notebook.dashboard.charts import Charts
from tfs_notebook.notebook.dashboard.orders import Order
from tfs_notebook.notebook.dashboard.sight import PANES, Pane, Sight
from tfs_notebook.notebook.dashboard.words import Words

__all__ = ["Panes"]


class Panes:
    """Widgets, to which one thread writes.

    Args:
        words: of the language.
        choose: called with what is looked at, on the thread that answers the front end.
        give: takes what was asked for.
        changed: called when there is something else to show.

    Attributes:
        actions: one of them.
        log_kind: which log is shown: True for what the server has written.
        widget: all of it.
    """

    def __init__(
        self,
        words: Words,
        choose: Callable[[Pane], None],
        give: Callable[[Order], None],
        changed: Callable[[], None],
    ) -> None:
        self._charts = Charts(words)
        self._versions, self._batches, self._log = (ipywidgets.HTML() for _ in range(3))
        self.actions: Final = ActionView(words, give, changed)
        self.log_kind: Final = ipywidgets.Dropdown(
            options=[
                (words("changes of versions"), False),
                (words("the server's lines"), True),
            ],
            description=words("log of"),
            layout={"width": "320px"},
            style={"description_width": "initial"},
        )
        log = ipywidgets.VBox([self.log_kind, self._log])
        self._title = ipywidgets.HTML()
        titles = ("charts", "versions", "batches", "actions", "log")
        self._tabs = ipywidgets.Tab(
            [self._charts.widget, self._versions, self._batches, self.actions.widget, log],
            titles=[words(one) for one in titles],
        )
        self._tabs.observe(lambda change: choose(PANES[change["new"] or 0]), "selected_index")
        self.widget: Final = ipywidgets.VBox([self._title, self._tabs])

    def forget(self) -> None:
        """Another server is looked at: take away what was shown of the one before."""
        for widget in (self._versions, self._batches, self._log):
            widget.value = ""
        self._charts.forget()
        self.actions.forget()

    def show(self, sight: Sight) -> None:
        """Show it; only what has changed is sent. Of the tabs only the one that is open."""
        self._title.value = f'<h3 class="tfs-title">{escape(sight.title)}</h3>'
        for widget, html in (
            (self._versions, sight.versions),
            (self._batches, sight.batches),
            (self._log, sight.log),
        ):
            if html:
                widget.value = html
        if sight.series is not None:
            self._charts.show(sight.series, sight.version_rates)
