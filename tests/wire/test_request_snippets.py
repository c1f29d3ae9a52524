"""What is printed for pasting works when it is pasted."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.python_process import output_of
from tfs_notebook.wire.dtypes import DataType, numpy_type
from tfs_notebook.wire.json_values import JsonValue
from tfs_notebook.wire.messages import PredictRequest, PredictResponse
from tfs_notebook.wire.predict_sample import predict_sample
from tfs_notebook.wire.request_snippets import (
    curl_command,
    grpc_snippet,
    leaf_count,
    model_url,
    python_literal,
)
from tfs_notebook.wire.signatures import Signature, TensorSpec
from tfs_notebook.wire.tensor_reader import array_from_message

NASTY = "a'b\"$(touch owned)`x`\\ \n%s!@é\U0001f600"

scalars = st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False), st.text())
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, st.integers(0, 4)).map(lambda pair: [pair[0]] * pair[1]),
        st.dictionaries(st.text(), inner, max_size=3),
    ),
    max_leaves=8,
)


@pytest.fixture
def shell(tmp_path: Path) -> Any:
    """Runs a line in a shell whose curl tells how it was called."""
    stub = tmp_path / "curl"
    stub.write_text(
        f"#!{sys.executable}\n"
        "import json, sys\n"
        "data = sys.stdin.read() if sys.argv[2] == '@-' else sys.argv[2]\n"
        "print(json.dumps([sys.argv[1], data, sys.argv[3:]]))\n"
    )
    stub.chmod(0o755)

    def run(line: str) -> tuple[str, Any, list[str]]:
        result = subprocess.run(
            ["sh", "-c", line],
            cwd=tmp_path,
            env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
            capture_output=True,
            check=True,
            text=True,
        )
        assert result.stderr == ""
        flag, data, rest = json.loads(result.stdout)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["curl"]
        return flag, json.loads(data), rest

    return run


@pytest.mark.parametrize(
    "body",
    [
        {"instances": [[1.0]]},
        {"signature_name": NASTY, "inputs": {NASTY: "text", "b": True}},
        {"instances": [[[[1.0] * 3] * 64] * 64]},
        {"signature_name": NASTY, "inputs": {NASTY: [True] * 500, "s": ["text"] * 500}},
    ],
    ids=["short", "nasty", "image", "nasty and long"],
)
def test_curl_posts_the_body(shell: Any, body: dict[str, JsonValue]) -> None:
    url = model_url("half plus/two:" + NASTY, "predict")
    line = curl_command(body, url)
    assert len(line) < 1000
    assert "\n" not in line
    assert shell(line) == ("-d", body, [url])


def test_the_usual_line_is_plain() -> None:
    assert curl_command({"instances": [[1.0]]}, model_url("m", "predict")) == (
        """curl -d '{"instances": [[1.0]]}' http://localhost:8501/v1/models/m:predict"""
    )


def test_the_name_is_quoted_in_the_address() -> None:
    assert model_url("a b/c:d", "classify", "h:1") == (
        "http://h:1/v1/models/a%20b%2Fc%3Ad:classify"
    )


@given(values)
def test_python_literal_is_the_value(value: JsonValue) -> None:
    literal = python_literal(value)
    assert literal.isascii()
    assert literal.isprintable()
    # Repetition and float('inf') are beyond literal_eval; the names are our own.
    result = eval(literal, {"float": float})
    # Astral characters are written so that JSON, not Python, gives them back.
    assert json.loads(json.dumps(result)) == json.loads(json.dumps(value))


@given(values)
def test_leaves_are_counted(value: JsonValue) -> None:
    def count(item: JsonValue) -> int:
        if isinstance(item, dict):
            return sum(map(count, item.values()))
        if isinstance(item, list) and item:
            return sum(map(count, item))
        return 1

    assert leaf_count(value) == count(value)


def test_repeated_items_are_written_once() -> None:
    assert python_literal([[0.0, 0.0]] * 3) == "[[0.0] * 2] * 3"
    assert python_literal(["a", {"b64": "/w=="}], strings_as_bytes=True) == r"[b'a', b'\xff']"


class Recorder:
    """Answers Predict, and keeps what it was sent."""

    def __init__(self) -> None:
        self.requests: list[PredictRequest] = []

    def predict(self, request: PredictRequest, context: object) -> PredictResponse:
        self.requests.append(request)
        return PredictResponse(model_spec=request.model_spec)


@pytest.fixture
def recorder() -> Iterator[tuple[Recorder, str]]:
    calls = Recorder()
    method = grpc.unary_unary_rpc_method_handler(
        calls.predict, PredictRequest.FromString, PredictResponse.SerializeToString
    )
    service = grpc.method_handlers_generic_handler(
        "tensorflow.serving.PredictionService", {"Predict": method}
    )
    server = grpc.server(ThreadPoolExecutor(1), handlers=[service])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield calls, f"127.0.0.1:{port}"
    server.stop(None).wait()


def test_grpc_script_sends_every_type(recorder: tuple[Recorder, str]) -> None:
    handler, address = recorder
    dtypes = [dtype for dtype in DataType if numpy_type(dtype) is not None]
    inputs = {
        alias: TensorSpec(alias, dtype, (-1, 3))
        for alias, dtype in [*((dtype.name, dtype) for dtype in dtypes), (NASTY, dtypes[0])]
    }
    inputs["rate"] = TensorSpec("rate", DataType.HALF, ())
    signature = Signature(
        NASTY, "m", dict(sorted(inputs.items())), {}, {"rate": np.array(1, np.float16)}
    )
    script = grpc_snippet(predict_sample(signature), "model " + NASTY, address)
    assert script is not None
    assert script.isascii()
    ast.parse(script)
    assert "model_spec" in output_of("-c", script)
    [request] = handler.requests
    assert request.model_spec.name == "model " + NASTY
    assert request.model_spec.signature_name == NASTY
    assert request.inputs.keys() == inputs.keys() - {"rate"}
    for alias, tensor in request.inputs.items():
        array = array_from_message(tensor)
        assert tensor.dtype == inputs[alias].dtype
        assert array.shape == (1, 3)
        expected: Any = b"text" if array.dtype == object else np.ones((), array.dtype)
        assert (array == expected).all()


def test_no_grpc_script_for_what_has_no_values() -> None:
    signature = Signature("s", "m", {"r": TensorSpec("r", DataType.RESOURCE, ())}, {})
    assert grpc_snippet(predict_sample(signature), "model") is None
