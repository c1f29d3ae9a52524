"""The charts of a model in JupyterLab: the hour that the server has kept, and what comes."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.contrast import READABLE, texts
from tests.browser.front_end_page import FrontEndPage
from tests.browser.lab_process import Lab, lab_process
from tests.client.other_server import OtherServer, other_http_server
from tests.labextension.front_end import built_front_end
from tests.server_process import ROOT, ServerProcess

# The first waits for the build, for JupyterLab and for the browser.
pytestmark = pytest.mark.timeout(300)

CATALOGUE = ROOT / "tfs_notebook" / "locale" / "zh_CN" / "LC_MESSAGES" / "tfs_notebook.json"
BUSY = re.compile(r"all: now \d.*, at most [0-9.]*[1-9]")


@pytest.fixture(scope="module")
def two_versions_of_half(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    base = tmp_path_factory.mktemp("charted") / "half"
    for version in ("1", "2"):
        shutil.copytree(models / "half_plus_two" / "1", base / version)
    return base


@pytest.fixture(scope="module")
def measured(
    tmp_path_factory: pytest.TempPathFactory, two_versions_of_half: Path
) -> Iterator[ServerProcess]:
    """A server elsewhere, with a page of metrics."""
    directory = tmp_path_factory.mktemp("measured")
    config = directory / "monitoring.config"
    config.write_text("prometheus_config { enable: true }")
    flags = (
        "--model_name=half",
        f"--model_base_path={two_versions_of_half}",
        f"--monitoring_config_file={config}",
        "--enable_batching",
    )
    with ServerProcess(directory, flags) as process:
        yield process


@pytest.fixture(scope="module")
def bare() -> Iterator[OtherServer]:
    """A TensorFlow Serving, as far as its paths go, without such a page."""
    with other_http_server() as running:
        yield running


@pytest.fixture(scope="module")
def front_lab(
    tmp_path_factory: pytest.TempPathFactory,
    two_versions_of_half: Path,
    measured: ServerProcess,
    bare: OtherServer,
) -> Iterator[Lab]:
    """JupyterLab with the front end of these sources."""
    settings = {"half": str(two_versions_of_half), "idle": str(two_versions_of_half)}
    others = {"measured": measured.url, "bare": bare.address}
    with lab_process(
        tmp_path_factory.mktemp("charts"),
        f"--LabServerApp.extra_labextensions_path={built_front_end()}",
        f"--TfsNotebookApp.models={settings}",
        "--TfsNotebookApp.enable_batching=True",
        f"--TfsNotebookApp.allowed_servers={others}",
    ) as running:
        policy = {"parameters": {"version_policy": "all"}}
        path = "tfs/v2/repository/models/half/load"
        running.jupyter.http.post(path, json=policy).raise_for_status()
        yield running


def ask(page: FrontEndPage, version: int, times: int = 1) -> None:
    path = f"tfs/v1/models/half/versions/{version}:predict"
    for _ in range(times):
        page.lab.jupyter.http.post(path, json={"instances": [1.0, 2.0]}).raise_for_status()


def ask_measured(server: ServerProcess, times: int) -> None:
    for _ in range(times):
        url = f"{server.url}/v1/models/half:predict"
        httpx.post(url, json={"instances": [1.0, 2.0]}, timeout=30).raise_for_status()


def charts_of(page: FrontEndPage, model: str) -> Locator:
    page.execute("open-charts", {"model": model})
    charts = page.page.locator(".jp-TfsCharts")
    expect(charts.get_by_label("Model", exact=True)).to_have_value(model)
    return charts


def plot(charts: Locator, title: str) -> Locator:
    return charts.get_by_role("img", name=re.compile(f"^{title}, "))


def look_at(page: FrontEndPage, server: str) -> None:
    page.page.locator(".jp-TfsCharts").get_by_label("Model server").select_option(server)


def test_what_was_asked_before_the_page_was_there(page: FrontEndPage) -> None:
    ask(page, 1, 3)
    ask(page, 2)
    charts = charts_of(page, "half")
    expect(charts.get_by_text("Kept by the server for an hour, here since")).to_be_visible()
    expect(plot(charts, "Throughput")).to_have_attribute("aria-label", BUSY)
    expect(plot(charts, "Latency")).to_have_attribute("aria-label", re.compile(r"p50: now \d"))
    expect(plot(charts, "Batch sizes")).to_have_attribute("aria-label", re.compile("now 2.00"))
    expect(plot(charts, "Throughput by version")).to_have_attribute(
        "aria-label", re.compile("version 2: .*; version 1: now")
    )
    # And so is it after a reload.
    page.page.reload(wait_until="domcontentloaded")
    page.wait_until_restored()
    expect(plot(charts_of(page, "half"), "Throughput")).to_have_attribute("aria-label", BUSY)


@pytest.mark.long
def test_what_is_asked_while_the_charts_are_hidden(page: FrontEndPage) -> None:
    charts = charts_of(page, "half")
    expect(plot(charts, "Throughput")).to_be_visible()
    expect(page.console("half")).to_be_visible()
    ask(page, 2, 5)
    expect(plot(charts_of(page, "half"), "Throughput")).to_have_attribute("aria-label", BUSY)


@pytest.mark.long
def test_a_model_that_nobody_has_asked(page: FrontEndPage) -> None:
    charts = charts_of(page, "idle")
    expect(charts.get_by_text("No requests in this time").first).to_be_visible()
    expect(charts.get_by_text("No batches in this time")).to_be_visible()
    expect(plot(charts, "Throughput by version")).to_have_count(0)


@pytest.mark.long
def test_spans_are_chosen_and_remembered(page: FrontEndPage) -> None:
    charts = charts_of(page, "half")
    # Until one is chosen it is as short as what is known allows.
    shortest = charts.get_by_role("button", name="5 min", exact=True)
    expect(shortest).to_have_attribute("aria-pressed", "true")
    charts.get_by_role("button", name="15 min", exact=True).click()
    page.wait_until_saved('"minutes":"15"')
    page.page.reload(wait_until="domcontentloaded")
    page.wait_until_restored()
    charts = page.page.locator(".jp-TfsCharts")
    chosen = charts.get_by_role("button", name="15 min", exact=True)
    expect(chosen).to_have_attribute("aria-pressed", "true")


@pytest.mark.long
def test_what_is_pointed_at_is_told(page: FrontEndPage) -> None:
    ask(page, 1, 2)
    charts = charts_of(page, "half")
    expect(plot(charts, "Throughput")).to_have_attribute("aria-label", BUSY)
    box = plot(charts, "Latency").locator(".u-over").bounding_box()
    assert box is not None
    captions = charts.locator("figcaption")
    expect(captions.first).not_to_contain_text("·")
    page.page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    for caption in captions.all():
        expect(caption).to_contain_text(re.compile(r"· \d\d:\d\d:\d\d – \d\d:\d\d:\d\d"))
    page.page.mouse.move(box["x"], box["y"] - 60)
    expect(captions.first).not_to_contain_text("·")


@pytest.mark.long
def test_the_numbers_as_a_table_and_as_csv(page: FrontEndPage) -> None:
    ask(page, 2, 4)
    charts = charts_of(page, "half")
    expect(plot(charts, "Throughput")).to_have_attribute("aria-label", BUSY)
    toggle = charts.get_by_role("button", name="Show as table")
    toggle.focus()
    page.page.keyboard.press("Enter")
    table = charts.get_by_role("table")
    expect(
        table.get_by_role("columnheader", name="Throughput requests a second")
    ).to_be_visible()
    expect(table.get_by_role("rowheader").first).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
    assert not page.serious_faults([".jp-TfsCharts"])
    with page.page.expect_download() as download:
        charts.get_by_role("button", name="Download as CSV").click()
    assert download.value.suggested_filename == "half.csv"
    rows = list(csv.DictReader(Path(download.value.path()).read_text("utf-8").splitlines()))
    # What the step that goes on has is among them.
    assert sum(float(row["requests_per_second"] or 0) for row in rows) > 0
    assert {row["rows_per_run"] for row in rows} >= {"2"}
    toggle.click()
    expect(plot(charts, "Throughput")).to_be_visible()


@pytest.mark.long
def test_a_server_that_was_started_again(page: FrontEndPage) -> None:
    ask(page, 1)
    charts = charts_of(page, "half")
    expect(plot(charts, "Throughput")).to_have_attribute("aria-label", BUSY)
    before = page.lab.jupyter.status()["pid"]
    os.kill(before, signal.SIGKILL)
    page.permitted("503")
    note = charts.get_by_text("An upright dashed line: the server was away")
    expect(note).to_be_visible(timeout=60_000)
    expect(plot(charts, "Throughput")).to_have_attribute("aria-label", BUSY)


@pytest.mark.long
def test_another_server_of_ours_has_kept_its_hour(
    page: FrontEndPage, measured: ServerProcess
) -> None:
    ask_measured(measured, 3)
    charts = charts_of(page, "half")
    look_at(page, "measured")
    expect(charts.get_by_text("Kept by the server for an hour, here since")).to_be_visible()
    expect(plot(charts, "Throughput")).to_have_attribute("aria-label", BUSY)
    expect(plot(charts, "Queue")).to_be_visible()
    look_at(page, "")


@pytest.mark.long
def test_a_tensorflow_serving_with_metrics(page: FrontEndPage, measured: ServerProcess) -> None:
    # It is taken for a TensorFlow Serving, which has such a page of metrics.
    page.page.route(
        "**/tfs/servers/measured",
        lambda route: route.fulfill(json={"kind": "serving", "problem": ""}),
    )
    charts = charts_of(page, "half")
    look_at(page, "measured")
    expect(charts.get_by_text("From the metrics of this TensorFlow Serving")).to_be_visible()
    throughput = plot(charts, "Throughput")
    expect(throughput).to_have_attribute("aria-label", re.compile("all: now 0, at most 0"))
    ask_measured(measured, 5)
    expect(throughput).to_have_attribute("aria-label", BUSY)
    expect(plot(charts, "Batch sizes")).to_have_attribute("aria-label", re.compile("now 2.00"))
    expect(plot(charts, "Queue")).to_have_count(0)
    look_at(page, "")


@pytest.mark.long
def test_a_tensorflow_serving_without_metrics(page: FrontEndPage) -> None:
    page.permitted("400")
    charts = charts_of(page, "half")
    look_at(page, "bare")
    expect(charts).to_contain_text("Start it with --monitoring_config_file")
    look_at(page, "")
    expect(charts).not_to_contain_text("--monitoring_config_file")


@pytest.mark.long
def test_in_either_theme_and_in_chinese(page: FrontEndPage) -> None:
    answer = {"data": {"tfs_notebook": json.loads(CATALOGUE.read_text("utf-8"))}, "message": ""}
    page.page.route(
        re.compile("/api/translations/default"), lambda route: route.fulfill(json=answer)
    )
    page.page.reload(wait_until="domcontentloaded")
    page.wait_until_restored()
    ask(page, 1, 2)
    page.execute("open-charts", {"model": "half"})
    charts = page.page.locator(".jp-TfsCharts")
    expect(charts.get_by_role("button", name="以表格显示")).to_be_visible()
    for dark in (False, True):
        page.set_theme(dark=dark)
        expect(charts.locator("canvas").first).to_be_visible()
        assert not page.serious_faults([".jp-TfsCharts"])
        picture = page.screenshot(f"charts-dark-{dark}")
        faint = [one for one in texts(charts) if one.contrast < READABLE and len(one.words) > 1]
        assert not faint, (faint, picture)
