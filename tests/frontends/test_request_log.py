"""Requests that a real server logs: by every door, for every reader."""

from __future__ import annotations

import shutil
import signal
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import numpy as np
import pytest
from google.protobuf import text_format

from tests.frontends.example_requests import (
    REGRESS,
    ROWS,
    classification_request,
    multi_inference_request,
    regression_request,
)
from tests.frontends.official import (
    Client,
    Code,
    model_management_pb2,
    predict_request,
    refused,
    tf,
)
from tests.logged_requests import files_of, logging_text, records_in, wait_for_records
from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text
from tests.serving.warmup.warmup_records import file_of

Start = Callable[..., ServerProcess]

VERSION = 1


class Logging:
    """A server that logs every request of some models, and its logs."""

    def __init__(self, process: ServerProcess, directory: Path) -> None:
        self.process = process
        self.directory = directory

    def wait_for(self, prefix: str, number: int, kind: str) -> list[Any]:
        """The records of one kind."""
        return wait_for_records(
            self.directory, prefix, number, lambda log: log.WhichOneof("log_type") == kind
        )


def config_file(directory: Path, text: str) -> Path:
    path = directory / "models.config"
    path.write_text(text)
    return path


@pytest.fixture
def logging(start_server: Start, models: Path, tmp_path: Path) -> Logging:
    """half_plus_two as ``m`` and ``quiet``, and the model that takes examples."""
    directory = tmp_path / "logs"
    bases = {"m": "half_plus_two", "quiet": "half_plus_two", "examples": "examples"}
    text = config_text(
        {name: models / base for name, base in bases.items()},
        m=logging_text("half") + ' version_labels { key: "stable" value: 1 }',
        examples=logging_text("examples"),
    )
    process = start_server(
        f"--model_config_file={config_file(tmp_path, text)}",
        f"--request_log_dir={directory}",
        "--saved_model_tags=serve",
        "--enable_automatic_warmup=true",
    )
    return Logging(process, directory)


@pytest.fixture
def client(logging: Logging) -> Iterator[Client]:
    with Client.of(logging.process) as client:
        yield client


def check_metadata(log: Any, name: str, signature: str) -> None:
    metadata = log.log_metadata
    assert metadata.model_spec.name == name
    assert metadata.model_spec.version.value == VERSION
    assert metadata.model_spec.signature_name == signature
    assert metadata.sampling_config.sampling_rate == 1.0
    assert list(metadata.saved_model_tags) == ["serve"]
    assert abs(metadata.timestamp_secs - time.time()) < 3600


def test_grpc_requests_and_responses_are_logged_as_they_were(
    logging: Logging, client: Client
) -> None:
    sent = [
        predict_request("m", {"x": np.array([1.0, 2.0], np.float32)}),
        predict_request(
            "m", {"x": np.array([5.0], np.float32)}, label="stable", outputs=("y",)
        ),
    ]
    answered = [client.prediction.Predict(request, timeout=60) for request in sent]
    logs = logging.wait_for("half", 2, "predict_log")
    assert [log.predict_log.request for log in logs] == sent
    assert [log.predict_log.response for log in logs] == answered
    for log in logs:
        check_metadata(log, "m", "serving_default")

    classification = classification_request()
    classified = client.prediction.Classify(classification, timeout=60)
    regression = regression_request("examples", "values", context={"count": 5})
    regressed = client.prediction.Regress(regression, timeout=60)
    multi = multi_inference_request(
        [("examples", "values", REGRESS), ("examples", "column", REGRESS)]
    )
    inferred = client.prediction.MultiInference(multi, timeout=60)
    [log] = logging.wait_for("examples", 1, "classify_log")
    assert log.classify_log.request == classification
    assert log.classify_log.response == classified
    check_metadata(log, "examples", "serving_default")
    [log] = logging.wait_for("examples", 1, "regress_log")
    assert log.regress_log.request == regression
    assert log.regress_log.response == regressed
    check_metadata(log, "examples", "values")
    [log] = logging.wait_for("examples", 1, "multi_inference_log")
    assert log.multi_inference_log.request == multi
    assert log.multi_inference_log.response == inferred
    check_metadata(log, "examples", "")

    # Nobody asked for these: neither what warmed a model up, nor requests that failed.
    refused(lambda: client.predict("m", {"nonsense": np.array([1.0], np.float32)}))
    client.predict("quiet", {"x": np.array([1.0], np.float32)})
    logging.process.stop()
    assert len(records_in(*files_of(logging.directory, "half"))) == 2
    assert len(records_in(*files_of(logging.directory, "examples"))) == 3
    assert len(list(logging.directory.iterdir())) == 2
    for path in logging.directory.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_examples_that_are_no_messages_spoil_no_log(logging: Logging) -> None:
    request = classification_request(rows=[{**ROWS[0], "é": 1.5}])
    whole = request.SerializeToString()
    # TensorFlow looks up the features it wants, and does not read the names of others.
    broken = whole.replace("é".encode(), b"\xff\xfe")
    with grpc.insecure_channel(logging.process.grpc_address) as channel:
        classify = channel.unary_unary(
            "/tensorflow.serving.PredictionService/Classify", bytes, bytes
        )
        assert classify(broken, timeout=60) == classify(whole, timeout=60)
    logging.process.stop()
    [log] = records_in(*files_of(logging.directory, "examples"))
    assert log.classify_log.request == request


