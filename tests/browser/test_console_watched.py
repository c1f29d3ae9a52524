"""A console watches its server while a page shows it, and rests when the page is closed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab_page import LabPage
from tests.polling import poll_until

# The first of a module waits for JupyterLab and for the browser.
pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]

SHOW: Final = """\
%load_ext tfs_notebook
import threading, tfs_notebook
tfs_notebook.serve({path!r}, "half", replace=True)
c = tfs_notebook.console("half", language="en")
c._presence.every = 1.0

def tell():
    with open({told!r}, "a") as file:
        was = False
        while not ended.wait(0.05):
            now = any("console" in one.name for one in threading.enumerate())
            if now is not was:
                print("watches" if now else "rests", file=file, flush=True)
                was = now

ended = threading.Event()
threading.Thread(target=tell, daemon=True, name="tells").start()
c
"""
STOP: Final = 'c.close()\nended.set()\ntfs_notebook.stop("half")'


def test_a_page_that_is_closed_has_it_rest_until_it_is_opened_again(
    lab_page: LabPage, tmp_path: Path, half_plus_two: Path
) -> None:
    told = tmp_path / "told"
    told.touch()

    def wait_for(*what: str) -> None:
        poll_until(
            lambda: told.read_text().split() == list(what), f"it {what}", details=told.read_text
        )

    def console() -> Locator:
        return notebook.output(0).locator(".jupyter-widgets.tfs-console")

    cell = SHOW.format(path=str(half_plus_two.parent), told=str(told))
    notebook = lab_page.open([cell, STOP])
    notebook.run(0)
    expect(console()).to_be_visible()
    wait_for("watches")
    notebook.save()
    address = lab_page.page.url
    lab_page.page.goto("about:blank")
    wait_for("watches", "rests")
    lab_page.page.goto(address)
    notebook = lab_page.opened(notebook.path)
    wait_for("watches", "rests", "watches")
    expect(console()).to_be_visible()
    send = console().get_by_role("button", name="Send", exact=True)
    expect(send).to_be_enabled()
    send.click()
    expect(console().locator(".tfs-history option")).to_have_count(1)
    notebook.run(1)
