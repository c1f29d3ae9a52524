"""A notebook that is open in JupyterLab."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Locator, Page, expect

_SECONDS: Final = 60.0
_ESCAPES: Final = re.compile(r"\x1b\[[0-9;]*m")

# Finds the panel, and gives up by itself: Playwright waits for a promise without a limit.
_IN_PANEL: Final = """async ([path, seconds, argument]) => {
  const app = window.jupyterapp;
  const panel = [...app.shell.widgets("main")].find(one => one.context?.path === path);
  if (!panel) throw new Error(`${path} is not open`);
  const late = new Promise((_, fail) =>
    setTimeout(() => fail(new Error(`not done after ${seconds} s`)), seconds * 1000));
  return await Promise.race([late, (BODY)(app, panel, argument)]);
}"""
_RUN: Final = """async (app, panel, index) => {
  app.shell.activateById(panel.id);
  panel.content.deselectAll();
  panel.content.activeCellIndex = index;
  await app.commands.execute("notebook:run-cell");
}"""
_BEGIN: Final = _RUN.replace("await ", "")
_RUN_ALL: Final = """async (app, panel) => {
  app.shell.activateById(panel.id);
  await app.commands.execute("notebook:run-all-cells");
}"""
_COMMAND: Final = """async (app, panel, command) => {
  app.shell.activateById(panel.id);
  await app.commands.execute(command);
}"""
_OUTPUTS: Final = (
    "async (app, panel, index) => panel.content.widgets[index].model.outputs.toJSON()"
)
_CELLS: Final = "async (app, panel) => panel.content.widgets.map(cell => cell.model.type)"
_SAVE: Final = "async (app, panel) => await panel.context.save()"
_RESTART: Final = "async (app, panel) => await panel.sessionContext.restartKernel()"
_IDLE: Final = """path => {
  const app = window.jupyterapp;
  const panel = app && [...app.shell.widgets("main")].find(one => one.context?.path === path);
  return panel?.context.isReady && panel.sessionContext.session?.kernel?.status === "idle";
}"""


class NotebookPanel:
    """A notebook in a page; cells are counted from 0, those of text too.

    Attributes:
        path: its file.
    """

    def __init__(self, page: Page, path: Path) -> None:
        self._page = page
        self.path = path

    def wait_until_idle(self) -> None:
        """Wait until it is shown, and its kernel has nothing to do."""
        self._page.wait_for_function(_IDLE, arg=self.path.name)

    def run(self, index: int, *, seconds: float = _SECONDS) -> list[dict[str, Any]]:
        """Run a cell to its end, and return its outputs, none of them an error."""
        self._do(_RUN, index, seconds)
        return self._outputs_without_error(index)

    def begin(self, index: int) -> None:
        """Run a cell without waiting for its end."""
        self._do(_BEGIN, index)

    def run_all(self, *, seconds: float = _SECONDS) -> list[list[dict[str, Any]]]:
        """Run every cell to its end, and return the outputs of each, none of them an error."""
        self._do(_RUN_ALL, None, seconds)
        kinds: list[str] = self._do(_CELLS)
        return [
            self._outputs_without_error(index) if kind == "code" else []
            for index, kind in enumerate(kinds)
        ]

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """The outputs of a cell as the file has them."""
        found: list[dict[str, Any]] = self._do(_OUTPUTS, index)
        return found

    def output(self, index: int) -> Locator:
        """What a cell has put out, on the page."""
        cell = self._page.locator(f".jp-Notebook-cell[data-windowed-list-index='{index}']")
        return cell.locator(".jp-Cell-outputArea")

    def click(self, index: int, name: str) -> None:
        """Click a button in the output of a cell."""
        self.output(index).get_by_role("button", name=name, exact=True).click()

    def type(self, index: int, label: str, text: str) -> None:
        """Replace what is in a field in the output of a cell by what is typed, and leave it."""
        field = self.output(index).get_by_label(label, exact=True)
        field.fill("")
        field.press_sequentially(text)
        field.blur()

    def wait_for_text(self, index: int, text: str, *, seconds: float = _SECONDS) -> None:
        """Wait until the output of a cell has a text in it."""
        expect(self.output(index)).to_contain_text(text, timeout=seconds * 1000)

    def restart(self) -> None:
        """Restart the kernel, and wait until it is there."""
        self._do(_RESTART)
        self.wait_until_idle()

    def interrupt(self) -> None:
        """Interrupt the kernel."""
        self.command("notebook:interrupt-kernel")

    def save(self) -> None:
        """Save it to its file."""
        self._do(_SAVE)

    def command(self, command: str) -> None:
        """Execute a command of JupyterLab's on it, ``edit:clear-current`` for instance."""
        self._do(_COMMAND, command)

    def _outputs_without_error(self, index: int) -> list[dict[str, Any]]:
        outputs = self.outputs(index)
        for output in outputs:
            traceback = _ESCAPES.sub("", "\n".join(output.get("traceback", ())))
            assert output["output_type"] != "error", traceback
        return outputs

    def _do(self, body: str, argument: object = None, seconds: float = _SECONDS) -> Any:
        script = _IN_PANEL.replace("BODY", body)
        return self._page.evaluate(script, [self.path.name, seconds, argument])
