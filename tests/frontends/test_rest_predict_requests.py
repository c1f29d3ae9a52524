"""What a request for a prediction has to be, and what it may be besides."""

from __future__ import annotations

import httpx
import pytest

from tests.frontends.rest_requests import error_of, predict


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("", "JSON Parse error: The document is empty"),
        ("   ", "JSON Parse error: The document is empty"),
        ("{", "JSON Parse error: "),
        ("hello", "JSON Parse error: Invalid value. at offset: "),
        ("[1, 2]", "Is not object"),
        ("3", "Is not object"),
        ('{"signature_name": 3, "inputs": 1}', "'signature_name' key must be a string value."),
        ("{}", "Missing 'inputs' or 'instances' key"),
        (
            '{"inputs": 1, "instances": [1]}',
            "Not formatted correctly expecting only one of 'inputs' or 'instances' keys",
        ),
        ('{"instances": 1}', "Expecting 'instances' to be an list/array"),
        ('{"instances": {"x": 1}}', "Expecting 'instances' to be an list/array"),
        ('{"instances": [{"z": 1.0}]}', "JSON object: does not have named input: z"),
        ('{"instances": [1.0, {"x": 1.0}]}', "Expecting value/list but got object at item 1"),
        ('{"instances": [{"x": 1.0}, 1.0]}', "Expecting object but got list at item 1"),
        ('{"instances": [null]}', "Type: Null is not of expected type: float"),
        ('{"instances": ["1"]}', "Type: String is not of expected type: float"),
        ('{"instances": [true]}', "Type: True is not of expected type: float"),
        ('{"inputs": {"z": 1.0}}', "Missing named input: x in 'inputs' object."),
    ],
)
def test_requests_that_are_wrong(http: httpx.Client, body: str, text: str) -> None:
    assert text in error_of(http, "half_plus_two", body)


def test_element_errors_say_which_element(http: httpx.Client) -> None:
    text = error_of(http, "half_plus_two", {"instances": [1.0, "a"]})
    assert text.startswith(
        "Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: "
    )
    text = error_of(http, "half_plus_two", {"instances": [{"x": 1.0}, {"x": "a"}]})
    assert text.startswith(
        "Failed to process element: 1 key: x of 'instances' list. Error: INVALID_ARGUMENT: "
    )


@pytest.mark.parametrize(
    "body",
    [
        {"instances": [[1.0, 2.0], [3.0]]},
        # Three and three elements, but not one shape.
        {"instances": [[[1.0], [2.0, 3.0]], [[1.0, 2.0], [3.0]]]},
        {"instances": [[1.0, [2.0]], [[1.0], 2.0]]},
        {"instances": [1.0, [2.0]]},
        {"instances": [[1.0], 2.0]},
        {"inputs": [[1.0, 2.0], [3.0]]},
        {"inputs": [[1.0, 2.0, 3.0], [4.0], [5.0, 6.0]]},
        {"inputs": [[[1.0, 2.0]], [[3.0], [4.0]]]},
        {"inputs": [1.0, [2.0]]},
        {"inputs": {"x": [[1.0], 2.0]}},
    ],
)
def test_ragged_lists(http: httpx.Client, body: object) -> None:
    text = error_of(http, "half_plus_two", body)
    assert any(
        word in text
        for word in ("unexpected size", "unexpected level", "incorrect level", "Expecting")
    )


def test_integers_are_integers(http: httpx.Client) -> None:
    for name in ("int8", "int32", "int64", "uint8", "uint64"):
        body = f'{{"signature_name": "{name}", "inputs": [1.0]}}'
        assert f"is not of expected type: {name}" in error_of(http, "identities", body)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("int8", 128), ("uint8", 256), ("uint8", -1), ("int16", 40_000), ("int32", 2**31),
        ("int64", 2**63), ("uint64", 2**64), ("uint64", -1), ("uint32", 2**32),
    ],
)  # fmt: skip
def test_integers_out_of_range(http: httpx.Client, name: str, value: int) -> None:
    error_of(http, "identities", {"signature_name": name, "inputs": [value]})


