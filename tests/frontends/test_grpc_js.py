"""The gRPC door, asked from another language: grpc-js with our own ``.proto`` files."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

import tfs_notebook
from tests.npm_packages import installed
from tests.server_process import ServerProcess

HERE: Final = Path(__file__).parent / "grpc_js"
PROTOS: Final = Path(tfs_notebook.__file__).parent / "wire" / "protos"

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def client_directory(pytestconfig: pytest.Config) -> Path:
    """The client with its packages, installed once and kept in pytest's cache."""
    assert pytestconfig.cache is not None
    return installed(HERE, pytestconfig.cache.mkdir("grpc_js"), further=["client.mjs"])


@pytest.fixture(scope="module")
def answers(client_directory: Path, server: ServerProcess) -> Any:
    """What the client printed: its answers by the name of the call."""
    done = subprocess.run(
        ["node", "client.mjs", server.grpc_address, str(PROTOS)],
        cwd=client_directory, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_predict(answers: Any) -> None:
    response = answers["predict"]
    assert response["outputs"]["y"]["float_val"] == [2.5, 3, 4.5]
    assert response["outputs"]["y"]["dtype"] == "DT_FLOAT"
    assert [dim["size"] for dim in response["outputs"]["y"]["tensor_shape"]["dim"]] == ["3"]
    spec = response["model_spec"]
    assert spec["name"] == "half_plus_two"
    assert spec["signature_name"] == "serving_default"
    assert spec["version"] == {"value": "1"}


def test_versions_and_labels(answers: Any) -> None:
    for name in ("version", "label"):
        assert answers[name]["outputs"]["y"]["float_val"] == [2.5]


def test_output_filter(answers: Any) -> None:
    assert list(answers["filter"]["outputs"]) == ["negative"]


def test_strings(answers: Any) -> None:
    # proto-loader gives bytes as base64.
    assert answers["strings"]["outputs"]["text"]["string_val"] == ["", "Z3LDtsOfZQ=="]


def test_large_integers(answers: Any) -> None:
    values = answers["int64"]["outputs"]["y"]["int64_val"]
    assert values == ["-9223372036854775808", "9007199254740993"]


def test_many_calls_at_once(answers: Any) -> None:
    assert answers["many"] == [number / 2 + 2 for number in range(64)]


def test_errors(answers: Any) -> None:
    assert answers["unknown_model"] == {
        "code": 5,
        "details": "Servable not found for request: Latest(nobody)",
    }
    assert answers["wrong_type"]["code"] == 3
    assert "to be float but string is provided" in answers["wrong_type"]["details"]
    assert answers["deadline"]["code"] == 4


def test_status_and_metadata(answers: Any) -> None:
    [status] = answers["status"]["model_version_status"]
    assert status["version"] == "1"
    assert status["state"] == "AVAILABLE"
    assert answers["metadata"] == ["signature_def"]
