"""Classify and Regress by TensorFlow Serving's own client, with and without batches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.frontends.example_requests import (
    ROWS,
    classification_request,
    classify,
    example,
    input_of,
    invalid,
    regress,
    regression_request,
)
from tests.frontends.official import (
    Client,
    Code,
    classification_pb2,
    refused,
    regression_pb2,
)
from tests.server_process import ServerProcess

REQUESTS: dict[str, Callable[..., Any]] = {
    "Classify": classification_request,
    "Regress": regression_request,
}
OTHER_SHAPE = (
    "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got"
)
NO_OUTPUTS = (
    'Expected classification signature outputs to contain at least one of "classes" or '
    '"scores". Signature was:'
)


def test_labels_and_scores(either: Client) -> None:
    assert classify(either) == [
        [("one", 1.5), ("other", 3.0)],
        [("two", -2.0), ("other", 0.0)],
    ]


def test_labels_alone_have_no_scores(either: Client) -> None:
    assert classify(either, "examples", "labels") == [
        [("one", 0.0), ("other", 0.0)],
        [("two", 0.0), ("other", 0.0)],
    ]


def test_scores_alone_have_no_labels(either: Client) -> None:
    assert classify(either, "examples", "scores") == [
        [("", 1.5), ("", 3.0)],
        [("", -2.0), ("", 0.0)],
    ]


def test_no_classes(either: Client) -> None:
    assert classify(either, "examples", "no_classes") == [[], []]


@pytest.mark.parametrize("signature", ["values", "column"])
def test_values(either: Client, signature: str) -> None:
    assert regress(either, "examples", signature) == [1.5, -2.0]


def test_one_example(either: Client) -> None:
    assert regress(either, "examples", "values", [{"x": 7.0}]) == [7.0]
    assert classify(either, "examples", "labels", [{}]) == [[("nobody", 0.0), ("other", 0.0)]]


def test_many_examples(either: Client) -> None:
    rows = [{"x": number / 8, "name": b"n" * (number % 300)} for number in range(1000)]
    values = [number / 8 for number in range(1000)]
    assert regress(either, "examples", "values", rows) == values
    got = classify(either, "examples", "", rows)
    assert [classes[0] for classes in got] == [
        ("n" * (number % 300), number / 8) for number in range(1000)
    ]


def test_the_signatures_of_half_plus_two(either: Client) -> None:
    rows = [{"x": 2.0}, {"x": 10.0}]
    assert regress(either, "half_plus_two", "regress_x_to_y", rows) == [3.0, 7.0]
    assert classify(either, "half_plus_two", "classify_x_to_y", rows) == [
        [("positive", 3.0)],
        [("positive", 7.0)],
    ]


def test_a_context_is_part_of_every_example(either: Client) -> None:
    rows = [{"x": 1.0}, {"x": 2.0, "name": b"own"}, {}]
    context = {"name": b"shared", "count": 5, "x": 9.0}
    assert classify(either, "examples", "", rows, context=context) == [
        [("shared", 1.0), ("other", 5.0)],
        [("own", 2.0), ("other", 5.0)],
        [("shared", 9.0), ("other", 5.0)],
    ]
    assert regress(either, "examples", "values", rows, context={})[:2] == [1.0, 2.0]


def test_equal_features_the_last_counts(either: Client) -> None:
    def serialized(x: float) -> bytes:
        message: bytes = example({"x": x}).SerializeToString()
        return message

    spec = regression_request("examples", "values", [])
    spec.ClearField("input")
    data = spec.SerializeToString()
    body = serialized(1.0) + serialized(2.0)
    for tag in (b"\x0a", b"\x0a", b"\x12"):
        body = tag + bytes([len(body)]) + body
    data += body
    call = either.channel.unary_unary(
        "/tensorflow.serving.PredictionService/Regress",
        response_deserializer=regression_pb2.RegressionResponse.FromString,
    )
    assert call(data, timeout=60).result.regressions[0].value == 2.0


def test_the_answer_names_the_model(either: Client) -> None:
    response = either.prediction.Classify(classification_request(), timeout=60)
    spec = response.model_spec
    assert (spec.name, spec.signature_name, spec.version.value) == (
        "examples", "serving_default", 1,
    )  # fmt: skip
    for options in ({"version": 1}, {"label": "stable"}, {}):
        request = regression_request("half_plus_two", "regress_x_to_y", **options)
        spec = either.prediction.Regress(request, timeout=60).model_spec
        assert (spec.name, spec.signature_name) == ("half_plus_two", "regress_x_to_y")
        assert spec.WhichOneof("version_choice") == "version"
        assert spec.version.value == 1


@pytest.mark.parametrize("method", REQUESTS)
def test_models_that_are_not_there(either: Client, method: str) -> None:
    call, request = getattr(either.prediction, method), REQUESTS[method]
    assert refused(lambda: call(request("nobody"), timeout=60)) == (
        Code.NOT_FOUND,
        "Servable not found for request: Latest(nobody)",
    )
    assert refused(lambda: call(request("examples", version=9), timeout=60)) == (
        Code.NOT_FOUND,
        "Servable not found for request: Specific(examples, 9)",
    )
    assert invalid(either, method, request("half_plus_two", label="no")) == (
        "Unrecognized servable version label: no"
    )


@pytest.mark.parametrize("method", REQUESTS)
def test_requests_without_a_model(either: Client, method: str) -> None:
    request = REQUESTS[method]("")
    assert invalid(either, method, request) == "ModelSpec has no name specified."
    request.ClearField("model_spec")
    assert invalid(either, method, request) == "Missing ModelSpec"


@pytest.mark.parametrize("method", REQUESTS)
def test_a_signature_that_is_not_there(either: Client, method: str) -> None:
    text = invalid(either, method, REQUESTS[method]("examples", "x"))
    assert text == "No signature was found with the name: x"


def test_a_default_signature_that_is_not_there(client: Client) -> None:
    """An empty name is shown as what it stands for."""
    text = invalid(client, "Classify", classification_request("string_keepers"))
    assert text == "No signature was found with the name: serving_default"


@pytest.mark.parametrize("method", REQUESTS)
def test_no_examples(either: Client, method: str) -> None:
    signature = {"Classify": "", "Regress": "values"}[method]
    request = REQUESTS[method]("examples", signature, [])
    assert invalid(either, method, request) == "Input is empty."
    request.input.CopyFrom(input_of([], {"x": 1.0}))
    assert invalid(either, method, request) == "Input is empty."
    request.input.Clear()
    assert invalid(either, method, request) == "Input is empty."
    request.ClearField("input")
    assert invalid(either, method, request) == "Input is empty."
    # What is wrong with the signature is said first.
    request.model_spec.signature_name = "two_inputs"
    assert invalid(either, method, request) == "Expected one input Tensor."


@pytest.mark.parametrize(
    ("method", "signature", "text"),
    [
        ("Classify", "two_inputs", "Expected one input Tensor."),
        ("Classify", "three", "Expected one or two output Tensors, found 3"),
        ("Classify", "no_inputs", "No classification inputs found in SignatureDef: inputs {"),
        (
            "Classify",
            "neither",
            f"{NO_OUTPUTS} inputs {{",
        ),
        ("Classify", "takes_numbers", "Expects arg[0] to be float but string is provided"),
        ("Regress", "two_inputs", "Expected one input Tensor."),
        ("Regress", "two_outputs", "Expected one output Tensor."),
        (
            "Regress",
            "regress_no_inputs",
            "No regression inputs found in SignatureDef: inputs {",
        ),
        ("Regress", "no_outputs", "No regression outputs found in SignatureDef: inputs {"),
    ],
)
def test_signatures_that_do_not_fit(
    either: Client, method: str, signature: str, text: str
) -> None:
    got = invalid(either, method, REQUESTS[method]("examples", signature))
    assert got.startswith(text)
    if text.endswith("{"):
        assert 'name: "tf_example:0"' in got
    elif "arg[0]" not in text:
        assert got == text


@pytest.mark.parametrize(
    ("signature", "text"),
    [
        ("labels_in_a_row", "Expected Tensor shape: [batch_size num_classes] but got [2]"),
        ("scores_in_a_cube", "Expected Tensor shape: [batch_size num_classes] but got [2,1,1]"),
        ("labels_are_numbers", "Expected classes Tensor of DT_STRING. Got: DT_INT64"),
        ("scores_are_doubles", "Expected scores Tensor of DT_FLOAT. Got: DT_DOUBLE"),
        (
            "more_labels",
            "Tensors class and score should match in dim_size(1). Got 2 vs. 1",
        ),
    ],
)
def test_outputs_that_are_no_classes(either: Client, signature: str, text: str) -> None:
    request = classification_request("examples", signature)
    assert invalid(either, "Classify", request) == text


@pytest.mark.parametrize(
    ("signature", "text"),
    [
        (
            "two_columns",
            f"{OTHER_SHAPE} [2,2]",
        ),
        ("values_are_integers", "Expected output Tensor of DT_FLOAT.  Got: DT_INT64"),
    ],
)
def test_outputs_that_are_no_values(either: Client, signature: str, text: str) -> None:
    assert invalid(either, "Regress", regression_request("examples", signature)) == text


@pytest.mark.parametrize(
    ("method", "signature", "text"),
    [
        ("Classify", "labels_of_one", "Expected classes output batch size of 2. Got: 1"),
        ("Classify", "scores_of_one", "Expected scores output batch size of 2. Got: 1"),
        (
            "Regress",
            "value_of_one",
            "Input batch size did not match output batch size: 2 vs. 1",
        ),
        (
            "Regress",
            "one_value",
            f"{OTHER_SHAPE} []",
        ),
    ],
)
def test_outputs_of_another_number_of_rows(
    client: Client, batching_server: ServerProcess, method: str, signature: str, text: str
) -> None:
    request = REQUESTS[method]("examples", signature)
    assert invalid(client, method, request) == text
    with Client.of(batching_server) as batched:
        # Rows cannot be given back to requests then.
        code, text = refused(lambda: getattr(batched.prediction, method)(request, timeout=60))
        assert code == Code.FAILED_PRECONDITION
        assert text.startswith("Batched output tensor")


@pytest.mark.parametrize("method", REQUESTS)
def test_examples_that_are_none(either: Client, method: str) -> None:
    signature = {"Classify": "", "Regress": "values"}[method]
    request = REQUESTS[method]("examples", signature)
    request.ClearField("input")
    # Of each of them the graph judges, for the server hands it on as it is.
    data = request.SerializeToString() + b"\x12\x07\x0a\x05\x0a\x03\xff\xff\xff"
    call = either.channel.unary_unary(f"/tensorflow.serving.PredictionService/{method}")
    code, text = refused(lambda: call(data, timeout=60))
    assert code == Code.INVALID_ARGUMENT
    assert text.startswith("Could not parse example input")


def test_features_of_another_type(either: Client) -> None:
    text = invalid(either, "Regress", regression_request("examples", "values", [{"x": 3}]))
    assert "Key: x" in text
    assert "Data types don't match" in text


def test_labels_that_are_not_unicode(either: Client) -> None:
    got = classify(either, "examples", "labels", [{"name": b"\xff!"}])
    assert got == [[("\ufffd!", 0.0), ("other", 0.0)]]


def test_unknown_fields_are_tolerated(either: Client) -> None:
    unknown = b"\xfa\x3f\x03abc" + b"\x98\x40\x07"
    call = either.channel.unary_unary(
        "/tensorflow.serving.PredictionService/Classify",
        response_deserializer=classification_pb2.ClassificationResponse.FromString,
    )
    data = unknown + classification_request().SerializeToString() + unknown
    assert len(call(data, timeout=60).result.classifications) == len(ROWS)


def test_method_names_are_not_looked_at(either: Client) -> None:
    assert regress(either, "examples", "for_predict") == [1.5, -2.0]


def test_method_names_are_looked_at_when_a_flag_says_so(
    start_server: Callable[..., ServerProcess], models: Path
) -> None:
    server = start_server(
        f"--model_base_path={models / 'examples'}",
        "--model_name=examples",
        "--enable_signature_method_name_check",
    )
    with Client.of(server) as client:
        assert regress(client, "examples", "values") == [1.5, -2.0]
        assert len(classify(client)) == 2
        assert invalid(client, "Classify", classification_request("examples", "values")) == (
            "Expected classification signature method_name to be "
            "tensorflow/serving/classify. Was: tensorflow/serving/regress"
        )
        assert invalid(client, "Regress", regression_request("examples", "for_predict")) == (
            "Expected regression signature method_name to be tensorflow/serving/regress. "
            "Was: tensorflow/serving/predict"
        )


def test_reference_model(
    start_server: Callable[..., ServerProcess], reference_models: Path
) -> None:
    server = start_server(
        "--model_name=m",
        f"--model_base_path={reference_models / 'saved_model_half_plus_two_cpu'}",
    )
    rows = [{"x": 2.0}, {"x": 10.0}]
    with Client.of(server) as client:
        assert regress(client, "m", "regress_x_to_y", rows) == [3.0, 7.0]
        # This one names a tensor of numbers as its input.
        request = regression_request("m", "regress_x2_to_y3", rows)
        text = invalid(client, "Regress", request)
        assert text.startswith("Expects arg[0] to be float but string is provided")
        assert classify(client, "m", "classify_x_to_y", rows) == [[("", 3.0)], [("", 7.0)]]