def test_rest_requests_are_logged_as_messages(logging: Logging) -> None:
    url = logging.process.url
    answer = httpx.post(f"{url}/v1/models/m/labels/stable:predict", json={"instances": [1, 5]})
    assert answer.json() == {"predictions": [2.5, 4.5]}
    [log] = logging.wait_for("half", 1, "predict_log")
    check_metadata(log, "m", "serving_default")
    request, response = log.predict_log.request, log.predict_log.response
    assert request.model_spec.version_label == "stable"
    assert tf.make_ndarray(request.inputs["x"]).tolist() == [1.0, 5.0]
    assert tf.make_ndarray(response.outputs["y"]).tolist() == [2.5, 4.5]
    assert response.model_spec == log.log_metadata.model_spec

    body = {"examples": [{"x": 1.5}, {"x": -2.0}], "context": {"count": 7}}
    told = httpx.post(f"{url}/v1/models/examples:classify", json=body).json()["results"]
    [log] = logging.wait_for("examples", 1, "classify_log")
    rows = log.classify_log.request.input.example_list.examples
    assert [row.features.feature["x"].float_list.value[0] for row in rows] == [1.5, -2.0]
    assert [row.features.feature["count"].int64_list.value[0] for row in rows] == [7, 7]
    assert [
        [[one.label, one.score] for one in row.classes]
        for row in log.classify_log.response.result.classifications
    ] == told

    body = {"signature_name": "values", "examples": [{"x": 1.5}]}
    told = httpx.post(f"{url}/v1/models/examples/versions/1:regress", json=body).json()
    [log] = logging.wait_for("examples", 1, "regress_log")
    check_metadata(log, "examples", "values")
    assert log.regress_log.request.model_spec.version.value == 1
    values = [one.value for one in log.regress_log.response.result.regressions]
    assert {"results": values} == told


@pytest.mark.parametrize(
    "batching", [False, pytest.param(True, marks=pytest.mark.long)], ids=["direct", "batched"]
)
def test_a_log_warms_a_version_up(
    start_server: Start, models: Path, tmp_path: Path, batching: bool
) -> None:
    directory, base = tmp_path / "logs", tmp_path / "examples"
    shutil.copytree(models / "examples" / "1", base / "1")
    text = config_text({"examples": base}, examples=logging_text("x"))
    flags = [
        f"--model_config_file={config_file(tmp_path, text)}",
        f"--request_log_dir={directory}",
        f"--enable_batching={str(batching).lower()}",
    ]
    server = start_server(*flags)
    with Client.of(server) as client:
        client.prediction.Classify(classification_request(), timeout=60)
        client.prediction.Regress(regression_request("examples", "values"), timeout=60)
        tasks = [("examples", "values", REGRESS)]
        client.prediction.MultiInference(multi_inference_request(tasks), timeout=60)
        serialized = [b"", b""]
        client.predict("examples", {"inputs": np.array(serialized, object)}, signature="scores")
    example = {"examples": [dict(ROWS[0], name="one")]}
    url = f"{server.url}/v1/models/examples:classify"
    assert httpx.post(url, json=example).status_code == 200
    server.stop()

    [log] = files_of(directory, "x")
    warmup = file_of(base / "1")
    warmup.parent.mkdir()
    shutil.copy(log, warmup)
    warm = start_server(*flags)
    assert "Warmed up {name: examples version: 1} with 5 recorded requests" in warm.log


