"""The front end in Notebook 7, which has the side panel and other views beside the document."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import chromium
from tests.jupyter.jupyter_process import BASE_URL, TOKEN, JupyterProcess, jupyter_process
from tests.labextension.front_end import built_front_end

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

_SECONDS = 60_000
_THERE = "() => window.jupyterapp?.commands.hasCommand('tfs-notebook:open-panel')"
_EXECUTE = "call => { void window.jupyterapp.commands.execute(...call) }"


class NotebookProcess(JupyterProcess):
    """``jupyter notebook``."""

    program = "notebook"


@pytest.fixture(scope="module")
def notebook(
    tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path
) -> Iterator[JupyterProcess]:
    """Notebook 7 with a model."""
    if find_spec("notebook") is None:
        pytest.skip("no notebook: pip install notebook")
    with jupyter_process(
        tmp_path_factory.mktemp("notebook"),
        f"--JupyterNotebookApp.extra_labextensions_path={built_front_end()}",
        f"--TfsNotebookApp.models={{'half': {str(half_plus_two.parent)!r}}}",
        "--expose-app-in-browser",
        kind=NotebookProcess,
    ) as process:
        process.wait_for_state("ready")
        yield process


@pytest.fixture(scope="module")
def page(notebook: JupyterProcess) -> Iterator[Page]:
    """The tree of files, with the front end in it."""
    with chromium() as browser:
        opened = browser.new_page(viewport={"width": 1280, "height": 960})
        opened.goto(f"http://127.0.0.1:{notebook.port}{BASE_URL}tree?token={TOKEN}")
        opened.wait_for_function(_THERE, timeout=_SECONDS)
        yield opened


def test_the_panel_shows_models(page: Page) -> None:
    page.evaluate(_EXECUTE, ["tfs-notebook:open-panel"])
    panel = page.locator(".jp-TfsPanel")
    expect(panel).to_be_visible(timeout=_SECONDS)
    version = panel.locator("[data-model='half'] [data-version='1']")
    expect(version).to_contain_text("serving", timeout=_SECONDS)


def test_the_console_opens_beside_what_is_there(page: Page) -> None:
    page.evaluate(_EXECUTE, ["tfs-notebook:open-console", {"model": "half"}])
    console = page.locator(".jp-TfsConsole")
    expect(console).to_be_visible(timeout=_SECONDS)
    console.get_by_label("JSON", exact=True).fill('{"instances": [1.0, 2.0]}')
    console.get_by_role("button", name="Send").click()
    expect(console.locator(".jp-Tfs-outputs")).to_contain_text("2.5, 3", timeout=_SECONDS)
