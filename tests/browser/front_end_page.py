"""JupyterLab with the front end, as a person has it before them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext, Locator, expect

from tests.browser.lab_page import LabPage
from tests.browser.lab_process import Lab
from tests.jupyter.jupyter_process import BASE_URL, TOKEN
from tests.labextension.front_end import SOURCE
from tests.polling import poll_until

_SECONDS: Final = 20
_THERE: Final = "() => window.jupyterapp?.commands.hasCommand('tfs-notebook:open-panel')"
# Playwright may lose a promise that takes long.
_NOTE_RESTORED: Final = """() => {
  window.jupyterapp.restored.then(() => { window.isRestored = true; });
}"""
_WORKSPACE: Final = (
    "id => window.jupyterapp.serviceManager.workspaces.fetch(id).then(JSON.stringify)"
)
_EXECUTE: Final = "([id, args]) => window.jupyterapp.commands.execute(id, args)"
_BROWSE: Final = """async () => {
  const app = window.jupyterapp;
  await app.commands.execute("filebrowser:activate");
  await app.commands.execute("filebrowser:refresh");
}"""
_AXE: Final = """async selectors => {
  const found = await axe.run({include: selectors.map(one => [one])}, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
  });
  return found.violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `${one.id}: ${one.help}: ${one.nodes.map(node => node.html).join(" | ")}`);
}"""


class FrontEndPage(LabPage):
    """A page without a notebook."""

    def __init__(self, context: BrowserContext, lab: Lab, pictures: Path) -> None:
        super().__init__(context, lab, pictures)
        context.set_default_timeout(_SECONDS * 1000)
        self.lab = lab
        origin = f"http://127.0.0.1:{lab.jupyter.port}"
        self._workspace = uuid.uuid4().hex
        path = f"{BASE_URL}lab/workspaces/{self._workspace}?token={TOKEN}"
        self.page.goto(origin + path, wait_until="domcontentloaded", timeout=90_000)
        self.wait_until_restored()

    def browsed(self, name: str) -> Locator:
        """A file or directory in the file browser, which is shown."""
        self.page.evaluate(_BROWSE)
        found = self.page.locator(".jp-DirListing-item", has_text=name)
        expect(found).to_be_visible()
        return found

    def wait_until_restored(self) -> None:
        """Wait until JupyterLab is there, with what was open in it."""
        self.page.wait_for_function(_THERE, timeout=90_000)
        self.page.evaluate(_NOTE_RESTORED)
        self.page.wait_for_function("() => window.isRestored", timeout=90_000)

    def wait_until_saved(self, *texts: str) -> None:
        """Wait until JupyterLab has saved what is open, and these are among it."""

        def is_saved() -> bool:
            saved: str = self.page.evaluate(_WORKSPACE, self._workspace)
            return all(text in saved for text in texts)

        poll_until(is_saved, "the layout is saved")

    def execute(self, command: str, arguments: Mapping[str, str] | None = None) -> None:
        """Execute a command of the front end's, by the end of its name, and do not wait."""
        call = [f"tfs-notebook:{command}", arguments or {}]
        self.page.evaluate(f"call => {{ void ({_EXECUTE})(call) }}", call)

    @property
    def panel(self) -> Locator:
        """The side panel, which is opened."""
        self.execute("open-panel")
        found = self.page.locator(".jp-TfsPanel")
        expect(found).to_be_visible()
        return found

    def card(self, model: str) -> Locator:
        """A model in the side panel."""
        return self.page.locator(f".jp-Tfs-card[data-model='{model}']")

    def version(self, model: str, version: int) -> Locator:
        """A version in the side panel."""
        return self.card(model).locator(f".jp-Tfs-version[data-version='{version}']")

    def console(self, model: str) -> Locator:
        """A test console for a model, which is opened."""
        self.execute("open-console", {"model": model})
        found = self.page.locator(".jp-TfsConsole").filter(visible=True)
        expect(found.get_by_label("Model", exact=True)).to_have_value(model)
        return found

    def serious_faults(self, selectors: Sequence[str]) -> list[str]:
        """What axe finds that keeps people out, in these parts of the page."""
        script = SOURCE / "node_modules" / "axe-core" / "axe.min.js"
        self.page.add_script_tag(content=script.read_text("utf-8"))
        found: list[str] = self.page.evaluate(_AXE, list(selectors))
        return found

    def drop_file(self, target: Locator, name: str, content: bytes) -> None:
        """Drop a file of the desktop."""
        data: Any = self.page.evaluate_handle(
            """([name, bytes]) => {
              const data = new DataTransfer();
              data.items.add(new File([new Uint8Array(bytes)], name, {type: "image/png"}));
              return data;
            }""",
            [name, list(content)],
        )
        for event in ("dragenter", "dragover", "drop"):
            target.dispatch_event(event, {"dataTransfer": data})
