"""What a front end sends for the widgets of a dashboard."""

from __future__ import annotations

import json
from typing import Any

from tests.notebook.kernel import Cells
from tests.polling import poll_until

__all__ = ["FrontEnd"]


class FrontEnd:
    """Sends what a browser sends for the widgets of a dashboard, named by a variable."""

    def __init__(self, kernel: Cells, variable: str = "d") -> None:
        self._kernel = kernel
        self._variable = variable

    def views(self, number: int) -> None:
        """So many views of it are displayed."""
        self._update("", {"_view_count": number})

    def open(self, pane: int) -> None:
        """Of the tabs below."""
        self._update("._panes._tabs", {"selected_index": pane})

    def set(self, widget: str, **state: Any) -> None:
        self._update(widget, state)

    def click(self, widget: str) -> None:
        content = {"method": "custom", "content": {"event": "click"}}
        self._kernel.send_comm(self._model_id(widget), content)

    def click_action(self, text: str) -> None:
        rows = f"{self._variable}._panes.actions._rows"
        buttons = f"[b for row in {rows} for b in row._buttons if b.description == {text!r}]"
        place = self.told(f"{buttons}[0].model_id")
        content = {"method": "custom", "content": {"event": "click"}}
        self._kernel.send_comm(place, content)

    def told(self, expression: str) -> Any:
        shown = self._kernel.run(f"import json; print(json.dumps({expression}))")
        assert shown.status == "ok", shown.traceback
        return json.loads(shown.streams["stdout"])

    def value(self, widget: str) -> str:
        return str(self.told(f"{self._variable}.{widget}.value"))

    def wait_for(self, widget: str, text: str, *, gone: bool = False) -> str:
        poll_until(
            lambda: (text in self.value(widget)) is not gone,
            f"{widget} says {text!r}",
            details=lambda: self.value(widget),
        )
        return self.value(widget)

    def threads(self) -> int:
        kinds = "[one.name for one in threading.enumerate() if 'tfs-dashboard' in one.name]"
        return int(self.told(f"len({kinds})"))

    def _model_id(self, widget: str) -> str:
        return str(self.told(f"{self._variable}{widget}.model_id"))

    def _update(self, widget: str, state: dict[str, Any]) -> None:
        data = {"method": "update", "state": state, "buffer_paths": []}
        self._kernel.send_comm(self._model_id(widget), data)
