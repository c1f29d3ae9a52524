"""The web page of the standalone server."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.web_page import WebPage, open_page
from tests.labextension.front_end import built_front_end
from tests.models.raw_scores import write_raw_scores
from tests.models.text_scores import write_text_scores
from tests.pipelines.small_image import encoded, image_document, noise
from tests.server_process import ServerProcess
from tests.serving.ensembles.ensemble_files import chain, ensemble_in
from tfs_notebook.wire.dtypes import DataType

# The first waits for the build, for the server and for the browser.
pytestmark = pytest.mark.timeout(300)

TOKEN = "0123456789abcdef"
MESSAGE = "加我微信"
# The other way round than that of the version before.
TURNED = ((0.0, 4.0), (4.0, 0.0), (1.0, 2.0))
_POST = "path => fetch(path, {method: 'POST'}).then(answer => answer.status)"
_REFUSE_COPIES = """() => {
  document.execCommand = () => false;
  navigator.clipboard.writeText = () => Promise.reject(new Error("not allowed"));
}"""
CONFIGURATION = """\
model_config_list {{
  config {{
    name: "text" base_path: "{base}/text" model_platform: "tensorflow"
    model_version_policy {{ specific {{ versions: 1 versions: 2 }} }}
    version_labels {{ key: "stable" value: 1 }}
  }}
  config {{ name: "half" base_path: "{base}/half" model_platform: "tensorflow" }}
  config {{ name: "chain" base_path: "{base}/chain" model_platform: "tensorflow" }}
  config {{ name: "pixels" base_path: "{base}/pixels" model_platform: "tensorflow" }}
}}
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path) -> Path:
    """The models, and what the server is told of them."""
    base = tmp_path_factory.mktemp("web_page")
    write_text_scores(base / "text" / "1")
    write_text_scores(base / "text" / "2", TURNED)
    shutil.copytree(half_plus_two, base / "half" / "1")
    ensemble_in(base / "chain", chain("half", "half"))
    labels = [f"value {place}" for place in range(18)]
    document = image_document(output={"name": "scores", "labels": labels})
    write_raw_scores(base / "pixels" / "1", DataType.FLOAT, (-1, 2, 3, 3), document)
    (base / "models.config").write_text(CONFIGURATION.format(base=base))
    (base / "token").write_text(TOKEN)
    (base / "token").chmod(0o600)
    return base


@pytest.fixture(scope="module")
def web_server(base: Path) -> Iterator[ServerProcess]:
    """A server that may be changed with a token; tests leave it as they find it."""
    built_front_end()
    flags = [
        f"--model_config_file={base / 'models.config'}",
        "--enable_batching",
        "--model_control=explicit",
        f"--model_control_token_file={base / 'token'}",
        f"--grpc_token_file={base / 'token'}",
        "--load_retry_interval_micros=0",
    ]
    with ServerProcess(base, flags) as process:
        yield process


@pytest.fixture
def page(browser: Browser, web_server: ServerProcess) -> Iterator[WebPage]:
    """The page, where nothing has been chosen yet."""
    with open_page(browser, web_server.url) as opened:
        yield opened


def test_models_are_shown_and_change_before_the_eyes(page: WebPage, base: Path) -> None:
    expect(page.version("text", 2)).to_contain_text("serving")
    expect(page.version("text", 1).locator(".jp-Tfs-label")).to_have_text("stable")
    expect(page.version("half", 1)).to_contain_text("serving")
    expect(page.page.get_by_role("status")).to_contain_text("ready")
    figures = page.page.locator(".tfs-figures")
    expect(figures).to_contain_text(re.compile(r"models that serve\s*4\s*of 4"))
    expect(figures).to_contain_text(re.compile(r"running for\s*\d+ \w+"))
    page.page.evaluate("window.isSamePage = true")
    broken = base / "half" / "unfinished"
    broken.mkdir()
    (broken / "saved_model.pb").write_bytes(b"no model")
    broken.rename(base / "half" / "2")
    expect(page.version("half", 2)).to_contain_text("failed")
    expect(page.version("half", 2).get_by_role("alert")).not_to_be_empty()
    expect(page.page.get_by_role("status")).to_contain_text("failing")
    shutil.copytree(base / "half" / "1", broken)
    broken.rename(base / "half" / "3")
    expect(page.version("half", 3)).to_contain_text("serving")
    expect(page.page.get_by_role("status")).to_contain_text("ready")
    for version in ("2", "3"):
        shutil.rmtree(base / "half" / version)
    expect(page.version("half", 1)).to_contain_text("serving")
    page.card("half").get_by_text("Details").click()
    expect(page.card("half")).to_contain_text(str(base / "half"))
    expect(page.card("half")).to_contain_text("wait for a batch")
    assert page.page.evaluate("window.isSamePage")


