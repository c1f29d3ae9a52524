"""What the console does in the page itself: while the kernel is busy, and with uploads."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe_rules import axe_script, broken_rules
from tests.browser.lab_page import LabPage
from tests.browser.notebook_panel import NotebookPanel
from tests.models.raw_scores import write_raw_scores
from tests.models.text_scores import write_text_scores
from tests.pipelines.small_image import encoded, image_document
from tfs_notebook.wire.dtypes import DataType

# The first of a module waits for JupyterLab and for the browser.
pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

CONSOLE = 1
BUSY = 2
STOP = 3
CURL = re.compile("curl .*/predict")
COMMS = "way => { window.jupyterapp.serviceManager.kernels.commsOverSubshells = way; }"


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("texts")
    write_text_scores(base / "1")
    return base


@pytest.fixture(scope="module")
def pixels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("pixels")
    document = image_document(
        pixels={"color": "grey"},
        output={"name": "scores", "labels": [f"pixel {place}" for place in range(6)]},
    )
    write_raw_scores(base / "1", DataType.FLOAT, (-1, 2, 3, 1), document)
    return base


def opened(lab_page: LabPage, model: Path, go: Path) -> tuple[NotebookPanel, Locator]:
    """A notebook with a console, and a cell that is busy until there is a file."""
    notebook = lab_page.open(
        [
            f"%load_ext tfs_notebook\n%tfs serve {model} --name m;",
            "c = %tfs console m --language en\nc",
            (
                f"import pathlib, time\nwhile not pathlib.Path({str(go)!r}).exists():\n"
                "    time.sleep(0.05)\nprint('done')"
            ),
            "c.close()\n%tfs stop m;",
        ]
    )
    notebook.run(0)
    notebook.run(CONSOLE)
    console = notebook.output(CONSOLE).locator(".jupyter-widgets.tfs-console")
    expect(console.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    return notebook, console


def send(console: Locator, text: str) -> None:
    field = console.get_by_label("Text", exact=True)
    field.fill(text)
    field.press("Enter")


def test_it_answers_while_a_cell_is_busy_or_says_that_it_waits(
    lab_page: LabPage, texts: Path, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    notebook, console = opened(lab_page, texts, go)
    notebook.begin(BUSY)
    send(console, "free")
    # JupyterLab asks for a subshell, and the console takes its offer.
    expect(console.locator(".tfs-verdict")).to_contain_text("spam: stop it")
    console.get_by_label("As code").select_option("curl")
    expect(console.get_by_label("Code to copy")).to_have_value(CURL)
    assert not notebook.outputs(BUSY)
    waits = console.locator(".tfs-waiting")
    expect(waits).to_be_hidden()
    lab_page.page.evaluate(COMMS, "disabled")
    send(console, "see")
    expect(waits).to_contain_text("The kernel is busy with a cell")
    expect(console.locator(".tfs-verdict")).to_contain_text("spam: stop it")
    go.touch()
    expect(console.locator(".tfs-verdict")).to_contain_text("let it through")
    expect(waits).to_be_hidden()
    notebook.run(STOP)


def test_a_file_that_is_too_large_is_refused_where_it_is_chosen(
    lab_page: LabPage, pixels: Path, tmp_path: Path
) -> None:
    image = encoded(np.full((2, 3), 200, np.uint8))
    small, large = tmp_path / "small.png", tmp_path / "large.png"
    small.write_bytes(image)
    # What follows the end of a PNG is not looked at.
    large.write_bytes(image + bytes(11_000_000))
    notebook, console = opened(lab_page, pixels, tmp_path / "go")
    told = console.locator(".tfs-upload-state")

    def choose(path: Path) -> None:
        with lab_page.page.expect_file_chooser() as chooser:
            console.get_by_role("button", name="Choose an image").click()
        chooser.value.set_files(path)

    choose(small)
    expect(told).to_have_text("small.png (1 kB) is here.")
    choose(large)
    expect(told).to_contain_text("small.png (1 kB) is here. large.png has 11.0 MB, more than")
    path = console.get_by_label("or its path")
    expect(path).to_be_focused()
    expect(console.get_by_role("button", name="Choose an image (1)")).to_be_visible()
    path.fill(str(large))
    path.press("Enter")
    expect(console.locator(".tfs-verdict")).to_contain_text("pixel 0")
    expect(console.locator(".tfs-history")).to_contain_text("large.png")
    expect(told).to_have_text("")
    # The path is what was said last; an upload comes after it again.
    choose(small)
    expect(told).to_have_text("small.png (1 kB) is here.")
    expect(path).to_have_value("")
    notebook.run(STOP)


def test_rules_of_accessibility_in_both_themes(
    lab_page: LabPage, texts: Path, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    assert pytestconfig.cache is not None
    script = axe_script(pytestconfig.cache.mkdir("axe"))
    notebook, console = opened(lab_page, texts, tmp_path / "go")
    send(console, "free zzz")
    expect(console.locator(".tfs-verdict")).to_be_visible()
    console.get_by_label("As code").select_option("Python")
    expect(console.get_by_label("Code to copy")).to_be_visible()
    for dark in (False, True):
        lab_page.set_theme(dark=dark)
        assert not broken_rules(script, console)
    send(console, "free\nsee")
    expect(console.get_by_role("row")).to_have_count(3)
    assert not broken_rules(script, console)
    notebook.run(STOP)


def test_a_narrow_page_cuts_nothing_off(lab_page: LabPage, texts: Path, tmp_path: Path) -> None:
    notebook, console = opened(lab_page, texts, tmp_path / "go")
    send(console, "free\nsee")
    expect(console.get_by_role("row")).to_have_count(3)
    console.evaluate("element => { element.style.width = '600px'; }")
    width = console.evaluate("element => [element.scrollWidth, element.clientWidth]")
    assert width[0] <= width[1], lab_page.screenshot("narrow")
    notebook.run(STOP)
