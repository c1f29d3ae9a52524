"""The test console in JupyterLab, as a person uses it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.contrast import READABLE, texts
from tests.browser.lab_page import LabPage
from tests.browser.notebook_panel import NotebookPanel

# The first of a module waits for JupyterLab, for the browser, and for the trained model.
pytestmark = pytest.mark.timeout(300)

SPAM = "加我微信xxxxx有福利"
CONSOLE = 1


def opened(lab_page: LabPage, spam: Path, options: str = "--language en") -> NotebookPanel:
    """A notebook whose second cell shows a console."""
    notebook = lab_page.open(
        [
            f"%load_ext tfs_notebook\n%tfs serve {spam} --name spam --versions all;",
            f"c = %tfs console spam {options}\nc",
            (
                "import threading\n[one.name for one in threading.enumerate()"
                " if 'console' in one.name]"
            ),
            "%tfs stop spam;",
        ]
    )
    notebook.run(0)
    notebook.run(CONSOLE)
    expect(field(notebook)).to_be_visible()
    return notebook


def living(notebook: NotebookPanel) -> Locator:
    """The console, and not its copy beside it."""
    return notebook.output(CONSOLE).locator(".jupyter-widgets.tfs-console")


def field(notebook: NotebookPanel) -> Locator:
    return living(notebook).locator("textarea").first


def test_a_chinese_message_is_typed_and_judged_in_both_themes(
    lab_page: LabPage, spam: Path
) -> None:
    notebook = opened(lab_page, spam)
    console = living(notebook)
    field(notebook).press_sequentially(SPAM)
    field(notebook).press("Enter")
    expect(console.locator(".tfs-verdict")).to_contain_text("spam: stop it")
    expect(console.locator(".tfs-words")).to_contain_text("微信")
    said = console.get_by_role("status").filter(has_text="spam 2: spam ")
    expect(said).to_contain_text(" ms")
    for dark in (False, True):
        lab_page.set_theme(dark=dark)
        picture = lab_page.screenshot(f"console-dark-{dark}")
        shown = texts(console.locator(".widget-html").filter(has_text="stop it"))
        assert shown
        faint = [text for text in shown if text.contrast < READABLE]
        assert not faint, picture
    notebook.run(3)


@pytest.mark.long
def test_several_lines_two_versions_code_and_replay(lab_page: LabPage, spam: Path) -> None:
    notebook = opened(lab_page, spam)
    console = living(notebook)
    field(notebook).fill(f"{SPAM}\nSee you at lunch tomorrow")
    console.get_by_role("button", name="Send", exact=True).click()
    expect(console.get_by_role("row")).to_have_count(3)
    console.get_by_label("Beside it").select_option("1")
    field(notebook).fill(SPAM)
    field(notebook).press("Control+Enter")
    expect(console.locator(".tfs-verdict")).to_have_count(2)
    expect(console.get_by_text("the same label")).to_be_visible()
    console.get_by_label("As code").select_option("curl")
    expect(console.locator(".tfs-code textarea")).to_have_value(re.compile("curl .*/predict"))
    console.locator(".tfs-history select").select_option(index=2)
    console.get_by_label("Beside it").select_option("—")
    console.get_by_role("button", name="Send again").click()
    expect(console.get_by_role("row")).to_have_count(3)
    notebook.run(3)


@pytest.mark.long
def test_the_keyboard_alone_and_enter_of_an_input_method(lab_page: LabPage, spam: Path) -> None:
    notebook = opened(lab_page, spam, "--language zh_CN")
    console, typed = living(notebook), field(notebook)
    typed.focus()
    typed.press("Shift+Tab")
    expect(console.get_by_label("对比")).to_be_focused()
    typed.press_sequentially("free")
    # Enter chooses a character of those that an input method offers.
    typed.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    typed.press("Shift+Enter")
    expect(typed).to_have_value("free\n")
    expect(console.locator(".tfs-verdict")).to_have_count(0)
    typed.press("Tab")
    send = console.get_by_role("button", name="发送", exact=True)
    expect(send).to_be_focused()
    send.press("Enter")
    expect(console.locator(".tfs-verdict")).to_contain_text("spam")
    notebook.run(3)


def test_clearing_the_cell_ends_it_and_without_a_kernel_its_copy_is_shown(
    lab_page: LabPage, spam: Path
) -> None:
    notebook = opened(lab_page, spam)
    field(notebook).press_sequentially(SPAM)
    field(notebook).press("Enter")
    expect(living(notebook).locator(".tfs-verdict")).to_be_visible()
    copy = notebook.output(CONSOLE).locator(".tfs-static-copy")
    expect(copy).to_be_hidden()
    assert notebook.run(2)[0]["data"]["text/plain"] == "['tfs-console']"
    notebook.save()
    # What shows the widgets goes with the kernel, and what hides the copy with them.
    notebook.restart()
    notebook = lab_page.reload(notebook)
    expect(copy).to_be_visible()
    expect(copy).to_contain_text("spam: stop it")
    expect(copy).to_contain_text("The console needs its kernel")
    expect(notebook.output(CONSOLE).get_by_text("model not found")).to_be_hidden()
    notebook.run(0)
    notebook.run(CONSOLE)
    expect(field(notebook)).to_be_visible()
    notebook.command("notebook:clear-all-cell-outputs")
    expect(living(notebook)).to_have_count(0)
    assert notebook.run(2)[0]["data"]["text/plain"] == "[]"
    notebook.run(3)
    # Of the view above the copy, for which there is no widget any more: not on every machine.
    lab_page.permitted("widget model not found")