def test_a_chinese_message_is_judged_by_two_versions(
    page: WebPage, web_server: ServerProcess
) -> None:
    console = page.console("text")
    text = console.get_by_label("Text", exact=True)
    text.fill(MESSAGE)
    console.get_by_label("Beside it").select_option("label:stable")
    text.press("Enter")
    expect(console.locator(".jp-Tfs-verdict")).to_have_text(
        [re.compile("pass: let it through"), re.compile("spam: stop it")]
    )
    expect(console.locator(".jp-Tfs-words").first).to_contain_text("微信")
    expect(console.get_by_text("another label; scores differ by")).to_be_visible()
    console.get_by_text("The same question as code").click()
    code = console.locator(".jp-Tfs-code pre")
    expect(code).to_contain_text(f"{web_server.url}/predict")
    # Nothing has to be shown for that, and nobody's token is in it.
    expect(code).not_to_contain_text("Authorization")


def test_an_image_is_dropped_pasted_and_chosen(page: WebPage) -> None:
    console = page.console("pixels")
    area = console.locator(".jp-Tfs-drop")
    expect(area).to_be_visible()
    verdict = console.locator(".jp-Tfs-verdict")
    pictures = [noise(2, 3, seed=seed) for seed in range(3)]
    dropped, pasted, chosen = (f"value {int(one.argmax())}" for one in pictures)
    files = [encoded(one) for one in pictures]
    # Beside the area, where the browser would leave the page and open it.
    data = page.file("dropped.png", files[0])
    for event in ("dragover", "drop"):
        page.page.get_by_role("main").dispatch_event(event, {"dataTransfer": data})
    expect(verdict).to_contain_text(dropped)
    expect(console.get_by_role("meter")).to_have_count(5)
    page.page.evaluate(
        "data => document.body.dispatchEvent("
        "new ClipboardEvent('paste', {clipboardData: data, bubbles: true}))",
        page.file("pasted.png", files[1]),
    )
    expect(console.get_by_text("pasted.png", exact=True)).to_be_visible()
    expect(verdict).to_contain_text(pasted)
    console.locator("input[type=file]").set_input_files(
        {"name": "chosen.png", "mimeType": "image/png", "buffer": files[2]}
    )
    expect(console.get_by_text("chosen.png", exact=True)).to_be_visible()
    expect(verdict).to_contain_text(chosen)


def test_tensors_are_sent_as_json(page: WebPage) -> None:
    console = page.console("half")
    body = console.get_by_label("JSON", exact=True)
    expect(body).to_have_value(re.compile("instances"))
    body.fill('{"instances": [1.0, 2.0]}')
    body.press("Control+Enter")
    expect(console.locator(".jp-Tfs-outputs")).to_contain_text("2.5, 3")


def test_charts_show_what_was_asked_before_the_page_was_open(
    page: WebPage, web_server: ServerProcess
) -> None:
    for _ in range(3):
        body = {"instances": [1.0]}
        httpx.post(f"{web_server.url}/v1/models/half:predict", json=body).raise_for_status()
    page.choose("Actions for half", "Charts")
    charts = page.page.get_by_role("region", name="Charts")
    expect(charts.get_by_label("Model", exact=True)).to_have_value("half")
    latency = charts.get_by_role("img", name=re.compile("Latency, ms: p50: now [0-9]"))
    expect(latency).to_be_visible()
    expect(latency.locator("canvas")).to_be_visible()
    expect(charts.get_by_role("img", name=re.compile("Throughput"))).to_be_visible()
    charts.get_by_role("button", name="Show as table").click()
    expect(charts.get_by_role("table")).to_be_visible()
    page.page.go_back()
    expect(page.card("half")).to_be_visible()


