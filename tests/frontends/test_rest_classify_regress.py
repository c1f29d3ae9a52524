"""``:classify`` and ``:regress`` over REST, with and without batches."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.frontends.rest_requests import error_text, post
from tests.server_process import ServerProcess

ROWS = [{"name": "one", "x": 1.5, "count": 3}, {"name": "two", "x": -2.0, "count": 0}]
NO_EXAMPLES = (
    "JSON Value: {} When method is classify, key 'examples' is expected and was not found"
)
VALUES = {"signature_name": "values", "examples": ROWS}


@pytest.fixture(scope="module")
def either(either_server: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=either_server.url, timeout=60) as client:
        yield client


def results(http: httpx.Client, path: str, body: object) -> Any:
    response = post(http, path, body)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    answer = response.json()
    assert list(answer) == ["results"]
    return answer["results"]


def refusal(http: httpx.Client, path: str, body: object, status: int = 400) -> str:
    return error_text(post(http, path, body), status)


def test_labels_and_scores(either: httpx.Client) -> None:
    response = post(either, "examples:classify", {"examples": ROWS})
    assert response.text == (
        '{\n    "results": [[["one", 1.5], ["other", 3.0]], [["two", -2.0], ["other", 0.0]]\n'
        "    ]\n}"
    )
    names = set(response.headers)
    assert names == {"content-type", "content-length"}
    assert response.headers["content-type"] == "application/json"


def test_labels_or_scores_alone(either: httpx.Client) -> None:
    body = {"signature_name": "labels", "examples": ROWS[:1]}
    assert results(either, "examples:classify", body) == [[["one", 0.0], ["other", 0.0]]]
    body = {"signature_name": "scores", "examples": ROWS[:1]}
    assert results(either, "examples:classify", body) == [[["", 1.5], ["", 3.0]]]


@pytest.mark.parametrize("signature", ["values", "column"])
def test_values(either: httpx.Client, signature: str) -> None:
    response = post(either, "examples:regress", {**VALUES, "signature_name": signature})
    assert response.text == '{\n    "results": [1.5, -2.0]\n}'


def test_versions_and_labels(either: httpx.Client) -> None:
    body = {"signature_name": "regress_x_to_y", "examples": [{"x": 2.0}, {"x": [10.0]}]}
    for target in ("half_plus_two", "half_plus_two/versions/1", "half_plus_two/labels/stable"):
        assert results(either, f"{target}:regress", body) == [3.0, 7.0]
    body["signature_name"] = "classify_x_to_y"
    for target in ("half_plus_two", "half_plus_two/versions/1", "half_plus_two/labels/stable"):
        assert results(either, f"{target}:classify", body) == [
            [["positive", 3.0]], [["positive", 7.0]],
        ]  # fmt: skip


def test_a_context_is_part_of_every_example(either: httpx.Client) -> None:
    body = {
        "context": {"name": "shared", "count": 5, "x": 9.0},
        "examples": [{"x": 1.0}, {"name": "own"}],
    }
    assert results(either, "examples:classify", body) == [
        [["shared", 1.0], ["other", 5.0]],
        [["own", 9.0], ["other", 5.0]],
    ]


def test_every_form_of_a_value(either: httpx.Client) -> None:
    body: dict[str, Any] = {
        "examples": [
            {"name": {"b64": b64encode("größe".encode()).decode()}, "count": True},
            {"name": ["größe"], "count": [1]},
            {"x": [], "name": "größe", "count": 1},
        ]
    }
    expected = [["größe", 0.0], ["other", 1.0]]
    assert results(either, "examples:classify", body) == [expected] * 3


def test_numbers_that_are_not_finite(either: httpx.Client) -> None:
    body = (
        '{"signature_name": "values", '
        '"examples": [{"x": NaN}, {"x": Infinity}, {"x": -Inf}, {"x": 1e99}]}'
    )
    response = post(either, "examples:regress", body)
    assert response.text == '{\n    "results": [NaN, Infinity, -Infinity, Infinity]\n}'
    body = '{"signature_name": "scores", "examples": [{"x": NaN}]}'
    response = post(either, "examples:classify", body)
    assert response.text == '{\n    "results": [[["", NaN], ["", 0.0]]\n    ]\n}'


def test_labels_that_are_not_unicode(either: httpx.Client) -> None:
    body = {"signature_name": "labels", "examples": [{"name": {"b64": "/yE="}}]}
    response = post(either, "examples:classify", body)
    assert response.json() == {"results": [[["\ufffd!", 0.0], ["other", 0.0]]]}
    assert response.headers["x-invalid-utf-8"] == "replaced"


def test_many_examples_compressed(either: httpx.Client) -> None:
    rows = [{"x": number / 8, "name": "n" * (number % 50)} for number in range(1000)]
    content = gzip.compress(json.dumps({**VALUES, "examples": rows}).encode())
    response = either.post(
        "/v1/models/examples:regress", content=content, headers={"Content-Encoding": "gzip"}
    )
    assert response.json() == {"results": [number / 8 for number in range(1000)]}


@pytest.mark.parametrize("action", ["classify", "regress"])
def test_models_that_are_not_there(either: httpx.Client, action: str) -> None:
    body: dict[str, Any] = {"examples": [{}]}
    assert refusal(either, f"nobody:{action}", body, 404) == (
        "Servable not found for request: Latest(nobody)"
    )
    assert refusal(either, f"examples/versions/9:{action}", body, 404) == (
        "Servable not found for request: Specific(examples, 9)"
    )
    assert refusal(either, f"half_plus_two/labels/no:{action}", body) == (
        "Unrecognized servable version label: no"
    )
    # What is wrong with the body is said first.
    assert refusal(either, f"nobody:{action}", b"") == (
        "JSON Parse error: The document is empty"
    )


@pytest.mark.parametrize("action", ["classify", "regress"])
def test_a_signature_that_is_not_there(either: httpx.Client, action: str) -> None:
    body = {"signature_name": "x", "examples": [{}]}
    assert refusal(either, f"examples:{action}", body) == (
        "No signature was found with the name: x"
    )


@pytest.mark.parametrize("action", ["classify", "regress"])
@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "JSON Parse error: The document is empty"),
        (b"[]", "JSON Value: [] Is not object"),
        (b"{}", NO_EXAMPLES),
        ({"examples": [1]}, "Example must be JSON object but got JSON Number"),
        ({"examples": [{}], "context": []}, "Example must be JSON object but got JSON Array"),
        (
            {"examples": [{"x": None}]},
            "Feature: x has element with unexpected JSON type: Null",
        ),
        (
            {"examples": [{"x": [1, 1.5]}]},
            "Unexpected element type in feature: x expecting type: int64",
        ),
        (
            {"examples": [{"x": 2**63}]},
            "Feature: x has uint64_t element. Only int64_t is supported.",
        ),
        ({"examples": [{"x": {"b64": "!"}}]}, "Unable to base64 decode"),
    ],
)
def test_bodies_of_another_form(
    http: httpx.Client, action: str, body: object, text: str
) -> None:
    assert refusal(http, f"examples:{action}", body) == text


@pytest.mark.parametrize(
    ("path", "signature", "text"),
    [
        ("examples:classify", "three", "Expected one or two output Tensors, found 3"),
        ("examples:regress", "two_outputs", "Expected one output Tensor."),
        (
            "examples:classify",
            "scores_are_doubles",
            "Expected scores Tensor of DT_FLOAT. Got: DT_DOUBLE",
        ),
        (
            "examples:regress",
            "values_are_integers",
            "Expected output Tensor of DT_FLOAT.  Got: DT_INT64",
        ),
    ],
)
def test_signatures_that_do_not_fit(
    either: httpx.Client, path: str, signature: str, text: str
) -> None:
    assert refusal(either, path, {**VALUES, "signature_name": signature}) == text


def test_features_of_another_type(either: httpx.Client) -> None:
    """An integer is no float, as a JSON number without a point is none."""
    text = refusal(either, "examples:regress", {**VALUES, "examples": [{"x": 3}]})
    assert "Data types don't match" in text


def test_reference_model(
    start_server: Callable[..., ServerProcess], reference_models: Path
) -> None:
    server = start_server(
        "--model_name=m",
        f"--model_base_path={reference_models / 'saved_model_half_plus_two_cpu'}",
    )
    with httpx.Client(base_url=server.url, timeout=60) as http:
        body = {"signature_name": "regress_x_to_y", "examples": [{"x": 2.0}, {"x": 10.0}]}
        assert results(http, "m:regress", body) == [3.0, 7.0]
        body["signature_name"] = "classify_x_to_y"
        assert results(http, "m:classify", body) == [[["", 3.0]], [["", 7.0]]]
