"""Classify and Regress: requests of serialised ``tf.Example``, and answers as arrays.

Answers are arrays by name, a row an example: ``labels`` (text) and ``scores`` (float32) of
``[examples, classes]``, or ``values`` (float32) of ``[examples]``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import numpy as np
from google.protobuf.message import DecodeError

from tfs_notebook.client.transport import Answer
from tfs_notebook.wire.errors import Internal, InvalidArgument
from tfs_notebook.wire.json_values import JsonValue
from tfs_notebook.wire.messages import (
    ClassificationRequest,
    ClassificationResponse,
    Example,
    Feature,
    RegressionRequest,
    RegressionResponse,
    SerializedInput,
)
from tfs_notebook.wire.model_spec import ModelReference, model_spec_of

__all__ = [
    "classify_request",
    "examples_body",
    "parse_classify_body",
    "parse_classify_response",
    "parse_regress_body",
    "parse_regress_response",
    "readable_examples",
    "regress_request",
]

_LONGEST_EXCERPT: Final = 100


def classify_request(model: ModelReference, examples: Sequence[bytes]) -> bytes:
    """A serialised ``ClassificationRequest``."""
    return _request(ClassificationRequest(model_spec=model_spec_of(model)), examples)


def regress_request(model: ModelReference, examples: Sequence[bytes]) -> bytes:
    """A serialised ``RegressionRequest``."""
    return _request(RegressionRequest(model_spec=model_spec_of(model)), examples)


def _request(
    request: ClassificationRequest | RegressionRequest, examples: Sequence[bytes]
) -> bytes:
    serialized = SerializedInput()
    serialized.example_list.examples.extend(examples)
    try:
        request.input.MergeFromString(serialized.SerializeToString())
    except DecodeError:
        for index, example in enumerate(examples):
            _parsed(example, index)
        raise
    return request.SerializeToString()


def _parsed(example: bytes, index: int) -> Example:
    try:
        return Example.FromString(example)
    except DecodeError:
        raise InvalidArgument(f"example {index} is no serialised tf.Example") from None


def parse_classify_response(data: bytes) -> Answer:
    """The version that answered, and labels and scores."""
    try:
        response = ClassificationResponse.FromString(data)
    except DecodeError as error:
        raise Internal(f"Failed to parse a ClassificationResponse: {error}") from None
    rows = [
        [(one.label, one.score) for one in result.classes]
        for result in response.result.classifications
    ]
    return response.model_spec.version.value or None, _classes(rows)


def parse_regress_response(data: bytes) -> Answer:
    """The version that answered, and values."""
    try:
        response = RegressionResponse.FromString(data)
    except DecodeError as error:
        raise Internal(f"Failed to parse a RegressionResponse: {error}") from None
    values = [one.value for one in response.result.regressions]
    return response.model_spec.version.value or None, {"values": np.array(values, np.float32)}


def examples_body(model: ModelReference, examples: Sequence[bytes]) -> bytes:
    """The body of a REST request for the same examples.

    Raises:
        InvalidArgument: one of them is no ``tf.Example``.
    """
    body: dict[str, Any] = {"signature_name": model.signature} if model.signature else {}
    body["examples"] = [_features(example, index) for index, example in enumerate(examples)]
    return json.dumps(body).encode()


def _features(
    example: bytes, index: int, *, is_text: bool = False
) -> dict[str, list[JsonValue]]:
    message = _parsed(example, index)
    features = sorted(message.features.feature.items())
    return {name: _values(one, is_text=is_text) for name, one in features}


def readable_examples(examples: Sequence[bytes]) -> list[JsonValue]:
    """The same features as :func:`examples_body` has them, to be read: text where it is text.

    Raises:
        InvalidArgument: one of them is no ``tf.Example``.
    """
    return [
        {
            name: values[0] if len(values) == 1 else values
            for name, values in _features(example, index, is_text=True).items()
        }
        for index, example in enumerate(examples)
    ]


def _values(feature: Feature, *, is_text: bool) -> list[JsonValue]:
    kind = feature.WhichOneof("kind")
    if kind == "bytes_list":
        return [_shown(one, is_text=is_text) for one in feature.bytes_list.value]
    if kind == "int64_list":
        return list(feature.int64_list.value)
    return list(feature.float_list.value)


def _shown(value: bytes, *, is_text: bool) -> JsonValue:
    if is_text:
        with suppress(UnicodeDecodeError):
            return value.decode()
    return {"b64": base64.b64encode(value).decode()}


def parse_classify_body(data: bytes) -> Answer:
    """Labels and scores of a REST answer, which does not say which version answered."""
    try:
        rows = [[(str(label), float(score)) for label, score in row] for row in _results(data)]
    except (TypeError, ValueError):
        raise _no_answer(data) from None
    return None, _classes(rows)


def parse_regress_body(data: bytes) -> Answer:
    """Values of a REST answer."""
    try:
        return None, {"values": np.array(_results(data), np.float32).reshape(-1)}
    except (TypeError, ValueError):
        raise _no_answer(data) from None


def _results(data: bytes) -> list[Any]:
    document = json.loads(data)
    results = document.get("results") if isinstance(document, dict) else None
    if not isinstance(results, list):
        raise TypeError
    return results


def _no_answer(data: bytes) -> Internal:
    shown = data[:_LONGEST_EXCERPT].decode(errors="replace")
    return Internal(f"this is no answer to a request with examples: {shown}")


def _classes(rows: list[list[tuple[str, float]]]) -> dict[str, np.ndarray]:
    classes = len(rows[0]) if rows else 0
    if any(len(row) != classes for row in rows):
        raise Internal("the server gave the examples different numbers of classes")
    labels = np.empty((len(rows), classes), object)
    scores = np.empty((len(rows), classes), np.float32)
    for index, row in enumerate(rows):
        for column, (label, score) in enumerate(row):
            labels[index, column] = label
            scores[index, column] = score
    return {"labels": labels, "scores": scores}
