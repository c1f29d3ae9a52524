"""A rollout as a person sees it: a second spam filter takes over under load, and goes back."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.contrast import READABLE, texts
from tests.browser.lab_page import LabPage

# Trained models, JupyterLab and the browser are waited for.
pytestmark = [pytest.mark.long, pytest.mark.timeout(420)]

SERVE: Final = """\
%load_ext tfs_notebook
import threading, tfs_notebook
%tfs serve {base} --name spam;
model = tfs_notebook.connect()["spam"]

def visit():
    while not ended.wait(0.02):
        model.predict("加我微信xxxxx有福利")

ended = threading.Event()
visitors = [threading.Thread(target=visit, daemon=True) for _ in range(2)]
for visitor in visitors:
    visitor.start()
"""
DASHBOARD: Final = 'd = tfs_notebook.dashboard("spam", language="en")\nd'
CONSOLE: Final = "c = %tfs console spam --language zh_CN\nc"
DEPLOY: Final = """\
import pathlib
pathlib.Path({coming!r}).rename({base!r} + "/2")
%tfs load spam
"""
STOP: Final = """\
assert all(visitor.is_alive() for visitor in visitors)
ended.set()
for visitor in visitors:
    visitor.join()
d.close()
c.close()
%tfs stop spam;
"""
ROWS: Final = ".tfs-numbers .tfs-dash-table tbody tr"
NOTHING, SOME = r"(0|0\.\d+)\b", r"([1-9]|\d\d+)"
# Models are loaded meanwhile, and rates are of five seconds.
SOON: Final = 60_000


def chart(shown: Locator, title: str) -> Locator:
    """One of the charts, by its caption."""
    return shown.locator(".tfs-charts > .widget-vbox").filter(has_text=title)


def test_a_second_version_takes_over_and_goes_back(
    lab_page: LabPage, spam: Path, tmp_path: Path
) -> None:
    base, coming = tmp_path / "spam", tmp_path / "coming"
    shutil.copytree(spam / "1", base / "1")
    shutil.copytree(spam / "2", coming)
    notebook = lab_page.open(
        [
            SERVE.format(base=base),
            DASHBOARD,
            CONSOLE,
            DEPLOY.format(base=str(base), coming=str(coming)),
            STOP,
        ]
    )
    notebook.run(0)
    notebook.run(1)
    notebook.run(2)
    dashboard, console = notebook.output(1), notebook.output(2)
    by_version = chart(dashboard, "requests a second, by version")
    rows = dashboard.locator(ROWS)
    expect(by_version).to_contain_text(re.compile(f"v1 {SOME}"), timeout=SOON)
    expect(rows).to_have_count(1)

    # The second version, while both are asked for and the console is used.
    notebook.begin(3)
    field = console.locator("textarea").first
    field.press_sequentially("恭喜您被抽中为幸运用户，点击链接领取大奖")
    field.press("Enter")
    expect(console.get_by_role("status").filter(has_text="spam")).to_be_visible()
    expect(rows).to_have_count(1)
    expect(rows.nth(0)).to_contain_text("serving")
    expect(rows.nth(0).get_by_role("cell").nth(1)).to_have_text("2", timeout=SOON)
    taken_over = re.compile(f"v1 {NOTHING}.*v2 {SOME}")
    expect(by_version).to_contain_text(taken_over, timeout=SOON)
    expect(by_version.locator("path.line").nth(1)).to_be_visible()
    lab_page.page.evaluate("() => document.activeElement.blur()")
    dashboard.scroll_into_view_if_needed()
    lab_page.screenshot("taken-over")

    dashboard.get_by_role("tab", name="actions").click()
    notebook.click(1, "roll back …")
    dashboard.get_by_role("button", name="Yes: roll spam back").click()
    expect(dashboard.get_by_role("status")).to_contain_text("done after", timeout=SOON)
    expect(rows.nth(0).get_by_role("cell").nth(1)).to_have_text("1", timeout=SOON)
    dashboard.get_by_role("tab", name="charts").click()
    gone_back = re.compile(f"v1 {SOME}.*v2 {NOTHING}")
    expect(by_version).to_contain_text(gone_back, timeout=SOON)
    lab_page.screenshot("rolled-back")
    lab_page.set_theme(dark=True)
    for shown in (dashboard.locator(".tfs-charts"), dashboard.locator(".tfs-header").first):
        faint = [text for text in texts(shown) if text.contrast < READABLE]
        assert not faint, (lab_page.screenshot("dark"), faint)
    lab_page.screenshot("dark")
    # Which also says that nobody who asked meanwhile got an error.
    notebook.run(4)
