"""Other model servers in the side panel and the test console of JupyterLab."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.front_end_page import FrontEndPage
from tests.browser.lab_process import Lab, lab_process
from tests.client.other_server import MODEL, OtherServer, other_http_server
from tests.labextension.front_end import built_front_end
from tests.server_process import ServerProcess, config_text, free_port

# The first waits for the build, for JupyterLab and for the browser.
pytestmark = pytest.mark.timeout(300)

expect.set_options(timeout=20_000)
PARTS = (".jp-TfsPanel", ".jp-TfsStatus")
TOKEN: Final = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"


@pytest.fixture(scope="module")
def other_server() -> Iterator[OtherServer]:
    """A TensorFlow Serving elsewhere, as far as its paths go."""
    with other_http_server() as running:
        yield running


@pytest.fixture(scope="module")
def guarded() -> Iterator[OtherServer]:
    """One that wants to see a token."""
    with other_http_server(token=TOKEN) as running:
        yield running


@pytest.fixture(scope="module")
def ours(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One of tfs_notebook that stands alone, with a label."""
    directory = tmp_path_factory.mktemp("ours")
    labels = 'version_labels { key: "stable" value: 1 }'
    configuration = directory / "models.config"
    configuration.write_text(config_text({"half": models / "half_plus_two"}, half=labels))
    flags = [
        f"--model_config_file={configuration}",
        "--allow_version_labels_for_unavailable_models",
    ]
    with ServerProcess(directory, flags) as running:
        running.wait_for_model("half", 1)
        yield running


@pytest.fixture(scope="module")
def front_lab(
    tmp_path_factory: pytest.TempPathFactory,
    models: Path,
    other_server: OtherServer,
    guarded: OtherServer,
    ours: ServerProcess,
) -> Iterator[Lab]:
    """JupyterLab with a model of its own, which may look at these."""
    directory = tmp_path_factory.mktemp("front")
    token = directory / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    others = {
        "serving": other_server.address,
        "ours": ours.url,
        "guarded": {"address": guarded.address, "token_file": str(token)},
        "unproven": guarded.address,
        "nobody": f"127.0.0.1:{free_port()}",
    }
    with lab_process(
        directory,
        f"--LabServerApp.extra_labextensions_path={built_front_end()}",
        f"--TfsNotebookApp.models={ {'half': str(models / 'half_plus_two')} }",
        f"--TfsNotebookApp.allowed_servers={others}",
    ) as running:
        yield running


def watch_no_more(page: FrontEndPage) -> None:
    """The settings keep names for the pages after this one."""
    page.card(MODEL).get_by_role("button", name=f"Watch {MODEL} no more").click()
    expect(page.card(MODEL)).to_have_count(0)


def chooser_of(panel: Locator) -> Locator:
    return panel.get_by_label("Model server", exact=True)


def test_another_server_is_looked_at_and_asked(
    page: FrontEndPage, other_server: OtherServer
) -> None:
    panel = page.panel
    panel.get_by_label("Model server", exact=True).select_option("serving")
    expect(panel.get_by_role("status").first).to_contain_text("answers")
    expect(panel).to_contain_text(other_server.address)
    expect(panel).to_contain_text("A TensorFlow Serving.")
    # What cannot be done there is absent.
    expect(panel.get_by_role("button", name=re.compile("Stop|Restart|Load|Log"))).to_have_count(
        0
    )
    for watched in (MODEL, "nobody"):
        panel.get_by_label("Name of a model to watch").fill(watched)
        page.page.keyboard.press("Enter")
    expect(page.version(MODEL, 123)).to_contain_text("serving")
    expect(page.card("nobody").get_by_role("alert")).to_contain_text("Servable not found")
    page.card("nobody").get_by_role("button", name="Watch nobody no more").click()
    expect(page.card("nobody")).to_have_count(0)
    expect(panel.get_by_label("Name of a model to watch")).to_be_focused()
    # Of the model that it does not have, and of nothing else.
    page.expected("models/nobody")
    page.card(MODEL).get_by_role("button", name=MODEL, exact=True).click()
    console = page.page.locator(".jp-TfsConsole").filter(visible=True)
    expect(console.get_by_label("Server", exact=True)).to_have_value("serving")
    body = console.get_by_label("JSON", exact=True)
    expect(body).to_have_value(re.compile("instances"))
    body.fill('{"instances": [1.0, 2.0]}')
    body.press("Control+Enter")
    expect(console.locator(".jp-Tfs-outputs")).to_contain_text("2.5, 3")
    console.get_by_text("The same question as code").click()
    code = console.locator(".jp-Tfs-code pre")
    expect(code).to_contain_text(f"{other_server.address}/v1/models/{MODEL}:predict")
    expect(code).not_to_contain_text("TFS_TOKEN")
    assert not page.serious_faults([*PARTS, ".jp-TfsConsole"])
    page.screenshot("another-server")
    # An address can be read in a panel that is as narrow as it comes.
    chosen = panel.get_by_label("Model server", exact=True)
    assert chosen.evaluate("one => one.scrollWidth <= one.clientWidth")
    box = chosen.bounding_box()
    assert box is not None
    assert box["width"] > 180
    # It is remembered, with what is watched there.
    page.wait_until_saved("serving", "tfs-notebook-console")
    page.page.reload(wait_until="domcontentloaded")
    page.wait_until_restored()
    console = page.page.locator(".jp-TfsConsole").filter(visible=True)
    expect(console.get_by_label("Server", exact=True)).to_have_value("serving")
    expect(page.panel.get_by_label("Model server", exact=True)).to_have_value("serving")
    expect(page.version(MODEL, 123)).to_contain_text("serving")
    watch_no_more(page)


