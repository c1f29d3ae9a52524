"""The dashboard in the browser: under load, with a second version, back from a button."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser.contrast import READABLE, texts
from tests.browser.lab_page import LabPage
from tests.server_process import ServerProcess

# The first of a module waits for JupyterLab and for the browser.
pytestmark = pytest.mark.timeout(240)

SERVE: Final = """\
%load_ext tfs_notebook
import threading, tfs_notebook
half = tfs_notebook.serve({path!r}, "half", version_policy="all", replace=True)

def ask():
    client = tfs_notebook.connect()
    while not ended.wait(0.01):
        client["half"].predict([1.0, 2.0])

ended = threading.Event()
threading.Thread(target=ask, daemon=True).start()
"""
SHOW: Final = 'd = tfs_notebook.dashboard("half", language="en")\nd'
CHOOSE: Final = """\
import tfs_notebook
far = tfs_notebook.connect({far!r})
d = tfs_notebook.dashboard(language="en")
d
"""
STOP: Final = 'ended.set()\ntfs_notebook.stop("half")'
# Its own, not those of the copy, which is hidden.
ROWS: Final = ".tfs-numbers .tfs-dash-table tbody tr"


def test_a_second_version_takes_over_and_is_rolled_back(
    lab_page: LabPage, tmp_path: Path, half_plus_two: Path, half_plus_three: Path
) -> None:
    base = tmp_path / "half"
    shutil.copytree(half_plus_two, base / "1")
    notebook = lab_page.open([SERVE.format(path=str(base)), SHOW, STOP])
    notebook.run(0)
    notebook.run(1)
    shown = notebook.output(1)
    rows = shown.locator(ROWS)
    expect(rows).to_have_count(1)
    expect(rows.nth(0)).to_contain_text("serving")
    # Requests are counted, and drawn.
    expect(shown.locator(".tfs-chart path.line").first).to_be_visible()
    shutil.copytree(half_plus_three, tmp_path / "next")
    (tmp_path / "next").rename(base / "2")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("2")
    expect(rows.nth(0)).to_contain_text("serving")
    lab_page.screenshot("two-versions")
    shown.get_by_role("tab", name="actions").click()
    opener = shown.get_by_role("button", name="roll back …")
    confirm = shown.get_by_role("button", name="Yes: roll half back")
    notebook.click(1, "roll back …")
    expect(shown.get_by_role("alert")).to_contain_text("Roll half back")
    # With the keyboard alone: away, and back to the question.
    expect(confirm).to_be_focused()
    lab_page.page.keyboard.press("Escape")
    expect(confirm).to_be_hidden()
    expect(opener).to_be_focused()
    lab_page.page.keyboard.press("Enter")
    expect(confirm).to_be_focused()
    expect(rows).to_have_count(2)
    lab_page.page.keyboard.press("Enter")
    expect(shown.get_by_role("status")).to_contain_text("done after")
    expect(rows).to_have_count(1)
    expect(rows.nth(0)).to_contain_text("1")
    expect(opener).to_be_focused()
    for dark in (False, True):
        lab_page.set_theme(dark=dark)
        faint = [text for text in texts(shown.locator(".tfs-rows")) if text.contrast < READABLE]
        assert not faint, (lab_page.screenshot(f"dashboard-dark-{dark}"), faint)
    notebook.run(2)


@pytest.mark.long
def test_the_last_values_stay_where_there_is_no_kernel(
    lab_page: LabPage, half_plus_two: Path
) -> None:
    path = str(half_plus_two.parent)
    notebook = lab_page.open([SERVE.format(path=path), SHOW, STOP, "d.close()"])
    notebook.run(0)
    notebook.run(1)
    shown = notebook.output(1)
    expect(shown.locator(ROWS)).to_have_count(1)
    expect(shown.get_by_role("tab", name="charts")).to_be_visible()
    expect(shown.locator(".tfs-static-copy")).to_be_hidden()
    # First of all: once it is stopped, the last values are those of a server without it.
    notebook.run(3)
    notebook.run(2)
    expect(shown.locator(".tfs-static-copy")).to_be_visible()
    expect(shown.locator(".tfs-static-copy")).to_contain_text("half")
    expect(shown.get_by_role("tab")).to_have_count(0)


@pytest.mark.long
def test_another_server_is_chosen_with_the_keyboard_or_typed(
    lab_page: LabPage,
    start_server: Callable[..., ServerProcess],
    half_plus_two: Path,
    two_versions: Path,
) -> None:
    far = start_server(f"--model_base_path={half_plus_two.parent}", "--model_name=far")
    near = start_server(f"--model_base_path={two_versions}", "--model_name=near")
    notebook = lab_page.open([CHOOSE.format(far=far.url), "d.close()"])
    notebook.run(0)
    shown = notebook.output(0)
    table = shown.locator(".tfs-numbers .tfs-dash-table")
    chosen = shown.get_by_label("server", exact=True)
    expect(chosen).to_have_value("Jupyter's model server")
    chosen.focus()
    chosen.press("ArrowDown")
    expect(table).to_contain_text("far")
    expect(shown.locator(".jupyter-widgets .tfs-header")).to_contain_text(far.url)
    typed = shown.get_by_label("or its address", exact=True)
    typed.fill(near.url)
    typed.press("Enter")
    expect(table).to_contain_text("near")
    expect(chosen).to_have_value(near.url)
    expect(typed).to_have_value("")
    typed.fill("no address")
    typed.press("Enter")
    expect(shown.get_by_role("alert")).to_contain_text("no address")
    notebook.run(1)
