"""What the file of the monitoring says, and what a server counts for the page."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.logged_requests import logging_text
from tests.metrics_page import PATH, Page
from tests.polling import poll_until
from tests.server_process import config_text
from tfs_notebook.config import ServerConfig
from tfs_notebook.serving.held_model import HeldModel
from tfs_notebook.serving.model_control import LoadRequest
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.monitoring.page import metrics_path
from tfs_notebook.serving.signature_counter import SignatureCounter
from tfs_notebook.serving.statistics import Statistics
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference

Start = Callable[..., ModelServer]

ON = "prometheus_config { enable: true }"


def path_of(directory: Path, text: str | bytes) -> str | None:
    file = directory / "monitoring.config"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return metrics_path(ServerConfig(monitoring_config_file=str(file)))


def page_of(server: ModelServer) -> Page:
    assert server.monitoring is not None
    return Page(server.monitoring.page(server).decode())


@pytest.fixture
def flags(tmp_path: Path) -> dict[str, object]:
    file = tmp_path / "monitoring.config"
    file.write_text(ON)
    return {"monitoring_config_file": str(file)}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (ON, PATH),
        ('prometheus_config { enable: true, path: "" }', PATH),
        ('prometheus_config: { enable: true, path: "/metrics" }', "/metrics"),
        ('prometheus_config { enable: true path: "/v1beta/a%20b" }', "/v1beta/a%20b"),
        ('prometheus_config { enable: true path: "/predictions" }', "/predictions"),
        ('prometheus_config { path: "/metrics" }', None),
        ("prometheus_config {}", None),
        ("", None),
        # Nobody asks there, so nobody minds.
        ('prometheus_config { enable: false path: "metrics" }', None),
    ],
)
def test_where_the_page_is(tmp_path: Path, text: str, path: str | None) -> None:
    assert path_of(tmp_path, text) == path


def test_nothing_is_counted_without_the_flag(start: Start, half_plus_two: Path) -> None:
    assert metrics_path(ServerConfig()) is None
    server = start(
        model_name="m", model_base_path=str(half_plus_two.parent), enable_batching=True
    )
    assert server.monitoring is None
    assert type(server._statistics) is Statistics
    assert type(server._statistics.counter("m", 1, "a")) is SignatureCounter
    with server.hold(ModelReference("m")) as model:
        assert type(model) is HeldModel


@pytest.mark.parametrize(
    "path", ["metrics", "metrics/", "/a?b", "/a#b", "/a b", "/é", r"/a\n", "http://a/metrics"]
)
def test_paths_that_nobody_could_ask_for(tmp_path: Path, path: str) -> None:
    with pytest.raises(InvalidArgument, match="has to begin with a /") as caught:
        path_of(tmp_path, f'prometheus_config {{ enable: true path: "{path}" }}')
    assert str(tmp_path / "monitoring.config") in caught.value.message


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/metrics", "/V1/metrics", "/v2", "/v2/models/stats", "/predict"]
)
def test_paths_where_models_are(tmp_path: Path, path: str) -> None:
    with pytest.raises(InvalidArgument, match="where models are asked"):
        path_of(tmp_path, f'prometheus_config {{ enable: true path: "{path}" }}')


@pytest.mark.parametrize(
    "text", ["prometheus {}", "prometheus_config { enable: maybe }", b"\xff"]
)
def test_a_file_that_is_broken(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(InvalidArgument) as caught:
        path_of(tmp_path, text)
    file = tmp_path / "monitoring.config"
    assert caught.value.message.startswith(f"Invalid protobuf file: '{file}'")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="Invalid protobuf file: "):
        metrics_path(ServerConfig(monitoring_config_file=str(tmp_path / "none")))


def test_predictions_of_the_process_itself(
    start: Start, half_plus_two: Path, flags: dict[str, object]
) -> None:
    server = start(model_name="m", model_base_path=str(half_plus_two.parent), **flags)
    server.predict("m", np.array([1.0], np.float32))
    page = page_of(server)
    series = 'model_name="m",API="Predict",runtime="TF1"'
    assert page.of(":tensorflow:serving:runtime_latency_count") == {series: 1}
    # It came through no door.
    assert not page.of(":tensorflow:serving:request_count")


def test_requests_that_fit_no_batch(
    start: Start, models: Path, flags: dict[str, object]
) -> None:
    server = start(
        model_name="m", model_base_path=str(models / "several"), enable_batching=True, **flags
    )
    ones = {"a": np.ones((3, 2), np.float32), "b": np.ones((2, 4), np.float32)}
    with pytest.raises(InvalidArgument, match="must have equal 0th-dimension size"):
        server.predict("m", ones, signature="product")
    page = page_of(server)
    for name in ("input_batch_size_count", "processed_batch_size_count", "padding_size_count"):
        assert not page.of(f":tensorflow:serving:batching_session:{name}")
    server.predict("m", np.ones(3, np.float32), outputs=("scaled",))
    series = ":tensorflow:serving:batching_session:input_batch_size_sum{}"
    assert page_of(server)[series] == 3
    waits = page_of(server).of(":tensorflow:serving:batching_session:queuing_latency_count")
    assert waits == {'thread_pool_name="model_server_batch_threads"': 1}


def test_sizes_of_batches_are_not_all_kept(
    start: Start, half_plus_two: Path, flags: dict[str, object]
) -> None:
    server = start(
        model_name="m",
        model_base_path=str(half_plus_two.parent),
        enable_batching=True,
        **flags,
    )
    for size in range(1, 121):
        server.predict("m", np.ones(size, np.float32))
    page = page_of(server)
    counts = page.of(":tensorflow:serving:batching_session:padding_size_count")
    assert len(counts) == 101
    assert counts['execution_batch_size=""'] == 20
    assert page[":tensorflow:serving:batching_session:wrapped_run_count{}"] == 120


def test_logged_requests(
    start: Start, half_plus_two: Path, tmp_path: Path, flags: dict[str, object]
) -> None:
    config = tmp_path / "models.config"
    config.write_text(config_text({"m": half_plus_two.parent}, m=logging_text("m")))
    server = start(
        model_config_file=str(config), request_log_dir=str(tmp_path / "logs"), **flags
    )
    server.predict("m", np.array([1.0], np.float32))
    expected = {'model_name="m",status_code="OK"': 1}
    name = ":tensorflow:serving:request_log_count"
    poll_until(lambda: page_of(server).of(name) == expected, "it is counted")
    assert page_of(server).of(":tensorflow:serving:runtime_latency_count")


def test_the_queue_of_a_version_that_nobody_has_asked(
    start: Start, half_plus_two: Path, flags: dict[str, object]
) -> None:
    server = start(model_name="m", model_base_path=str(half_plus_two.parent), **flags)
    depth = ":tensorflow:serving:batching_session:queue_depth"
    assert page_of(server).of(depth) == {'model_name="m",version="1",signature_name=""': 0}
    server.predict("m", np.array([1.0], np.float32))
    assert page_of(server).of(depth) == {
        'model_name="m",version="1",signature_name="serving_default"': 0
    }


def test_a_version_that_is_replaced(
    start: Start, half_plus_two: Path, tmp_path: Path, flags: dict[str, object]
) -> None:
    """Its record is that of the load that holds, whichever is unloaded last."""
    server = start(model_name="m", model_base_path=str(half_plus_two.parent), **flags)
    base = tmp_path / "elsewhere"
    shutil.copytree(half_plus_two, base / "1")
    (base / "1" / "assets.extra").mkdir()
    (base / "1" / "assets.extra" / "mlmd_uuid").write_bytes(b" " + b"x" * 5000)
    server.load("m", LoadRequest(base_path=str(base)))
    page = page_of(server)
    (labels,) = page.of(":tensorflow:serving:mlmd_map")
    assert labels == f'model_name="m",version="1",mlmd_uuid="{"x" * 255}"'
    assert len(page.of("tfs_notebook_model_load_duration_seconds")) == 1


def test_mlmd_uuids_that_cannot_be_read(
    start: Start, half_plus_two: Path, tmp_path: Path, flags: dict[str, object]
) -> None:
    base = tmp_path / "m"
    shutil.copytree(half_plus_two, base / "1")
    (base / "1" / "assets.extra" / "mlmd_uuid").mkdir(parents=True)
    server = start(model_name="m", model_base_path=str(base), **flags)
    assert server.ready
    assert not page_of(server).of(":tensorflow:serving:mlmd_map")