def test_it_speaks_the_languages_of_the_browser(
    browser: Browser, web_server: ServerProcess
) -> None:
    with open_page(browser, web_server.url, locale="zh-CN") as page:
        expect(page.page.get_by_role("heading", name="模型", exact=True)).to_be_visible()
        expect(page.version("half", 1)).to_contain_text("服务")
        assert page.page.evaluate("document.documentElement.lang") == "zh-CN"
        page.page.get_by_role("button", name="English").click()
        expect(page.page.get_by_role("heading", name="Models", exact=True)).to_be_visible()
        # What was chosen holds, whatever the browser asks for.
        page.page.reload()
        expect(page.page.get_by_role("heading", name="Models", exact=True)).to_be_visible()
        assert page.page.evaluate("document.documentElement.lang") == "en"


def test_it_is_light_or_dark(browser: Browser, web_server: ServerProcess) -> None:
    ground = "() => getComputedStyle(document.body).backgroundColor"
    with open_page(browser, web_server.url, color_scheme="dark") as page:
        dark = page.page.evaluate(ground)
        page.page.emulate_media(color_scheme="light")
        expect(page.page.get_by_role("button", name="Use dark colours")).to_be_visible()
        light = page.page.evaluate(ground)
        assert light != dark
        page.page.get_by_role("button", name="Use dark colours").click()
        assert page.page.evaluate(ground) == dark
        page.page.reload()
        expect(page.page.get_by_role("button", name="Use light colours")).to_be_visible()
        assert page.page.evaluate(ground) == dark


def test_without_the_token_nothing_can_be_changed(page: WebPage) -> None:
    expect(page.version("text", 1)).to_be_visible()
    expect(page.page.get_by_role("button", name="Load a model")).to_have_count(0)
    page.page.get_by_role("button", name="Actions for text", exact=True).click()
    expect(page.page.get_by_role("menuitem")).to_have_text(
        ["Try in the Test Console", "Charts"]
    )
    page.page.keyboard.press("Escape")
    page.page.get_by_role("button", name="Actions for version 1 of text").click()
    expect(page.page.get_by_role("menuitem")).to_have_text(["Try in the Test Console"])
    assert page.page.evaluate(_POST, "/v2/repository/models/text/unload") == 403
    page.forgive("403")


def test_with_the_token_labels_are_set_and_taken_away(page: WebPage) -> None:
    page.unlock(TOKEN)
    expect(page.page.get_by_role("button", name="Lock changes")).to_be_visible()
    expect(page.page.get_by_role("button", name="Load a model")).to_be_visible()
    page.choose("Actions for version 2 of text", "Set a Label")
    page.page.get_by_role("dialog").get_by_label("Label for version 2 of text").fill("canary")
    page.page.keyboard.press("Enter")
    expect(page.version("text", 2).locator(".jp-Tfs-label")).to_have_text("canary")
    expect(page.page.get_by_text("The label canary stands for version 2")).to_be_visible()
    # It is there as long as the tab is, and no longer.
    page.page.reload()
    page.choose("Actions for version 2 of text", "Take Away the Label canary")
    page.page.get_by_role("dialog").get_by_role("button", name="Take Away").click()
    expect(page.version("text", 2).locator(".jp-Tfs-label")).to_have_count(0)
    assert TOKEN not in page.page.evaluate(
        "() => JSON.stringify(localStorage) + document.cookie"
    )
    page.page.get_by_role("button", name="Lock changes").click()
    expect(page.page.get_by_role("button", name="Load a model")).to_have_count(0)
    assert TOKEN not in page.page.evaluate("() => JSON.stringify(sessionStorage)")


