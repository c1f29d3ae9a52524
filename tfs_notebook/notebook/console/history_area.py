"""Where it is seen what was asked, and asked again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import ipywidgets

from tfs_notebook.notebook.console.offering import offer
from tfs_notebook.notebook.console.page import ORDER
from tfs_notebook.notebook.console.view_protocol import Options
from tfs_notebook.notebook.widgets.translation import Translate

__all__ = ["HistoryArea"]

_MOST_ROWS: Final = 5


class HistoryArea:
    """See :class:`ConsoleView` for threads.

    Args:
        translate: into the reader's language.
        replay: takes the number of what is to be asked again.
    """

    def __init__(self, translate: Translate, replay: Callable[[str], None]) -> None:
        self._list = ipywidgets.Select(description=translate("What was asked"), rows=2)
        self._list.add_class("tfs-labelled")
        self._again = ipywidgets.Button(description=translate("Send again"))
        self._again.on_click(lambda _: replay(self._list.value or ""))
        self._again.add_class(ORDER)
        self.root = ipywidgets.VBox([self._list, ipywidgets.HBox([self._again])])
        self.root.add_class("tfs-history")
        self.root.layout.display = "none"

    def show(self, options: Options) -> None:
        """List these, the newest first."""
        self._list.rows = max(2, min(_MOST_ROWS, len(options)))
        offer(self._list, options, options[0][1] if options else "")
        self.root.layout.display = None if options else "none"
