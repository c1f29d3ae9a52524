"""A dashboard asks its server while a page shows it: reloaded, closed, opened again, busy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser.lab_page import LabPage
from tests.browser.notebook_panel import NotebookPanel
from tests.polling import poll_until

# The first of a module waits for JupyterLab and for the browser.
pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]

SERVE: Final = """\
%load_ext tfs_notebook
import threading, tfs_notebook
half = tfs_notebook.serve({path!r}, "half", replace=True)
d = tfs_notebook.dashboard("half", language="en")
d._presence.every = 1.0

def tell():
    with open({told!r}, "a") as file:
        was = False
        while not ended.wait(0.05):
            if (now := d._pump.is_running) is not was:
                print("asks" if now else "rests", file=file, flush=True)
                was = now

ended = threading.Event()
threading.Thread(target=tell, daemon=True).start()
d
"""
BUSY: Final = "import time\ntime.sleep(6)\ndone = True"
WAIT: Final = "import time\ntime.sleep(2)"
STOP: Final = 'd.close()\nended.set()\ntfs_notebook.stop("half")'


class Told:
    """What a thread of the kernel has seen: who asks the kernel itself keeps it busy."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch()

    def wait_for(self, *what: str) -> None:
        poll_until(
            lambda: self.read() == list(what), f"it {what}", details=lambda: str(self.read())
        )

    def read(self) -> list[str]:
        return self._path.read_text().split()


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path / "told")


def shown(lab_page: LabPage, tmp_path: Path, base: Path) -> NotebookPanel:
    """A notebook with a dashboard that is displayed."""
    cell = SERVE.format(path=str(base), told=str(tmp_path / "told"))
    notebook = lab_page.open([cell, BUSY, STOP, WAIT])
    notebook.run(0)
    expect(notebook.output(0).get_by_role("tab", name="charts")).to_be_visible()
    return notebook


def test_a_page_that_is_reloaded_shows_it_on_and_a_busy_kernel_too(
    lab_page: LabPage, tmp_path: Path, told: Told, half_plus_two: Path
) -> None:
    notebook = shown(lab_page, tmp_path, half_plus_two.parent)
    told.wait_for("asks")
    notebook.save()
    notebook = lab_page.reload(notebook)
    expect(notebook.output(0).get_by_role("tab", name="charts")).to_be_visible()
    # As long as the page takes to come back, nobody may have answered.
    poll_until(lambda: told.read()[-1] == "asks", "it asks again")
    before = told.read()
    notebook.run(1)
    # Longer than two questions; nothing was in the way of what it has missed.
    assert told.read() == before
    notebook.run(2)


def test_a_page_that_is_closed_has_it_rest_until_it_is_opened_again(
    lab_page: LabPage, tmp_path: Path, told: Told, half_plus_two: Path
) -> None:
    notebook = shown(lab_page, tmp_path, half_plus_two.parent)
    told.wait_for("asks")
    notebook.save()
    address = lab_page.page.url
    lab_page.page.goto("about:blank")
    told.wait_for("asks", "rests")
    lab_page.page.goto(address)
    notebook = lab_page.opened(notebook.path)
    told.wait_for("asks", "rests", "asks")
    expect(notebook.output(0).get_by_role("tab", name="charts")).to_be_visible()
    # Without a view it is known at once.
    notebook.command("notebook:clear-all-cell-outputs")
    told.wait_for("asks", "rests", "asks", "rests")
    notebook.run(2)


def test_what_a_kernel_that_restarts_has_shown_says_when_it_was(
    lab_page: LabPage, tmp_path: Path, told: Told, half_plus_two: Path
) -> None:
    notebook = shown(lab_page, tmp_path, half_plus_two.parent)
    told.wait_for("asks")
    # Its own, not that of the copy, which is hidden.
    header = notebook.output(0).locator(".jupyter-widgets .tfs-header")
    expect(header).to_contain_text(re.compile(r"as of \d\d:\d\d:\d\d"))
    notebook.restart()
    last = header.inner_text()
    notebook.run(3)
    # Nobody writes it any more, not even the thread of a kernel that lives on.
    assert header.inner_text() == last
    assert told.read() == ["asks"]
    # As a new one goes on where the old one ended.
    notebook.run(0)
    expect(header).not_to_have_text(last)
    notebook.run(2)