def test_a_wrong_token_is_told_and_forgotten(page: WebPage) -> None:
    page.unlock("wrong")
    page.choose("Actions for version 2 of text", "Set a Label")
    page.page.get_by_role("dialog").get_by_role("textbox").fill("canary")
    page.page.keyboard.press("Enter")
    expect(page.page.locator(".tfs-notices")).to_contain_text("with the token of the file")
    expect(page.page.get_by_role("button", name="Unlock changes")).to_be_visible()
    expect(page.version("text", 2).locator(".jp-Tfs-label")).to_have_count(0)
    page.forgive("403")


def change(server: ServerProcess, path: str, **said: Any) -> None:
    """Say something of a model's traffic, as an operator does."""
    httpx.post(
        f"{server.url}/v2/repository/models/{path}",
        json={"parameters": said},
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=60,
    ).raise_for_status()


def judge(server: ServerProcess, times: int) -> None:
    """Ask for a judgement, of whichever version."""
    for _ in range(times):
        body = {"text": MESSAGE, "model": "text"}
        httpx.post(f"{server.url}/predict", json=body, timeout=60).raise_for_status()


@pytest.fixture
def traffic(web_server: ServerProcess) -> Iterator[ServerProcess]:
    """The server; what is said of a model's traffic is forgotten afterwards."""
    yield web_server
    with suppress(httpx.HTTPStatusError):
        change(web_server, "text/rollout", action="abort")
    change(web_server, "text/traffic", reset=True)


def test_traffic_is_told_and_a_rollout_steered(page: WebPage, traffic: ServerProcess) -> None:
    split = {"stable": 95, "2": 5}
    change(traffic, "text/traffic", split=split, shadow={"target": 2, "share": 1})
    expect(page.version("text", 1)).to_contain_text("gets 95 %")
    expect(page.version("text", 2)).to_contain_text("gets 5 %")
    page.card("text").get_by_text("Details").click()
    judge(traffic, 10)
    details = page.card("text").locator(".jp-Tfs-details")
    expect(details).to_contain_text("stable (version 1): 95 %, version 2: 5 %")
    expect(details).to_contain_text(
        re.compile(r"version 2 gets copies of 100 %: ([1-9]\d*) of \1 answers differ")
    )
    rollout: dict[str, Any] = {"candidate": 2, "stable": 1, "min_requests": 10_000}
    change(traffic, "text/rollout", **rollout, steps=[5, 100], shadow=None)
    line = page.card("text").locator(".jp-Tfs-rollout")
    expect(line).to_contain_text("rollout of version 2: step 1 of 2, 5 %")
    expect(details).to_contain_text("of 10000 requests")
    # Who may not change it sees it all the same.
    page.page.get_by_role("button", name="Actions for text", exact=True).click()
    expect(page.page.get_by_role("menuitem")).to_have_count(2)
    page.page.keyboard.press("Escape")
    page.unlock(TOKEN)
    page.choose("Actions for text", "Pause the Rollout")
    expect(line).to_contain_text("rollout of version 2 paused: step 1 of 2, 5 %")
    page.choose("Actions for text", "Resume the Rollout")
    expect(line).to_contain_text("rollout of version 2: step 1 of 2, 5 %")
    page.choose("Actions for text", "Abort the Rollout")
    page.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(line).to_be_visible()
    # The keyboard is enough: the third of what can be said of it, and the button is not far.
    page.page.get_by_role("button", name="Actions for text", exact=True).focus()
    page.page.keyboard.press("Enter")
    page.page.get_by_role("menuitem", name="Promote Version 2").focus()
    page.page.keyboard.press("Enter")
    dialog = page.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Promote version 2 of text now?")
    dialog.get_by_role("button", name="Promote").press("Enter")
    expect(line).to_have_count(0)
    expect(details).to_contain_text("version 2 promoted")
    expect(details).to_contain_text("promoted by hand")
    expect(page.version("text", 2)).to_contain_text("gets 100 %")
    page.choose("Actions for text", "Reset Its Traffic")
    dialog.get_by_role("button", name="Reset").click()
    expect(page.card("text")).not_to_contain_text("gets")