@pytest.mark.long
def test_servers_that_do_not_answer_or_are_not_allowed_say_so(page: FrontEndPage) -> None:
    panel = page.panel
    chooser = panel.get_by_label("Model server", exact=True)
    chooser.select_option("nobody")
    expect(panel.get_by_role("alert")).to_contain_text("takes no connections")
    expect(panel.get_by_role("status").first).to_contain_text("no answer")
    chooser.select_option("unproven")
    expect(panel.get_by_role("alert")).to_contain_text("'token_file'")
    page.execute("look-at-server", {"server": "http://127.0.0.1:22/"})
    expect(chooser).to_have_value("127.0.0.1:22")
    expect(panel.get_by_role("alert")).to_contain_text("TfsNotebookApp.allowed_servers")
    page.expected("403")
    chooser.select_option("of this Jupyter")
    expect(page.version("half", 1)).to_contain_text("serving")


@pytest.mark.long
def test_there_is_no_choice_where_there_is_one_server(page: FrontEndPage) -> None:
    page.page.route(
        "**/tfs/servers", lambda route: route.fulfill(json={"servers": [], "trait": ""})
    )
    page.page.reload(wait_until="domcontentloaded")
    page.wait_until_restored()
    panel = page.panel
    expect(page.version("half", 1)).to_contain_text("serving")
    expect(panel.get_by_label("Model server", exact=True)).to_have_count(0)
    console = page.console("half")
    expect(console.get_by_label("Server", exact=True)).to_have_count(0)


@pytest.mark.long
def test_the_keyboard_alone_chooses_a_server(page: FrontEndPage) -> None:
    panel = page.panel
    chooser = chooser_of(panel)
    chooser.focus()
    page.page.keyboard.press("ArrowDown")
    expect(chooser).to_have_value("serving")
    expect(chooser).to_be_focused()
    expect(panel).to_contain_text("A TensorFlow Serving.")
    page.page.keyboard.press("ArrowDown")
    expect(chooser).to_have_value("ours")
    expect(page.version("half", 1)).to_contain_text("stable")
    # From there to the console and back.
    page.page.keyboard.press("Tab")
    button = panel.get_by_role("button", name="Test Console")
    expect(button).to_be_focused()
    page.page.keyboard.press("Enter")
    console = page.page.locator(".jp-TfsConsole").filter(visible=True)
    server = console.get_by_role("combobox", name="Server", exact=True)
    expect(server).to_have_value("ours")
    server.focus()
    # One without models, one with: the keyboard stays where it is.
    page.page.keyboard.press("ArrowUp")
    expect(server).to_have_value("serving")
    expect(console).to_contain_text("No model of this server is known here.")
    expect(server).to_be_focused()
    page.page.keyboard.press("ArrowUp")
    expect(server).to_have_value("")
    expect(console.get_by_label("Model", exact=True)).to_have_value("half")
    expect(server).to_be_focused()
    assert panel.get_attribute("role") == "region"
    assert panel.get_attribute("aria-label") == "Model Server"


