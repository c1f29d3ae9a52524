"""The first notebook, as a person runs it in JupyterLab."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.contrast import READABLE, texts
from tests.browser.lab_page import LabPage
from tests.server_process import ROOT

# The first of a module waits for JupyterLab and for the browser.
pytestmark = pytest.mark.timeout(240)

NOTEBOOK = ROOT / "notebooks" / "quick_start.ipynb"
STATUS = 7


def test_the_first_notebook_runs_and_its_table_can_be_read(lab_page: LabPage) -> None:
    notebook = lab_page.open(NOTEBOOK)
    notebook.run_all()
    status = notebook.output(STATUS).locator(".jp-OutputArea-output")
    table = status.get_by_role("table")
    expect(table.get_by_role("columnheader")).to_have_text(
        [
            "model",
            "version",
            "state",
            "labels",
            "memory",
            "requests",
            "errors",
            "per second",
            "from",
        ]
    )
    cells = table.get_by_role("cell")
    expect(cells.nth(0)).to_have_text("half")
    # Versions of that name that other tests have stopped have rows as well.
    expect(table.get_by_role("row").filter(has_text="AVAILABLE")).to_have_count(1)
    for dark in (False, True):
        lab_page.set_theme(dark=dark)
        shown = texts(status)
        assert "AVAILABLE" in {text.words for text in shown}
        faint = [text for text in shown if text.contrast < READABLE]
        assert not faint, lab_page.screenshot(f"dark-{dark}")
