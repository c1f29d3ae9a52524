"""Requests as a person sends them: a line for the shell, a few lines of Python."""

from __future__ import annotations

import base64
import json
import math
import shlex
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from tfs_notebook.wire.dtypes import DataType, base_type, numpy_type
from tfs_notebook.wire.json_values import JsonValue
from tfs_notebook.wire.predict_sample import PredictSample
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE

__all__ = ["curl_command", "grpc_snippet", "leaf_count", "model_url", "python_literal"]

# What still reads well on a command line.
_LONGEST_BODY: Final = 400
_MOST_LEAVES: Final = 100


def model_url(model_name: str, method: str, address: str = "localhost:8501") -> str:
    """The address to post to; characters of the name that need it are quoted.

    Args:
        model_name: as the server knows it.
        method: ``predict``, ``classify`` or ``regress``.
        address: host and port of the REST API.
    """
    return f"http://{address}/v1/models/{quote(model_name, safe='')}:{method}"


def curl_command(body: Mapping[str, JsonValue], url: str) -> str:
    """A line for the shell that posts a body; safe to paste whatever is in it.

    A body too long to read is made on the way, by a Python of the shell's.
    """
    address = shlex.quote(url)
    if leaf_count(dict(body)) <= _MOST_LEAVES:
        text = json.dumps(body)
        if len(text) <= _LONGEST_BODY:
            return f"curl -d {shlex.quote(text)} {address}"
    script = f"import json; print(json.dumps({python_literal(dict(body))}))"
    return f"python3 -c {shlex.quote(script)} | curl -d @- {address}"


def grpc_snippet(
    request: PredictSample, model_name: str, address: str = "localhost:8500"
) -> str | None:
    """A Python script that sends the example by gRPC; for all types that have values.

    It needs this package. Inputs with a default are left out.

    Returns:
        The script, or None if an input has a type of which there are no values.
    """
    signature = request.signature
    needed = [
        spec for alias, spec in signature.inputs.items() if alias not in signature.defaults
    ]
    if any(
        numpy_type(spec.dtype) is None or spec.alias not in request.values for spec in needed
    ):
        return None
    lines = [
        f"    ({_quoted(spec.alias)}, DataType.{DataType(base_type(spec.dtype)).name}, "
        f"{_array_literal(request.values[spec.alias], spec.dtype)}),"
        for spec in needed
    ]
    return _SCRIPT.format(
        address=_quoted(address),
        inputs="\n".join(lines),
        model=_quoted(model_name),
        name=_quoted(signature.name or DEFAULT_SIGNATURE),
    )


_SCRIPT: Final = """\
import grpc
import numpy as np

from tfs_notebook.wire.dtypes import DataType, numpy_type
from tfs_notebook.wire.messages import PredictRequest, PredictResponse
from tfs_notebook.wire.tensor_writer import tensor_to_wire

request = PredictRequest()
request.model_spec.name = {model}
request.model_spec.signature_name = {name}
for alias, dtype, value in [
{inputs}
]:
    array = np.array(value, numpy_type(dtype))
    request.inputs[alias].ParseFromString(b"".join(tensor_to_wire(array, dtype)))
with grpc.insecure_channel({address}) as channel:
    predict = channel.unary_unary(
        "/tensorflow.serving.PredictionService/Predict",
        PredictRequest.SerializeToString,
        PredictResponse.FromString,
    )
    print(predict(request))"""


def _array_literal(value: JsonValue, dtype: int) -> str:
    is_string = base_type(dtype) == DataType.STRING
    return python_literal(value, strings_as_bytes=is_string)


def python_literal(value: JsonValue, *, strings_as_bytes: bool = False) -> str:
    """The value as a Python expression in ASCII; equal items are written once.

    ``[[0.0, 0.0], [0.0, 0.0]]`` is ``[[0.0] * 2] * 2``.
    """
    if isinstance(value, list):
        items = value[:1] if len(value) > 1 and _is_uniform(value) else value
        times = f" * {len(value)}" if len(items) < len(value) else ""
        literals = [python_literal(item, strings_as_bytes=strings_as_bytes) for item in items]
        return f"[{', '.join(literals)}]{times}"
    if isinstance(value, dict):
        if strings_as_bytes and set(value) == {"b64"}:
            return repr(_decoded(value["b64"]))
        pairs = [
            f"{_quoted(key)}: {python_literal(item, strings_as_bytes=strings_as_bytes)}"
            for key, item in value.items()
        ]
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, str) and strings_as_bytes:
        return repr(value.encode("utf-8", "surrogateescape"))
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    # In double quotes, which need no escape inside the single ones of a shell. JSON
    # and Python write the same, but for what JSON has to write as two surrogates.
    return json.dumps(text) if max(text, default="") <= "\uffff" else ascii(text)


def _decoded(value: JsonValue) -> bytes:
    return base64.b64decode(str(value))


def _is_uniform(items: list[JsonValue]) -> bool:
    # Comparing a list with itself stops at once, so that this costs no more than
    # the length even of a huge nested value that repeats its rows.
    return items.count(items[0]) == len(items)


def leaf_count(value: JsonValue) -> int:
    """How many scalars are in a value; quick for one that repeats its rows."""
    if isinstance(value, dict):
        return sum(map(leaf_count, value.values()))
    if not isinstance(value, list) or not value:
        return 1
    if _is_uniform(value):
        return len(value) * leaf_count(value[0])
    return sum(map(leaf_count, value))