def test_a_version_that_fell_back_says_why(page: WebPage, traffic: ServerProcess) -> None:
    bounds = {"max_differing_share": 0}
    rollout = {"candidate": 2, "stable": 1, "steps": [0, 100], "bounds": bounds}
    change(traffic, "text/rollout", **rollout)
    line = page.card("text").locator(".jp-Tfs-rollout")
    expect(line).to_contain_text("step 1 of 2, copies alone")
    judge(traffic, 5)
    expect(line).to_contain_text("version 2 taken back")
    reason = page.card("text").get_by_role("alert")
    expect(reason).to_contain_text("copies had another answer")
    expect(page.version("text", 1)).to_contain_text("gets 100 %")
    expect(page.version("text", 2)).to_contain_text("gets 0 %")
    page.card("text").get_by_text("Details").click()
    assert page.serious_faults() == []
    assert not page.is_too_wide()


def test_an_ensemble_says_what_it_is_and_asks(page: WebPage) -> None:
    expect(page.card("chain").locator(".jp-Tfs-kind")).to_have_text("ensemble")
    expect(page.card("half").locator(".jp-Tfs-kind")).to_have_count(0)
    page.card("chain").get_by_text("Details").click()
    asks = page.card("chain").locator(".jp-Tfs-facts").first
    expect(asks).to_contain_text(re.compile("asks.*: half, .*: half"))


def test_copying_says_whether_it_did(page: WebPage, web_server: ServerProcess) -> None:
    console = page.console("half")
    console.get_by_role("button", name="Send").click()
    console.get_by_text("The same question as code").click()
    console.get_by_role("button", name="gRPC").click()
    code = console.locator(".jp-Tfs-code pre")
    # Its gRPC asks for a token, its REST does not.
    expect(code).to_contain_text('"Bearer " + os.environ["TFS_TOKEN"]')
    expect(code).to_contain_text(f'address = "{web_server.grpc_address}"')
    expect(console.get_by_text("TFS_TOKEN is the token that its gRPC")).to_be_visible()
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    copy = console.get_by_role("button", name="Copy", exact=True)
    told = console.locator(".jp-Tfs-copy").get_by_role("status")
    expect(told).to_be_empty()
    copy.focus()
    page.page.keyboard.press("Enter")
    expect(told).to_have_text("Copied")
    assert page.page.evaluate("navigator.clipboard.readText()") == code.text_content()
    expect(told).to_be_empty()
    page.page.evaluate(_REFUSE_COPIES)
    copy.click()
    expect(told).to_contain_text("select the text instead")
    assert page.serious_faults() == []
    console.get_by_role("button", name="curl").click()
    expect(code).not_to_contain_text("TFS_TOKEN")


@pytest.fixture(scope="module")
def guarded_server(
    tmp_path_factory: pytest.TempPathFactory, base: Path
) -> Iterator[ServerProcess]:
    """One that answers nothing over REST without a token."""
    flags = [
        f"--model_name=half --model_base_path={base / 'half'}",
        f"--rest_api_token_file={base / 'token'}",
    ]
    directory = tmp_path_factory.mktemp("guarded")
    with ServerProcess(directory, " ".join(flags).split()) as process:
        yield process


@pytest.fixture
def guarded_page(browser: Browser, guarded_server: ServerProcess) -> Iterator[WebPage]:
    """Its page."""
    with open_page(browser, guarded_server.url) as opened:
        yield opened


def test_a_server_that_asks_for_a_token_to_look_gets_it(
    guarded_page: WebPage, guarded_server: ServerProcess
) -> None:
    page = guarded_page
    for path in ("/", "/v2", "/v2/repository/overview"):
        assert httpx.get(guarded_server.url + path).status_code == 401
    html = {"Accept": "text/html"}
    assert httpx.get(guarded_server.url, headers=html).status_code == 200
    assert (
        httpx.request("GET", guarded_server.url, headers=html, content=b"x").status_code == 401
    )
    expect(
        page.page.get_by_role("heading", name="This server asks for a token")
    ).to_be_visible()
    page.page.get_by_label("Token").fill("wrong")
    page.page.keyboard.press("Enter")
    expect(page.page.get_by_role("alert")).to_contain_text("does not take this token")
    page.page.get_by_label("Token").fill(TOKEN)
    page.page.keyboard.press("Enter")
    expect(page.version("half", 1)).to_contain_text("serving")
    console = page.console("half")
    console.get_by_role("button", name="Send").click()
    expect(console.locator(".jp-Tfs-outputs")).to_be_visible()
    console.get_by_text("The same question as code").click()
    expect(console.locator(".jp-Tfs-code pre")).to_contain_text("$TFS_TOKEN")
    page.forgive("401")


