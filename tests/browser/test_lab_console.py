"""The test console in JupyterLab."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.front_end_page import FrontEndPage
from tests.pipelines.small_image import encoded, noise

pytestmark = pytest.mark.timeout(300)

SPAM = "加我微信xxxxx有福利"
expect.set_options(timeout=20_000)


def test_a_message_is_judged_by_two_versions(page: FrontEndPage) -> None:
    console = page.console("spam")
    text = console.get_by_label("Text", exact=True)
    text.fill(SPAM)
    text.press("Enter")
    expect(console.locator(".jp-Tfs-verdict")).to_contain_text("spam: stop it")
    expect(console.locator(".jp-Tfs-words")).to_contain_text("微信")
    meter = console.get_by_role("meter", name="spam")
    assert float(meter.get_attribute("aria-valuenow") or 0) > 0.5
    console.get_by_label("Beside it").select_option("version:2")
    text.press("Enter")
    expect(console.locator(".jp-Tfs-verdict")).to_have_count(2)
    expect(console.get_by_text("the same label; scores differ by 0 at most")).to_be_visible()
    console.get_by_text("The same question as code").click()
    expect(console.locator(".jp-Tfs-code pre")).to_contain_text("curl -H")
    console.get_by_role("button", name="Copy", exact=True).click()
    expect(console.locator(".jp-Tfs-copy").get_by_role("status")).to_have_text("Copied")
    console.get_by_role("button", name="gRPC").click()
    expect(console.locator(".jp-Tfs-code pre")).to_contain_text("predict_pb2")


def test_numbers_are_sent_as_json(page: FrontEndPage) -> None:
    console = page.console("half")
    body = console.get_by_label("JSON", exact=True)
    expect(body).to_have_value(re.compile("instances"))
    body.fill('{"instances": [1.0, 2.0]}')
    body.press("Control+Enter")
    expect(console.locator(".jp-Tfs-outputs")).to_contain_text("2.5, 3")
    body.fill('{"instances": ["word"]}')
    console.get_by_role("button", name="Send").click()
    expect(console.get_by_role("alert")).to_be_visible()
    page.expected("400")


def test_an_image_is_dropped_from_the_desktop_and_from_the_file_browser(
    page: FrontEndPage,
) -> None:
    console = page.console("pixels")
    area = console.locator(".jp-Tfs-drop")
    expect(area).to_be_visible()
    image = encoded(noise(2, 3))
    page.drop_file(area, "noise.png", image)
    expect(console.get_by_role("meter")).to_have_count(5)
    highest = f"value {int(noise(2, 3).argmax())}"
    expect(console.locator(".jp-Tfs-verdict")).to_contain_text(highest)
    # Beside it in the file browser, dragged with the mouse.
    other = noise(2, 3, seed=1)
    (page.lab.root / "other.png").write_bytes(encoded(other))
    page.browsed("other.png").hover()
    page.page.mouse.down()
    # A picture of the file is below the pointer: no element can be hovered over.
    box = area.bounding_box()
    assert box is not None
    for step in (30, 40, 50):
        page.page.mouse.move(box["x"] + step, box["y"] + 30)
    page.page.mouse.up()
    expect(console.locator(".jp-Tfs-soft", has_text="other.png")).to_be_visible()
    expect(console.locator(".jp-Tfs-verdict")).to_contain_text(f"value {int(other.argmax())}")


def test_a_question_that_takes_long_is_cancelled(page: FrontEndPage) -> None:
    console = page.console("half")
    body = console.get_by_label("JSON", exact=True)
    expect(body).to_have_value(re.compile("instances"))
    # Nobody answers it.
    page.page.route("**/v1/models/half:predict", lambda _: None)
    send = console.get_by_role("button", name="Send")
    send.focus()
    page.page.keyboard.press("Enter")
    expect(console.get_by_text("It is being asked")).to_be_visible()
    expect(send).to_be_focused()
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("Enter")
    expect(console.get_by_text("It is being asked")).to_have_count(0)
    expect(send).to_be_focused()
    page.page.unroute("**/v1/models/half:predict")
    page.page.keyboard.press("Enter")
    expect(console.locator(".jp-Tfs-outputs")).to_contain_text("2.75")


def test_a_file_that_is_no_image_is_not_sent(page: FrontEndPage) -> None:
    console = page.console("pixels")
    area = console.locator(".jp-Tfs-drop")
    expect(area).to_be_visible()
    page.drop_file(area, "notes.txt", b"these are notes")
    expect(console.get_by_role("alert")).to_contain_text("notes.txt is no image")
    expect(console.get_by_role("button", name="Send")).to_be_disabled()
    # Beside the area, where the browser would leave JupyterLab and open it.
    page.drop_file(console, "noise.png", encoded(noise(2, 3)))
    expect(console.get_by_role("meter")).to_have_count(5)
    expect(console.get_by_role("alert")).to_have_count(0)
    # The scores are no shares.
    expect(console.locator(".jp-Tfs-verdict")).not_to_contain_text("%")
    page.execute("try-image", {"path": "nowhere.png"})
    expect(page.page.get_by_role("dialog")).to_contain_text("nowhere.png cannot be read")
    page.page.keyboard.press("Escape")
    page.expected("404")


def test_long_reasons_can_be_read(page: FrontEndPage) -> None:
    reason = {"error": "word " * 200 + "end"}

    def refuse(route: Route) -> None:
        route.fulfill(status=400, json=reason)

    page.page.route("**/v1/models/half:predict", refuse)
    console = page.console("half")
    body = console.get_by_label("JSON", exact=True)
    expect(body).to_have_value(re.compile("instances"))
    body.press("Control+Enter")
    expect(console.get_by_role("alert")).to_contain_text("word")
    expect(console.get_by_role("alert")).not_to_contain_text("end")
    console.get_by_role("button", name="Show all of it").click()
    expect(console.get_by_role("alert")).to_contain_text("end")
    # And of a change that has failed, where JupyterLab shows 140 characters.
    page.page.route("**/half/load", refuse)
    page.execute("load-model-again", {"model": "half"})
    note = page.page.locator(".Toastify__toast", has_text="word")
    expect(note).to_have_count(1)
    expect(page.page.locator(".Toastify__toast", has_text="is being loaded")).to_have_count(0)
    note.get_by_role("button", name="Show all of it").click()
    expect(page.page.get_by_role("dialog")).to_contain_text("end")
    page.page.keyboard.press("Escape")
    page.expected("400")


def test_many_models_and_versions_and_long_names(page: FrontEndPage) -> None:
    name = "a_model_with_a_name_" * 6
    overview = page.lab.jupyter.http.get("tfs/v2/repository/overview").json()
    (half,) = [one for one in overview["models"] if one["name"] == "half"]
    versions = [{**half["versions"][0], "version": str(number)} for number in range(1, 13)]
    models = [{**half, "name": f"model {number}"} for number in range(30)]
    overview["models"] = [{**half, "name": name, "versions": versions}, *models]
    metadata = {"name": name, "versions": ["1"], "platform": "", "inputs": [], "outputs": []}
    page.page.route("**/repository/overview", lambda route: route.fulfill(json=overview))
    page.page.route("**/v2/models/**", lambda route: route.fulfill(json=metadata))
    panel = page.panel
    expect(page.card(name).locator(".jp-Tfs-version")).to_have_count(4)
    page.card(name).get_by_role("button", name="8 more versions").click()
    expect(page.card(name).locator(".jp-Tfs-version")).to_have_count(12)
    console = page.console(name)
    for part in (panel, console):
        assert part.evaluate("one => one.scrollWidth <= one.clientWidth")
    box = console.get_by_label("Model", exact=True).bounding_box()
    assert box is not None
    assert box["width"] < 300
    found = panel.get_by_role("searchbox")
    found.fill("model 29")
    expect(panel.locator(".jp-Tfs-card")).to_have_count(1)
    found.fill("nobody")
    expect(panel).to_contain_text("No model has such a name.")
    # Few are left, and no filter is to be seen: all of them are.
    overview["models"] = [half]
    expect(page.card("half")).to_be_visible()
