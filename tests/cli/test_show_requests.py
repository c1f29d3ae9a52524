"""The requests that ``show`` proposes get an answer from a server."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.show_process import show_json
from tests.python_process import output_of
from tests.server_process import ServerProcess

SIGNATURES = ["serving_default", "text", "sparse", "nested", "image", "examples"]


@pytest.fixture(scope="module")
def server(
    made_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """Serves the model that TensorFlow made."""
    flags = ["--model_name=made", f"--model_base_path={made_model.parent}"]
    with ServerProcess(tmp_path_factory.mktemp("server"), flags) as process:
        yield process


@pytest.fixture(scope="module")
def requests(made_model: Path) -> dict[str, Any]:
    """What ``show`` proposes, by signature."""
    [graph] = show_json(made_model.parent)["meta_graphs"]
    return {name: told["request"] for name, told in graph["signatures"].items()}


@pytest.mark.parametrize("name", SIGNATURES)
def test_the_body_is_answered(
    server: ServerProcess, requests: dict[str, Any], name: str
) -> None:
    url = requests[name]["url"].replace("http://localhost:8501", server.url)
    response = httpx.post(url, json=requests[name]["body"])
    assert response.status_code == 200, response.text
    assert response.json().keys() <= {"predictions", "outputs"}


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("name", ["serving_default", "image"])
def test_the_line_is_answered(
    server: ServerProcess, requests: dict[str, Any], name: str
) -> None:
    line = requests[name]["curl"].replace("http://localhost:8501", server.url)
    result = subprocess.run(
        ["sh", "-c", line.replace("curl ", "curl -sS --noproxy '*' ")],
        capture_output=True,
        check=True,
        text=True,
    )
    assert '"predictions"' in result.stdout or '"outputs"' in result.stdout, result.stdout


def test_the_script_is_answered(server: ServerProcess, requests: dict[str, Any]) -> None:
    assert requests["halves"]["body"] is None
    script = requests["halves"]["python"].replace("localhost:8500", server.grpc_address)
    assert "DT_HALF" in output_of("-c", script)


def test_examples_hold_the_features_that_the_model_reads(reference_models: Path) -> None:
    [graph] = show_json(reference_models / "saved_model_half_plus_two_cpu")["meta_graphs"]
    request = graph["signatures"]["regress_x_to_y"]["request"]
    assert request["method"] == "regress"
    assert request["body"] == {
        "signature_name": "regress_x_to_y",
        "examples": [{"x": 1.0, "x2": 1.0}],
    }
    assert request["notes"] == []


@pytest.mark.parametrize("name", ["regress_x_to_y", "classify_x_to_y"])
def test_examples_are_answered(
    start_server: Callable[..., ServerProcess], models: Path, name: str
) -> None:
    base = models / "half_plus_two"
    [graph] = show_json(base)["meta_graphs"]
    request = graph["signatures"][name]["request"]
    server = start_server("--model_name=half_plus_two", f"--model_base_path={base}")
    url = request["url"].replace("http://localhost:8501", server.url)
    response = httpx.post(url, json=request["body"])
    answer = {"regress": [2.5], "classify": [[["positive", 2.5]]]}[request["method"]]
    assert response.json() == {"results": answer}


def test_internal_signatures_have_no_request(requests: dict[str, Any]) -> None:
    assert requests["__saved_model_init_op"] is None
    assert requests.keys() == {*SIGNATURES, "halves", "__saved_model_init_op"}
