"""``--log_format=json``: an object a line, and with ``--access_log`` all of a request."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest

from tests.polling import poll_until
from tests.server_process import ServerProcess
from tfs_notebook.cli.log_format import JsonFormatter
from tfs_notebook.wire.messages import PredictRequest

PREDICT = "/v1/models/m:predict"
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARTS = ("queued_ms", "prepared_ms", "run_ms", "total_ms")


@pytest.fixture(scope="module")
def logging_server(
    tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path
) -> Iterator[ServerProcess]:
    flags = [
        "--model_name=m",
        f"--model_base_path={half_plus_two.parent}",
        "--log_format=json",
        "--access_log",
        "--request_ids",
    ]
    with ServerProcess(tmp_path_factory.mktemp("json_log"), flags) as process:
        yield process


def lines(server: ServerProcess) -> list[dict[str, Any]]:
    # TensorFlow's own library writes lines, too.
    return [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]


def line_of(server: ServerProcess, request_id: str) -> dict[str, Any]:
    return poll_until(
        lambda: next((one for one in lines(server) if one.get("request_id") == request_id), {}),
        "the log has it",
        details=lambda: server.log,
    )


def test_the_servers_own_lines(logging_server: ServerProcess) -> None:
    [ready] = [one for one in lines(logging_server) if "Running gRPC" in one.get("message", "")]
    assert ready["level"] == "info"
    assert ready["logger"] == "tfs_notebook.frontends.server"
    assert ready["time"].endswith("Z")
    datetime.fromisoformat(ready["time"].replace("Z", "+00:00"))
    own = [line for line in logging_server.log.splitlines() if "tfs_notebook" in line]
    assert all(line.startswith("{") for line in own)


def test_a_request_over_rest(logging_server: ServerProcess) -> None:
    body = json.dumps({"instances": [1.0, 2.0, 5.0]}).encode()
    headers = {"X-Request-Id": "rest-1", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    response = httpx.post(logging_server.url + PREDICT, content=body, headers=headers)
    line = line_of(logging_server, "rest-1")
    times = [line.pop(part) for part in PARTS]
    assert all(time >= 0 for time in times)
    # Each is rounded by itself.
    assert sum(times[:3]) <= times[3] + 0.002
    line.pop("time")
    assert line == {
        "level": "info",
        "logger": "tfs_notebook.access",
        "door": "REST",
        "peer": "127.0.0.1",
        "request": f"POST {PREDICT}",
        "code": "200",
        "model": "m",
        "version": 1,
        "signature": "serving_default",
        "rows": 3,
        "request_bytes": len(body),
        "response_bytes": len(response.content),
        "trace_id": TRACE,
        "request_id": "rest-1",
    }


def test_a_call_over_grpc(logging_server: ServerProcess) -> None:
    request = PredictRequest()
    request.model_spec.name = "m"
    request.inputs["x"].dtype = 1
    request.inputs["x"].float_val.append(1.0)
    request.inputs["x"].tensor_shape.dim.add(size=1)
    with grpc.insecure_channel(logging_server.grpc_address) as channel:
        path = "/tensorflow.serving.PredictionService/Predict"
        ask = channel.unary_unary(path, None, None)
        sent = request.SerializeToString()
        answer = ask(sent, metadata=(("x-request-id", "grpc-1"),), timeout=60)
    line = line_of(logging_server, "grpc-1")
    assert line.keys() >= set(PARTS)
    assert line["peer"].startswith("ipv4:127.0.0.1:")
    assert (line["request"], line["code"], line["model"]) == (path, "OK", "m")
    assert (line["request_bytes"], line["response_bytes"]) == (len(sent), len(answer))


def test_what_has_not_come_to_its_run_has_none(logging_server: ServerProcess) -> None:
    url = f"{logging_server.url}/v1/models/nobody:predict"
    httpx.post(url, json={"instances": [1]}, headers={"X-Request-Id": "bad-1"})
    line = line_of(logging_server, "bad-1")
    assert line["code"] == "404"
    assert "nobody" in line["error"]
    assert not {"run_ms", "model", "rows"} & line.keys()


def record(message: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("a", logging.ERROR, "f", 1, message, arguments, None)


def test_what_goes_wrong_and_odd_characters_are_one_line() -> None:
    try:
        int("no number")
    except ValueError:
        failed = record("%s\nforged", "x")
        failed.exc_info = sys.exc_info()
    text = JsonFormatter().format(failed)
    assert "\n" not in text
    line = json.loads(text)
    assert line["message"] == "x\nforged"
    assert line["exception"].startswith("Traceback (most recent call last):\n")
    assert json.loads(JsonFormatter().format(record("\udcff")))["message"] == "'\\udcff'"
