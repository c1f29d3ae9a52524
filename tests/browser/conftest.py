"""JupyterLab with the extension, in a headless Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.chromium import chromium
from tests.browser.front_end_page import FrontEndPage
from tests.browser.lab_page import LabPage, without_complaints
from tests.browser.lab_process import Lab, lab_process
from tests.labextension.front_end import built_front_end
from tests.models.raw_scores import write_raw_scores
from tests.pipelines.small_image import image_document
from tfs_notebook.wire.dtypes import DataType


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Of a module: tests with event loops of asyncio may come after it in this process."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab with the extension, and with the front end where that can be built.

    Tests leave no model in it.
    """
    options = []
    with suppress(pytest.skip.Exception):
        options = [f"--LabServerApp.extra_labextensions_path={built_front_end()}"]
    with lab_process(tmp_path_factory.mktemp("lab"), *options) as running:
        yield running


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """What pages share: JupyterLab's scripts are loaded and compiled once."""
    with browser.new_context(viewport={"width": 1280, "height": 960}) as shared:
        yield shared


@pytest.fixture
def lab_page(context: BrowserContext, lab: Lab, tmp_path: Path) -> Iterator[LabPage]:
    """An empty page, in which nothing may go wrong that the test has not expected."""
    try:
        with without_complaints(LabPage(context, lab, tmp_path)) as page:
            yield page
    finally:
        lab.end_kernels()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, spam: Path, models: Path) -> Path:
    """A directory of models, in which tests may add versions and take them away again."""
    base = tmp_path_factory.mktemp("served")
    shutil.copytree(spam, base / "spam", ignore=shutil.ignore_patterns("*.txt.lock"))
    (base / "spam" / "stdout.txt").unlink(missing_ok=True)
    shutil.copytree(models / "half_plus_two" / "1", base / "half" / "1")
    shutil.copytree(models / "hangs" / "1", base / "held" / "1")
    labels = [f"value {place}" for place in range(18)]
    document = image_document(output={"name": "scores", "labels": labels})
    write_raw_scores(base / "pixels" / "1", DataType.FLOAT, (-1, 2, 3, 3), document)
    return base


@pytest.fixture(scope="session")
def front_lab(tmp_path_factory: pytest.TempPathFactory, served: Path) -> Iterator[Lab]:
    """JupyterLab with the front end of these sources; a module may have another."""
    extensions = built_front_end()
    names = {name: str(served / name) for name in ("spam", "half", "pixels", "held")}
    with lab_process(
        tmp_path_factory.mktemp("front"),
        f"--LabServerApp.extra_labextensions_path={extensions}",
        f"--TfsNotebookApp.models={names}",
        "--TfsNotebookApp.enable_batching=True",
        "--TfsNotebookApp.server_flags={'load_retry_interval_micros': 0, "
        "'allowed_unsafe_ops': 'ReadFile'}",
    ) as running:
        yield running


@pytest.fixture
def page(context: BrowserContext, front_lab: Lab, tmp_path: Path) -> Iterator[FrontEndPage]:
    """A page in which nothing may go wrong that the test has not expected."""
    with without_complaints(FrontEndPage(context, front_lab, tmp_path)) as opened:
        yield opened
