"""Requests over gRPC that are refused, and in which words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.frontends.official import (
    Client,
    Code,
    predict_pb2,
    predict_refused,
    refused,
    typed,
    types_pb2,
)
from tests.models.inputs import floats, strings


def test_output_filter_errors(client: Client) -> None:
    x = {"x": floats(1.0)}
    text = (
        "output tensor alias not found in signature: nothing Outputs expected to be in the "
        "set {count,negative,scaled}."
    )
    refusal = predict_refused(client, "several", x, outputs=("nothing",))
    assert refusal == (Code.INVALID_ARGUMENT, text)
    assert predict_refused(client, "several", x, outputs=("count", "count")) == (
        Code.INVALID_ARGUMENT,
        "duplicate output tensor alias: count",
    )


def test_unknown_model(client: Client) -> None:
    assert predict_refused(client, "nobody", {"x": floats(1.0)}) == (
        Code.NOT_FOUND,
        "Servable not found for request: Latest(nobody)",
    )


def test_requests_without_a_model(client: Client) -> None:
    empty = predict_pb2.PredictRequest()
    assert refused(lambda: client.prediction.Predict(empty)) == (
        Code.INVALID_ARGUMENT,
        "Missing ModelSpec",
    )
    assert predict_refused(client, "", {"x": floats(1.0)}) == (
        Code.INVALID_ARGUMENT,
        "ModelSpec has no name specified.",
    )


def test_a_model_without_a_default_signature(client: Client) -> None:
    assert predict_refused(client, "string_keepers", {}) == (
        Code.FAILED_PRECONDITION, 'Serving signature key "serving_default" not found.',
    )  # fmt: skip


def test_unknown_signature(client: Client) -> None:
    assert predict_refused(
        client, "half_plus_two", {"x": floats(1.0)}, signature="no_such"
    ) == (Code.FAILED_PRECONDITION, 'Serving signature key "no_such" not found.')


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        (
            {},
            """input size does not match signature: 0!=1 len({}) != len({x}). Sent extra: {}. \
Missing but required: {x}.""",
        ),
        (
            {"x": 1.0, "z": 1.0},
            """input size does not match signature: 2!=1 len({x,z}) != len({x}). \
Sent extra: {z}. Missing but required: {}.""",
        ),
        (
            {"z": 1.0},
            """Signature input alias: x(feed name: x:0) not found in request and no default \
value provided. Inputs expected to be in the set {x}.""",
        ),
    ],
)
def test_wrong_names(client: Client, inputs: dict[str, float], text: str) -> None:
    sent = {alias: floats(value) for alias, value in inputs.items()}
    code, details = predict_refused(client, "half_plus_two", sent)
    assert code == Code.INVALID_ARGUMENT
    assert details == text


def test_names_of_a_signature_with_defaults(client: Client) -> None:
    x = floats(1.0)
    code, details = predict_refused(client, "defaults", {"scale": np.float32(1.0)})
    assert code == Code.INVALID_ARGUMENT
    assert details.startswith("Signature input alias: x(feed name: ")
    code, details = predict_refused(client, "defaults", {"x": x, "wrong": x})
    assert code == Code.INVALID_ARGUMENT
    assert details.startswith("Inputs contains invalid name. Used request inputs: {x}")


def test_wrong_types(client: Client) -> None:
    for wrong, name in ((np.array([1.0]), "double"), (strings(b"1"), "string")):
        code, details = predict_refused(client, "half_plus_two", {"x": wrong})
        assert code == Code.INVALID_ARGUMENT
        assert details.startswith(f"Expects arg[0] to be float but {name} is provided")


def test_wrong_shapes_are_the_runtimes_error(client: Client) -> None:
    code, details = predict_refused(
        client,
        "several",
        {"a": np.zeros((1, 2), np.float32), "b": np.zeros((3, 1), np.float32)},
        signature="product",
    )
    assert code == Code.INVALID_ARGUMENT
    assert "Matrix size-incompatible" in details


@pytest.mark.parametrize(
    "wrong",
    [
        typed(types_pb2.DT_FLOAT, [2], tensor_content=b"\0" * 7),
        typed(types_pb2.DT_FLOAT, [-2], float_val=[1.0]),
        typed(types_pb2.DT_FLOAT, [2**40, 2**40], float_val=[1.0]),
        typed(types_pb2.DT_RESOURCE, [1]),
        typed(types_pb2.DT_INVALID, [1], float_val=[1.0]),
        typed(77, [1], float_val=[1.0]),
    ],
    ids=["content too short", "negative", "gigantic", "resource", "no type", "unknown type"],
)
def test_tensors_that_cannot_be_decoded(client: Client, wrong: Any) -> None:
    code, details = predict_refused(client, "half_plus_two", {"x": wrong})
    assert code == Code.INVALID_ARGUMENT
    assert details.startswith("tensor parsing error: x")


def test_long_error_texts_are_cut(client: Client) -> None:
    code, details = predict_refused(client, "n" * 5000, {})
    assert code == Code.NOT_FOUND
    assert details.startswith("Servable not found for request: Latest(nnn")
    assert details.endswith("...TRUNCATED")
    assert len(details) == 1024 + len("...TRUNCATED")


def test_error_texts_may_hold_anything(client: Client) -> None:
    name = "Größe 模型 \n\t%s%25"
    code, details = predict_refused(client, name, {})
    assert code == Code.NOT_FOUND
    assert details == f"Servable not found for request: Latest({name})"


def test_a_request_that_is_no_message(client: Client) -> None:
    for method in (
        "PredictionService/Predict",
        "PredictionService/Classify",
        "PredictionService/Regress",
        "PredictionService/MultiInference",
        "PredictionService/GetModelMetadata",
        "ModelService/GetModelStatus",
    ):
        call = client.channel.unary_unary(f"/tensorflow.serving.{method}")
        for noise in (b"\xff" * 20, b"\x0a\xff\xff\xff\x0f", b"\x12\x05abc"):
            code, _ = refused(lambda call=call, noise=noise: call(noise, timeout=60))  # type: ignore[misc]
            assert code in (Code.INTERNAL, Code.INVALID_ARGUMENT)


def test_unknown_methods(client: Client) -> None:
    for method in (
        "PredictionService/Nothing",
        "NoService/Predict",
        "SessionService/SessionRun",
    ):
        call = client.channel.unary_unary(f"/tensorflow.serving.{method}")
        code, _ = refused(lambda call=call: call(b"", timeout=60))  # type: ignore[misc]
        assert code == Code.UNIMPLEMENTED
