"""Requests with examples, by the official client's messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.example_features import fill
from tests.frontends.official import (
    Client,
    Code,
    classification_pb2,
    inference_pb2,
    input_pb2,
    refused,
    regression_pb2,
    tf,
)

Features = Mapping[str, Any]

CLASSIFY = "tensorflow/serving/classify"
REGRESS = "tensorflow/serving/regress"
ROWS: Sequence[Features] = (
    {"name": b"one", "x": 1.5, "count": 3},
    {"name": b"two", "x": -2.0, "count": 0},
)


def example(features: Features) -> Any:
    """A ``tf.Example`` with one value a feature; it is of the kind that the value is of."""
    return fill(tf.train.Example(), features)


def input_of(rows: Sequence[Features], context: Features | None = None) -> Any:
    message = input_pb2.Input()
    if context is None:
        message.example_list.SetInParent()
        message.example_list.examples.extend(map(example, rows))
    else:
        message.example_list_with_context.context.CopyFrom(example(context))
        message.example_list_with_context.examples.extend(map(example, rows))
    return message


def fill_spec(spec: Any, model: str, signature: str, version: int | None, label: str) -> None:
    spec.name, spec.signature_name = model, signature
    if version is not None:
        spec.version.value = version
    if label:
        spec.version_label = label


def _request(
    message: Any,
    model: str = "examples",
    signature: str = "",
    rows: Sequence[Features] = ROWS,
    *,
    context: Features | None = None,
    version: int | None = None,
    label: str = "",
) -> Any:
    fill_spec(message.model_spec, model, signature, version, label)
    message.input.CopyFrom(input_of(rows, context))
    return message


def classification_request(*arguments: Any, **options: Any) -> Any:
    return _request(classification_pb2.ClassificationRequest(), *arguments, **options)


def regression_request(*arguments: Any, **options: Any) -> Any:
    return _request(regression_pb2.RegressionRequest(), *arguments, **options)


def multi_inference_request(
    tasks: Sequence[tuple[str, str, str]],
    rows: Sequence[Features] = ROWS,
    *,
    version: int | None = None,
) -> Any:
    """Tasks are model, signature and method."""
    message = inference_pb2.MultiInferenceRequest(input=input_of(rows))
    for model, signature, method in tasks:
        task = message.tasks.add(method_name=method)
        fill_spec(task.model_spec, model, signature, version, "")
    return message


def classes_of(result: Any) -> list[list[tuple[str, float]]]:
    return [
        [(each.label, each.score) for each in one.classes] for one in result.classifications
    ]


def values_of(result: Any) -> list[float]:
    return [one.value for one in result.regressions]


def classify(client: Client, *arguments: Any, **options: Any) -> list[list[tuple[str, float]]]:
    request = classification_request(*arguments, **options)
    return classes_of(client.prediction.Classify(request, timeout=60).result)


def regress(client: Client, *arguments: Any, **options: Any) -> list[float]:
    request = regression_request(*arguments, **options)
    return values_of(client.prediction.Regress(request, timeout=60).result)


def invalid(client: Client, method: str, request: Any) -> str:
    """The text of a call that is INVALID_ARGUMENT."""
    call = getattr(client.prediction, method)
    code, text = refused(lambda: call(request, timeout=60))
    assert code == Code.INVALID_ARGUMENT, (code, text)
    return text
