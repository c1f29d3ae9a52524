"""Requests with examples that share a run: with one another, and with predictions."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.frontends.example_requests import classify, example, regress, regression_request
from tests.frontends.official import Client, Code, refused
from tests.models.inputs import strings
from tests.server_process import ServerProcess

# A batch is complete with four rows; nobody waits for a fifth, or for the time to be up.
FOUR_ROWS = """
max_batch_size { value: 4 }
batch_timeout_micros { value: 20000000 }
num_batch_threads { value: 2 }
"""
PADDED = """
max_batch_size { value: 8 }
allowed_batch_sizes: 8
num_batch_threads { value: 1 }
"""


@pytest.fixture
def serve(
    start_server: Callable[..., ServerProcess], models: Path, tmp_path: Path
) -> Callable[[str], ServerProcess]:
    """Starts a server of the model ``examples`` with these batching parameters."""

    def serve(parameters: str) -> ServerProcess:
        file = tmp_path / "batching.pbtxt"
        file.write_text(parameters)
        return start_server(
            "--model_name=examples",
            f"--model_base_path={models / 'examples'}",
            "--enable_batching",
            f"--batching_parameters_file={file}",
        )

    return serve


def batches(server: ServerProcess, signature: str) -> dict[str, Any]:
    (told,) = httpx.get(f"{server.url}/v2/models/examples/stats").json()["model_stats"]
    counted: dict[str, Any] = told["signatures"][signature]["batches"]
    return counted


def test_both_doors_and_predictions_share_a_run(serve: Callable[[str], ServerProcess]) -> None:
    server = serve(FOUR_ROWS)
    serialized = strings(example({"x": 3.0}).SerializeToString())
    body = {"signature_name": "values", "examples": [{"x": 2.0}]}
    with Client.of(server) as client, ThreadPoolExecutor(3) as pool:
        two = pool.submit(regress, client, "examples", "values", [{"x": 0.5}, {"x": 1.0}])
        rest = pool.submit(httpx.post, f"{server.url}/v1/models/examples:regress", json=body)
        predicted = pool.submit(
            client.predict, "examples", {"inputs": serialized}, signature="values"
        )
        assert two.result(60) == [0.5, 1.0]
        assert rest.result(60).json() == {"results": [2.0]}
        np.testing.assert_array_equal(predicted.result(60)["outputs"], [3.0])
    counted = batches(server, "values")
    assert (counted["runs"], counted["rows"]) == (1, 4)


def test_an_example_that_is_none_fails_alone(serve: Callable[[str], ServerProcess]) -> None:
    server = serve(FOUR_ROWS)
    request = regression_request("examples", "values", [])
    request.ClearField("input")
    broken = request.SerializeToString() + b"\x12\x07\x0a\x05\x0a\x03\xff\xff\xff"
    with Client.of(server) as client, ThreadPoolExecutor(4) as pool:
        call = client.channel.unary_unary("/tensorflow.serving.PredictionService/Regress")
        bad = pool.submit(refused, lambda: call(broken, timeout=60))
        good = [
            pool.submit(regress, client, "examples", "values", [{"x": float(number)}])
            for number in range(3)
        ]
        assert [one.result(60) for one in good] == [[0.0], [1.0], [2.0]]
        code, text = bad.result(60)
        assert code == Code.INVALID_ARGUMENT
        assert text.startswith("Could not parse example input")


def test_rows_that_were_added_are_not_answered(serve: Callable[[str], ServerProcess]) -> None:
    server = serve(PADDED)
    with Client.of(server) as client:
        assert regress(client, "examples", "values", [{"x": 5.0}] * 3) == [5.0] * 3
        got = classify(client, "examples", "", [{"name": b"a", "x": 1.0}])
        assert got == [[("a", 1.0), ("other", 0.0)]]
    assert batches(server, "values")["padding_rows"] == 5
    assert batches(server, "serving_default")["padding_rows"] == 7