def test_a_server_that_is_gone_is_looked_for(page: WebPage) -> None:
    expect(page.version("half", 1)).to_be_visible()
    page.page.route(re.compile("/v2"), lambda route: route.abort())
    expect(page.page.get_by_role("alert")).to_contain_text("does not answer at the moment")
    expect(page.page.get_by_role("status")).to_contain_text("no answer")
    page.page.unroute(re.compile("/v2"))
    expect(page.version("half", 1)).to_be_visible()
    expect(page.page.get_by_role("status")).to_contain_text("ready")
    page.forgive("ERR_FAILED")


def test_the_keyboard_is_enough(page: WebPage) -> None:
    expect(page.version("half", 1)).to_be_visible()
    press = page.page.keyboard.press
    press("Tab")
    expect(page.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    press("Enter")
    expect(page.page.get_by_role("main")).to_be_focused()
    more = page.page.get_by_role("button", name="Actions for half", exact=True)
    more.focus()
    press("Enter")
    items = page.page.get_by_role("menuitem")
    expect(items.nth(0)).to_be_focused()
    press("ArrowDown")
    expect(items.nth(1)).to_be_focused()
    press("Escape")
    expect(items).to_have_count(0)
    expect(more).to_be_focused()
    press("Enter")
    press("Enter")
    console = page.page.get_by_role("region", name="Test Console")
    expect(console.get_by_label("Model", exact=True)).to_have_value("half")
    page.page.get_by_role("button", name="Unlock changes").focus()
    press("Enter")
    expect(page.page.get_by_role("dialog").get_by_label("Token")).to_be_focused()
    press("Escape")
    expect(page.page.get_by_role("dialog")).to_have_count(0)
    expect(page.page.get_by_role("button", name="Unlock changes")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_it_can_be_used_by_everybody(
    browser: Browser, web_server: ServerProcess, scheme: str
) -> None:
    with open_page(browser, web_server.url, color_scheme=scheme) as page:
        expect(page.version("half", 1)).to_be_visible()
        assert page.serious_faults() == []
        page.unlock(TOKEN)
        page.page.get_by_role("button", name="Actions for text", exact=True).click()
        assert page.serious_faults() == []
        page.page.get_by_role("menuitem", name="Unload").click()
        assert page.serious_faults() == []
        page.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        console = page.console("text")
        console.get_by_label("Text", exact=True).fill(MESSAGE)
        console.get_by_role("button", name="Send").click()
        expect(console.locator(".jp-Tfs-verdict")).to_be_visible()
        console.get_by_text("The same question as code").click()
        assert page.serious_faults() == []
        page.show("Charts")
        expect(page.page.get_by_role("img", name=re.compile("Latency"))).to_be_visible()
        assert page.serious_faults() == []


def test_it_fits_a_phone(browser: Browser, web_server: ServerProcess) -> None:
    small = {"width": 360, "height": 740}
    with open_page(browser, web_server.url, viewport=small) as page:
        expect(page.version("half", 1)).to_be_visible()
        assert not page.is_too_wide()
        console = page.console("text")
        console.get_by_label("Text", exact=True).fill(MESSAGE)
        console.get_by_label("Beside it").select_option("label:stable")
        console.get_by_role("button", name="Send").click()
        expect(console.locator(".jp-Tfs-verdict")).to_have_count(2)
        assert not page.is_too_wide()
        page.show("Charts")
        expect(page.page.get_by_role("img", name=re.compile("Latency"))).to_be_visible()
        assert not page.is_too_wide()
