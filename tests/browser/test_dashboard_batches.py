"""The dashboard of a model whose requests share runs, in the browser, under load."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab_page import LabPage
from tests.server_process import ServerProcess
from tfs_notebook.client import Client

# The first of a module waits for JupyterLab and for the browser.
pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]

SHOW: Final = """\
import tfs_notebook
d = tfs_notebook.dashboard("half", server={address!r}, language="en")
d
"""
PARAMETERS: Final = """\
max_batch_size { value: 8 }
batch_timeout_micros { value: 5000 }
allowed_batch_sizes: 4
allowed_batch_sizes: 8
"""
_ASKING: Final = 6


@contextmanager
def load(address: str) -> Iterator[None]:
    """Several that ask at once, so that requests meet."""
    ended = threading.Event()

    def ask() -> None:
        with Client(address) as client:
            while not ended.is_set():
                client["half"].predict([1.0])

    threads = [threading.Thread(target=ask) for _ in range(_ASKING)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def chart(shown: Locator, title: str) -> Locator:
    """One of the charts, by its caption."""
    return shown.locator(".tfs-charts > .widget-vbox").filter(has_text=title)


def test_batches_are_drawn_told_and_changed(
    lab_page: LabPage,
    start_server: Callable[..., ServerProcess],
    half_plus_two: Path,
    tmp_path: Path,
) -> None:
    (tmp_path / "parameters").write_text(PARAMETERS)
    server = start_server(
        f"--model_base_path={half_plus_two.parent}",
        "--model_name=half",
        "--enable_batching",
        f"--batching_parameters_file={tmp_path / 'parameters'}",
        f"--rest_api_socket_path={tmp_path}/r.sock",
    )
    notebook = lab_page.open([SHOW.format(address=f"http+unix:{tmp_path}/r.sock"), "d.close()"])
    with load(server.grpc_address):
        notebook.run(0)
        shown = notebook.output(0)
        for title in ("rows a run", "wait for a batch in ms", "padding, share of the rows"):
            drawn = chart(shown, title)
            expect(drawn.locator("path.line").first).to_be_visible()
            expect(drawn.locator(".tfs-chart-caption")).not_to_contain_text("–")
        lab_page.screenshot("batch-charts")
        shown.get_by_role("tab", name="batches").click()
        bars = shown.get_by_role("table").filter(has_text="Rows of a run in the last minute")
        expect(bars.get_by_role("row").first).to_be_visible()
        holds = shown.locator(".tfs-facts").filter(has_text="max_batch_size")
        expect(holds).to_contain_text("4, 8")
        expect(shown.locator(".tfs-facts").first).to_contain_text("of them padding")
        # Names stand beside what holds for them: the style of outputs is not in the way.
        name, value = holds.locator("dt").first, holds.locator("dd").first
        places = [one.bounding_box() or {"y": 0.0} for one in (name, value)]
        assert places[0]["y"] == places[1]["y"]
        lab_page.screenshot("batches")
        shown.get_by_role("tab", name="actions").click()
        # What holds is filled in first.
        expect(shown.get_by_label("wait in µs", exact=True)).to_have_value("5000")
        notebook.type(0, "wait in µs", "2000")
        notebook.click(0, "apply")
        expect(shown.get_by_role("status")).to_contain_text("batch_timeout_micros = 2000")
        shown.get_by_role("tab", name="batches").click()
        expect(holds).to_contain_text("2000 (changed)")
    notebook.run(1)