@pytest.mark.long
def test_a_server_of_ours_tells_all_and_cannot_be_changed(
    page: FrontEndPage, ours: ServerProcess
) -> None:
    panel = page.panel
    chooser_of(panel).select_option("ours")
    card = page.card("half")
    expect(page.version("half", 1)).to_contain_text("serving")
    expect(page.version("half", 1).locator(".jp-Tfs-label")).to_have_text("stable")
    expect(panel).to_contain_text(ours.url)
    busy = re.compile(r"[0-9.]*[1-9][0-9.]* req/s")
    for _ in range(3):
        httpx.post(f"{ours.url}/v1/models/half:predict", json={"instances": [1.0]})
    expect(card.locator(".jp-Tfs-numbers")).to_contain_text(busy)
    traffic = card.get_by_role("img", name=re.compile("^Traffic of the last minutes"))
    expect(traffic).to_be_visible()
    names = re.compile("Stop|Start|Restart|Load|Log|Actions|Unload")
    expect(panel.get_by_role("button", name=names)).to_have_count(0)
    card.click(button="right", position={"x": 60, "y": 40})
    expect(page.page.get_by_role("menuitem", name=re.compile("Unload|Label"))).to_have_count(0)
    page.page.keyboard.press("Escape")
    card.get_by_role("button", name="half", exact=True).click()
    console = page.page.locator(".jp-TfsConsole").filter(visible=True)
    console.get_by_label("Version", exact=True).select_option("label:stable")
    body = console.get_by_label("JSON", exact=True)
    body.fill('{"instances": [1.0]}')
    body.press("Control+Enter")
    expect(console.locator(".jp-Tfs-outputs")).to_contain_text("2.5")
    expect(console.get_by_role("heading")).to_have_text("half, stable")
    page.screenshot("ours")


@pytest.mark.long
def test_a_server_that_goes_away_and_comes_back(
    page: FrontEndPage, ours: ServerProcess
) -> None:
    panel = page.panel
    chooser_of(panel).select_option("ours")
    console = page.console("half")
    console.get_by_label("Server", exact=True).select_option("ours")
    expect(page.version("half", 1)).to_contain_text("serving")
    ours.stop()
    expect(panel.get_by_role("status").first).to_contain_text("no answer")
    expect(panel.get_by_role("alert")).to_contain_text("takes no connections")
    expect(console.get_by_role("status").first).to_contain_text("does not answer")
    expect(page.version("half", 1)).to_have_count(0)
    ours.start()
    expect(panel.get_by_role("status").first).to_contain_text("answers")
    expect(page.version("half", 1)).to_contain_text("serving")
    expect(panel.get_by_role("alert")).to_have_count(0)
    body = console.get_by_label("JSON", exact=True)
    expect(body).to_have_value(re.compile("instances"))
    # One line for the look that found it gone; not one for each look after it.
    lines = [one for one in page.complaints if "502" in one]
    assert len(lines) <= 3, lines
    page.permitted("502")


@pytest.mark.long
def test_a_server_with_a_token(page: FrontEndPage, guarded: OtherServer) -> None:
    panel = page.panel
    chooser_of(panel).select_option("guarded")
    panel.get_by_label("Name of a model to watch").fill(MODEL)
    page.page.keyboard.press("Enter")
    expect(page.version(MODEL, 123)).to_contain_text("serving")
    page.card(MODEL).get_by_role("button", name=MODEL, exact=True).click()
    console = page.page.locator(".jp-TfsConsole").filter(visible=True)
    body = console.get_by_label("JSON", exact=True)
    expect(body).to_have_value(re.compile("instances"))
    body.fill('{"instances": [1.0]}')
    body.press("Control+Enter")
    expect(console.locator(".jp-Tfs-outputs")).to_contain_text("2.5")
    assert TOKEN not in page.page.content()
    watch_no_more(page)


@pytest.mark.long
def test_a_server_that_is_allowed_no_more_gives_way_with_a_note(page: FrontEndPage) -> None:
    panel = page.panel
    chooser_of(panel).select_option("ours")
    page.card("half").get_by_role("button", name="half", exact=True).click()
    page.wait_until_saved("tfs-notebook:server", "tfs-notebook-console")

    def without_ours(route: Route) -> None:
        document: dict[str, Any] = route.fetch().json()
        document["servers"] = [one for one in document["servers"] if one["name"] != "ours"]
        route.fulfill(body=json.dumps(document), content_type="application/json")

    page.page.route("**/tfs/servers", without_ours)
    page.page.reload(wait_until="domcontentloaded")
    page.wait_until_restored()
    panel = page.panel
    expect(panel.get_by_role("alert")).to_contain_text("ours may not be looked at any more")
    expect(chooser_of(panel)).to_have_value("")
    expect(panel.get_by_role("button", name="Stop the model server")).to_be_visible()
    console = page.page.locator(".jp-TfsConsole").filter(visible=True)
    expect(console.get_by_role("alert")).to_contain_text("ours may not be looked at any more")
    expect(console.get_by_label("Server", exact=True)).to_have_value("")
    expect(console.get_by_label("Model", exact=True)).to_have_value("half")
    panel.get_by_role("button", name="Dismiss").click()
    expect(panel.get_by_role("alert")).to_have_count(0)
    page.permitted("403")