def test_a_killed_server_leaves_what_it_had_flushed(
    start_server: Start, half_plus_two: Path, tmp_path: Path
) -> None:
    directory = tmp_path / "logs"
    text = config_text({"m": half_plus_two.parent}, m=logging_text("half"))
    flags = [
        f"--model_config_file={config_file(tmp_path, text)}",
        f"--request_log_dir={directory}",
    ]
    server = start_server(*flags)
    url = f"{server.url}/v1/models/m:predict"
    for number in range(20):
        assert httpx.post(url, json={"instances": [number]}).status_code == 200
    # While it is being written it is read up to its last whole record.
    before = wait_for_records(directory, "half", 20)
    server.send(signal.SIGKILL)
    server.process.wait()
    [first] = files_of(directory, "half")
    assert records_in(first) == before

    # The next one begins a file of its own.
    again = start_server(*flags)
    assert httpx.post(f"{again.url}/v1/models/m:predict", json={"instances": [1]}).is_success
    again.stop()
    files = files_of(directory, "half")
    assert len(files) == 2
    assert len(records_in(*files)) == 21


def test_a_reload_changes_what_is_logged(logging: Logging, client: Client) -> None:
    x = {"x": np.array([1.0], np.float32)}
    client.predict("m", x)

    def reload(**further: str) -> Any:
        paths = {
            entry["name"]: Path(entry["base_path"])
            for entry in httpx.get(f"{logging.process.url}/v1/models").json()["models"]
        }
        request = model_management_pb2.ReloadConfigRequest()
        text_format.Parse(config_text(paths, **further), request.config)
        return client.model.HandleReloadConfigRequest(request, timeout=60)

    logging.wait_for("half", 1, "predict_log")
    reload(quiet=logging_text("quiet"))
    client.predict("quiet", x)
    client.predict("m", x)
    [log] = logging.wait_for("quiet", 1, "predict_log")
    check_metadata(log, "quiet", "serving_default")

    # All or nothing: neither m, which is well, nor quiet are changed.
    for bad, code, message in (
        ('log_collector_config { type: "none" }', Code.NOT_FOUND,
         "Cannot find LogCollector::Factory for type: none"),
        ('log_collector_config { filename_prefix: "../../etc/x" }', Code.INVALID_ARGUMENT,
         "no path"),
        ('log_collector_config { filename_prefix: "/etc/x" }', Code.INVALID_ARGUMENT,
         "--request_log_dir"),
        ('log_collector_config { filename_prefix: "x" } sampling_config { sampling_rate: 1.5 }',
         Code.INVALID_ARGUMENT, "from 0 to 1; got 1.5"),
    ):  # fmt: skip
        found, text = refused(
            lambda bad=bad: reload(m=logging_text("half"), quiet=f"logging_config {{ {bad} }}")  # type: ignore[misc]
        )
        assert found == code
        assert message in text
    client.predict("quiet", x)
    client.predict("m", x)
    logging.wait_for("quiet", 2, "predict_log")
    reload()
    client.predict("quiet", x)
    logging.process.stop()
    assert len(records_in(*files_of(logging.directory, "quiet"))) == 2
    assert len(records_in(*files_of(logging.directory, "half"))) == 1
    assert len(list(logging.directory.iterdir())) == 2


def test_a_server_without_a_directory_refuses(
    start_server: Start, half_plus_two: Path, tmp_path: Path
) -> None:
    text = config_text({"m": half_plus_two.parent}, m=logging_text("half"))
    server = start_server(f"--model_config_file={config_file(tmp_path, text)}", wait=False)
    assert server.wait_for_exit() == 1
    assert "INVALID_ARGUMENT: No request-logger-creator provided. Model m has" in server.log
    assert "--request_log_dir=DIR" in server.log


def test_a_disk_that_fails_fails_no_request(
    start_server: Start, half_plus_two: Path, tmp_path: Path
) -> None:
    directory, away = tmp_path / "logs", tmp_path / "away"
    text = config_text({"m": half_plus_two.parent}, m=logging_text("half"))
    server = start_server(
        f"--model_config_file={config_file(tmp_path, text)}",
        f"--request_log_dir={directory}",
        "--request_log_max_bytes=1",
    )
    complaint = f"request log: cannot write {directory}/half.*.tfrecord: No such file"

    def ask() -> bool:
        answer = httpx.post(f"{server.url}/v1/models/m:predict", json={"instances": [1.0]})
        return bool(answer.json() == {"predictions": [2.5]})

    assert ask()
    wait_for_records(directory, "half", 1)
    directory.rename(away)
    poll_until(lambda: ask() and complaint in server.log, "it says that it cannot be written")
    directory.mkdir()
    poll_until(
        lambda: ask() and "is written again" in server.log,
        "it is written again",
        details=lambda: server.log,
    )
    assert server.log.count(complaint) == 1
    server.stop()
    assert records_in(*files_of(directory, "half"))
    assert " not written for other reasons" in server.log
