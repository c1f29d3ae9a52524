"""JupyterLab in the browser, as a person has it before them."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

import nbformat
from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Request

from tests.browser.lab_process import Lab
from tests.browser.notebook_panel import NotebookPanel
from tests.jupyter.jupyter_process import BASE_URL, TOKEN

_SECONDS: Final = 60
# JupyterLab's own requests to a kernel that is restarted before it has answered.
_OF_A_RESTART: Final = ("message before replies were done", "Canceled future for ")
_THEMES: Final = {False: "JupyterLab Light", True: "JupyterLab Dark"}


class LabPage:
    """A page with a workspace of its own.

    Attributes:
        page: Playwright's own, for what this class has no word for.
        complaints: errors in the console, exceptions that nobody caught, requests that went
            to other hosts than this JupyterLab.
    """

    def __init__(self, context: BrowserContext, lab: Lab, pictures: Path) -> None:
        """Open an empty page.

        Args:
            context: of the browser.
            lab: where notebooks are opened.
            pictures: the directory for screenshots.
        """
        context.set_default_timeout(_SECONDS * 1000)
        self._lab = lab
        self._pictures = pictures
        self._origin = f"http://127.0.0.1:{lab.jupyter.port}"
        self._dark = False
        self.complaints: list[str] = []
        self._permitted: list[str] = list(_OF_A_RESTART)
        self.page: Page = context.new_page()
        self.page.on("console", self._on_console)
        self.page.on("pageerror", self._on_error)
        self.page.on("request", self._on_request)

    def open(self, notebook: Path | Sequence[str]) -> NotebookPanel:
        """Open a notebook, and wait until its kernel is idle.

        Args:
            notebook: a file, of which a copy is opened; or the sources of code cells.
        """
        if isinstance(notebook, Path):
            path = self._lab.root / f"{uuid.uuid4().hex[:8]}-{notebook.name}"
            shutil.copyfile(notebook, path)
        else:
            path = self._lab.root / f"{uuid.uuid4().hex[:8]}.ipynb"
            _write(path, notebook)
        workspace = uuid.uuid4().hex
        address = f"{BASE_URL}lab/workspaces/{workspace}/tree/{path.name}?token={TOKEN}"
        self.page.goto(self._origin + address, wait_until="domcontentloaded")
        return self.opened(path)

    def reload(self, notebook: NotebookPanel) -> NotebookPanel:
        """Load the page anew, with the notebook that is open in it."""
        self.page.reload(wait_until="domcontentloaded")
        return self.opened(notebook.path)

    def opened(self, path: Path) -> NotebookPanel:
        """The notebook that this page opens by itself, once its kernel is idle."""
        # The widgets that are stored in the notebook are shown until the kernel's are there,
        # and what their views tell in that time gets nowhere.
        self.permitted("no comm channel defined")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")
        panel = NotebookPanel(self.page, path)
        panel.wait_until_idle()
        return panel

    def set_theme(self, *, dark: bool) -> None:
        """Have the light or the dark theme of JupyterLab."""
        self._dark = dark
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})",
            _THEMES[dark],
        )
        light = str(not dark).lower()
        body = self.page.locator(f"body[data-jp-theme-light={light}]")
        body.wait_for(state="attached")

    def expected(self, text: str) -> None:
        """Wait for a complaint that has a text in it; neither it nor its like count."""
        deadline = time.monotonic() + _SECONDS
        while not any(text in complaint for complaint in self.complaints):
            assert time.monotonic() < deadline, (text, self.complaints)
            # What the page says is heard only while Playwright is asked for something.
            self.page.wait_for_timeout(50)
        self.permitted(text)

    def permitted(self, text: str) -> None:
        """Complaints with a text in them do not count, those before this call and after it."""
        self._permitted.append(text)
        self.complaints[:] = [one for one in self.complaints if text not in one]

    def _complain(self, complaint: str) -> None:
        if not any(text in complaint for text in self._permitted):
            self.complaints.append(complaint)

    def close(self) -> None:
        """Close it, and leave the light theme to the next one."""
        if self._dark:
            self.set_theme(dark=False)
        self.page.close()

    def screenshot(self, name: str) -> Path:
        """Take a picture of what is to be seen, and return its file."""
        path = self._pictures / f"{name}.png"
        self.page.screenshot(path=path, animations="disabled")
        return path

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complain(f"{message.text} ({message.location.get('url')})")

    def _on_error(self, error: Error) -> None:
        self._complain(f"{error.name}: {error.message}\n{error.stack}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self._origin, "data:", "blob:")):
            self._complain(f"a request to {request.url}")


AnyPage = TypeVar("AnyPage", bound=LabPage)


@contextmanager
def without_complaints(page: AnyPage) -> Iterator[AnyPage]:
    """Have a page until the block ends, in which nothing goes wrong that was not expected."""
    try:
        yield page
        assert not page.complaints, "\n".join(page.complaints)
    finally:
        page.close()


def _write(path: Path, sources: Sequence[str]) -> None:
    notebook = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
        cells=[nbformat.v4.new_code_cell(source) for source in sources],  # type: ignore[no-untyped-call]
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
