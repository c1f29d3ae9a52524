"""The front end in JupyterLab: side panel, status."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.contrast import READABLE, texts
from tests.browser.front_end_page import FrontEndPage
from tests.browser.lab_process import Lab
from tests.frontends.pipe import Pipe
from tests.server_process import ROOT
from tests.serving.warmup.warmup_records import predict_log, with_records

# The first waits for the build, for JupyterLab, for the browser, and for the trained model.
pytestmark = pytest.mark.timeout(300)

SPAM = "加我微信xxxxx有福利"
expect.set_options(timeout=20_000)
PARTS = (".jp-TfsPanel", ".jp-TfsStatus")


def test_the_panel_lists_models_and_status(page: FrontEndPage) -> None:
    panel = page.panel
    expect(panel.get_by_role("status").first).to_contain_text("ready")
    expect(page.version("spam", 2)).to_contain_text("serving")
    expect(page.version("half", 1)).to_contain_text("serving")
    expect(page.page.locator(".jp-TfsStatus")).to_contain_text("Model server: ● ready")


def test_a_new_version_appears_as_loading_then_as_serving(
    page: FrontEndPage, served: Path, tmp_path: Path
) -> None:
    assert page.panel
    expect(page.version("held", 1)).to_contain_text("serving")
    # It is warmed up with a request that hangs for as long as nobody writes to a pipe.
    pipe = Pipe(tmp_path / "pipe")
    hangs = predict_log([-1.0], signature="from_pipe", pipe=[str(pipe.path)])
    with_records(served / "held" / "1", tmp_path / "made", [hangs])
    shutil.copytree(tmp_path / "made" / "1", served / "held" / "unfinished")
    page.page.evaluate("window.isSamePage = true")
    (served / "held" / "unfinished").rename(served / "held" / "2")
    expect(page.version("held", 2)).to_contain_text("loading")
    expect(page.version("held", 1)).to_contain_text("serving")
    expect(page.page.locator(".jp-TfsStatus")).to_contain_text("loading")
    page.screenshot("loading")
    # Who reads the pipe gets an error in the end; the next attempt finds a file.
    name = pipe.path
    pipe.path = name.rename(tmp_path / "waiting")
    name.touch()
    pipe.open()
    expect(page.version("held", 2)).to_contain_text("serving")
    expect(page.version("held", 1)).to_have_count(0)
    expect(page.page.locator(".jp-TfsStatus")).to_contain_text("ready")
    assert page.page.evaluate("window.isSamePage")
    shutil.rmtree(served / "held" / "2")
    expect(page.version("held", 1)).to_contain_text("serving")
    expect(page.version("held", 2)).to_have_count(0)


def test_a_version_that_cannot_be_loaded_says_why(page: FrontEndPage, served: Path) -> None:
    assert page.panel
    broken = served / "half" / "unfinished"
    broken.mkdir()
    (broken / "saved_model.pb").write_bytes(b"no model")
    broken.rename(served / "half" / "3")
    expect(page.version("half", 3)).to_contain_text("failed")
    expect(page.version("half", 3).get_by_role("alert")).not_to_be_empty()
    expect(page.page.locator(".jp-TfsStatus")).to_contain_text("failing")
    expect(page.version("half", 1)).to_contain_text("serving")
    # Another version overtakes it, and takes it out of sight when it goes, too.
    shutil.copytree(served / "half" / "1", broken)
    broken.rename(served / "half" / "4")
    expect(page.version("half", 4)).to_contain_text("serving")
    expect(page.page.locator(".jp-TfsStatus")).to_contain_text("ready")
    for version in ("3", "4"):
        shutil.rmtree(served / "half" / version)
    expect(page.version("half", 1)).to_contain_text("serving")
    expect(page.page.locator(".jp-TfsStatus")).to_contain_text("ready")


def test_a_killed_server_shows_and_comes_back(page: FrontEndPage) -> None:
    panel = page.panel
    expect(page.version("spam", 2)).to_contain_text("serving")
    before = page.lab.jupyter.status()
    os.kill(before["pid"], signal.SIGKILL)
    expect(panel.get_by_role("status").first).not_to_contain_text("ready")
    expect(panel.get_by_role("alert").first).to_contain_text("model server")
    expect(panel.get_by_role("status").first).to_contain_text("ready")
    expect(page.version("spam", 2)).to_contain_text("serving")
    expect(panel.locator(".jp-Tfs-facts").first).to_contain_text("restarts")
    page.complaints[:] = [one for one in page.complaints if "503" not in one]


def test_stopped_and_started_with_the_keyboard_alone(page: FrontEndPage) -> None:
    panel = page.panel
    expect(panel.get_by_role("status").first).to_contain_text("ready")
    panel.get_by_role("button", name="Stop the model server").focus()
    page.page.keyboard.press("Enter")
    dialog = page.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Stop the model server?")
    page.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("Enter")
    expect(panel.get_by_role("status").first).to_contain_text("stopped")
    expect(panel.get_by_role("alert").first).to_contain_text("stopped by hand")
    panel.get_by_role("button", name="Start the model server", exact=True).focus()
    page.page.keyboard.press("Enter")
    expect(panel.get_by_role("status").first).to_contain_text("ready")
    page.complaints[:] = [one for one in page.complaints if "503" not in one]


def test_a_label_is_set_and_taken_away_with_the_keyboard_alone(page: FrontEndPage) -> None:
    assert page.panel
    version = page.version("spam", 2)
    version.get_by_role("button", name="Actions for version 2 of spam").focus()
    page.page.keyboard.press("Enter")
    menu = page.page.get_by_role("menu").last
    expect(menu.get_by_role("menuitem", name="Set a Label")).to_be_visible()
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("Enter")
    page.page.get_by_role("dialog").get_by_role("textbox").press_sequentially("stable")
    page.page.keyboard.press("Enter")
    expect(version.locator(".jp-Tfs-label")).to_have_text("stable")
    version.click(button="right")
    page.page.get_by_role("menuitem", name="Take Away the Label stable").click()
    page.page.get_by_role("dialog").get_by_role("button", name="Take Away").click()
    expect(version.locator(".jp-Tfs-label")).to_have_count(0)


def test_rolled_back_and_forward_again(page: FrontEndPage) -> None:
    assert page.panel
    page.card("spam").click(button="right", position={"x": 60, "y": 40})
    page.page.get_by_role("menuitem", name="Roll Back to the Version Before").click()
    page.page.get_by_role("dialog").get_by_role("button", name="Roll Back").click()
    expect(page.version("spam", 1)).to_contain_text("serving")
    expect(page.version("spam", 2)).to_have_count(0)
    page.card("spam").get_by_role("button", name="Actions for spam").click()
    page.page.get_by_role("menuitem", name="Follow the Newest Versions Again").click()
    page.page.get_by_role("dialog").get_by_role("button", name="Follow").click()
    expect(page.version("spam", 2)).to_contain_text("serving")


@pytest.fixture
def both_versions(front_lab: Lab) -> Iterator[Callable[..., None]]:
    """Says something of the traffic of both versions of spam, which ends afterwards."""

    def say(verb: str, **parameters: object) -> None:
        front_lab.jupyter.http.post(
            f"tfs/v2/repository/models/spam/{verb}", json={"parameters": parameters}
        ).raise_for_status()

    say("load", version_policy="all")
    yield say
    with suppress(httpx.HTTPStatusError):
        say("rollout", action="abort")
    say("traffic", reset=True)
    say("load", version_policy="latest")


def test_a_rollout_is_shown_and_steered(
    page: FrontEndPage, both_versions: Callable[..., None]
) -> None:
    assert page.panel
    expect(page.version("spam", 1)).to_contain_text("serving")
    both_versions("rollout", candidate=2, stable=1, steps=[5, 100], shadow=None)
    line = page.card("spam").locator(".jp-Tfs-rollout")
    expect(line).to_contain_text("rollout of version 2: step 1 of 2, 5 %")
    expect(page.version("spam", 1)).to_contain_text("gets 95 %")
    more = page.card("spam").get_by_role("button", name="Actions for spam")
    more.click()
    page.page.get_by_role("menuitem", name="Pause the Rollout").click()
    expect(line).to_contain_text("paused")
    page.card("spam").get_by_text("Details").click()
    expect(page.card("spam").locator(".jp-Tfs-details")).to_contain_text("paused by hand")
    assert not page.serious_faults(PARTS)
    more.click()
    page.page.get_by_role("menuitem", name="Abort the Rollout").click()
    page.page.get_by_role("dialog").get_by_role("button", name="Abort").click()
    expect(line).to_have_count(0)
    expect(page.version("spam", 1)).to_contain_text("gets 100 %")
    page.screenshot("rollout")
    more.click()
    page.page.get_by_role("menuitem", name="Reset Its Traffic").click()
    page.page.get_by_role("dialog").get_by_role("button", name="Reset").click()
    expect(page.card("spam")).not_to_contain_text("gets")


def test_a_directory_is_served_from_the_file_browser_and_unloaded(
    page: FrontEndPage, half_plus_two: Path
) -> None:
    shutil.copytree(half_plus_two, page.lab.root / "mine", dirs_exist_ok=True)
    page.browsed("mine").click(button="right")
    page.page.get_by_role("menuitem", name="Serve as Model").click()
    dialog = page.page.get_by_role("dialog")
    expect(dialog.get_by_label("Served as")).to_have_value("mine")
    dialog.get_by_role("button", name="Load").click()
    assert page.panel
    expect(page.version("mine", 1)).to_contain_text("serving")
    page.card("mine").get_by_role("button", name="Actions for mine").click()
    page.page.get_by_role("menuitem", name="Unload").click()
    page.page.get_by_role("dialog").get_by_role("button", name="Unload").click()
    expect(page.card("mine")).to_have_count(0)


def test_tabs_are_there_again_after_a_reload(page: FrontEndPage) -> None:
    page.console("half")
    page.execute("open-charts", {"model": "half"})
    page.execute("open-log")
    log = page.page.locator(".jp-TfsLog pre")
    expect(log).to_contain_text("Successfully loaded servable version")
    page.wait_until_saved("tfs-notebook-log", "tfs-notebook-console")
    page.page.reload(wait_until="domcontentloaded")
    page.wait_until_restored()
    expect(page.page.get_by_role("tab", name="Test: half")).to_be_visible()
    expect(page.page.get_by_role("tab", name="Model Charts")).to_be_visible()
    expect(page.page.get_by_role("tab", name="Model Server Log")).to_be_visible()


def test_it_speaks_chinese(page: FrontEndPage) -> None:
    catalogue = ROOT / "tfs_notebook" / "locale" / "zh_CN" / "LC_MESSAGES" / "tfs_notebook.json"
    # As with JupyterLab's language pack, which need not be installed here.
    answer = {"data": {"tfs_notebook": json.loads(catalogue.read_text("utf-8"))}, "message": ""}
    page.page.route(
        re.compile("/api/translations/default"), lambda route: route.fulfill(json=answer)
    )
    page.page.reload(wait_until="domcontentloaded")
    page.wait_until_restored()
    expect(page.page.locator(".jp-TfsStatus")).to_contain_text("模型服务器： ● 就绪")
    expect(page.panel).to_contain_text("服务中")
    console = page.page.locator(".jp-TfsConsole").filter(visible=True)
    page.execute("open-console", {"model": "spam"})
    console.get_by_label("文本", exact=True).fill(SPAM)
    console.get_by_role("button", name="发送").click()
    expect(console.locator(".jp-Tfs-verdict")).to_contain_text("spam：垃圾信息，应拦截")


def test_front_end_and_server_of_different_versions(page: FrontEndPage) -> None:
    status = page.lab.jupyter.status() | {"version": "99.0.0"}
    page.page.route("**/tfs/status", lambda route: route.fulfill(json=status))
    note = page.panel.get_by_role("alert")
    expect(note).to_contain_text('pip install --upgrade "tfs_notebook==99.0.0"')


def test_no_serious_fault_in_either_theme(page: FrontEndPage) -> None:
    assert page.panel
    page.card("spam").get_by_text("Details").click()
    console = page.console("spam")
    console.get_by_label("Text", exact=True).fill(SPAM)
    console.get_by_role("button", name="Send").click()
    expect(console.locator(".jp-Tfs-verdict")).to_be_visible()
    console.get_by_text("The same question as code").click()
    for dark in (False, True):
        page.set_theme(dark=dark)
        assert not page.serious_faults([*PARTS, ".jp-TfsConsole"])
        picture = page.screenshot(f"front-end-dark-{dark}")
        shown = [*texts(console), *texts(page.page.locator(".jp-TfsPanel"))]
        faint = [one for one in shown if one.contrast < READABLE and len(one.words) > 1]
        assert not faint, picture
    page.set_theme(dark=False)