def test_booleans_are_booleans(http: httpx.Client) -> None:
    body = {"signature_name": "bool", "inputs": [True, False]}
    assert predict(http, "identities", body) == {"outputs": [True, False]}
    for wrong in (1, "true", None):
        text = error_of(http, "identities", {"signature_name": "bool", "inputs": [wrong]})
        assert "is not of expected type: bool" in text


@pytest.mark.parametrize("wrong", ["!!!", "Y", "YQ=", "YQ===", "Y Q=", "YQ=="[:3] + "A="])
def test_bad_base64(http: httpx.Client, wrong: str) -> None:
    text = error_of(http, "texts", {"instances": [{"b64": wrong}]})
    assert "base64" in text


def test_unknown_signature(http: httpx.Client) -> None:
    text = error_of(http, "half_plus_two", {"signature_name": "x", "instances": [1]})
    assert text == 'Serving signature name: "x" not found in signature def'


def test_a_signature_without_inputs(http: httpx.Client) -> None:
    text = error_of(http, "several", {"signature_name": "constant", "inputs": {}})
    assert text == "Failed to get input map for signature: constant"


def test_several_inputs(http: httpx.Client) -> None:
    a, b = [[1.0, 2.0]], [[3.0], [4.0]]
    body = {"signature_name": "product", "inputs": {"a": a, "b": b, "extra": 1}}
    assert predict(http, "several", body) == {"outputs": [[11.0]]}
    for wrong, text in (
        ({"inputs": [1.0]}, "inputs is a plain value/list, but expecting an object"),
        ({"inputs": {"a": a}}, "Missing named input: b in 'inputs' object."),
        ({"instances": [1.0]}, "instances is a plain list, but expecting list of objects"),
        ({"instances": [{"a": 1.0}]}, "keys must be equal to: a,b"),
    ):
        sent = {"signature_name": "product", **wrong}
        assert text in error_of(http, "several", sent)


def test_inputs_with_defaults_are_named_all_the_same(http: httpx.Client) -> None:
    inputs = {"x": [1.0, 2.0], "scale": 3.0, "unit": "m"}
    got = predict(http, "defaults", {"inputs": inputs})
    assert got == {"outputs": {"unit": ["m", "m"], "y": [3.0, 6.0]}}
    del inputs["scale"]
    text = error_of(http, "defaults", {"inputs": inputs})
    assert text == "Missing named input: scale in 'inputs' object."


def test_wrong_shapes_are_the_runtimes_error(http: httpx.Client) -> None:
    body = {"signature_name": "product", "inputs": {"a": [[1.0, 2.0]], "b": [[1.0]]}}
    assert "Matrix size-incompatible" in error_of(http, "several", body)


def test_runtime_errors(http: httpx.Client) -> None:
    body = {"signature_name": "divide", "inputs": {"a": [1], "b": [0]}}
    assert "division by zero" in error_of(http, "several", body).lower()


def test_what_a_body_may_have_besides(http: httpx.Client) -> None:
    expected = {"predictions": [2.5]}
    for body in (
        '{"instances": [1.0]} trailing garbage',
        '\ufeff{"instances": [1.0]}',
        '{"instances": [1.0], "instances": [2.0]}',
        '{"other": {"deep": [[[{}]]]}, "instances": [1.0], "more": null}',
        '{"signature_name": "", "instances": [1.0]}',
        '{"signature_name": "serving_default", "instances": [1.0]}',
    ):
        assert predict(http, "half_plus_two", body) == expected, body


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "", "x"],
)
def test_the_content_type_is_never_looked_at(http: httpx.Client, content_type: str) -> None:
    response = http.post(
        "/v1/models/half_plus_two:predict",
        content=b'{"instances": [1.0]}',
        headers={"Content-Type": content_type},
    )
    assert response.json() == {"predictions": [2.5]}
