"""JSON examples: how values are typed, and the exact texts of what is refused."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.test_example_requests import example
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.json_document import load_exactly, require_object
from tfs_notebook.wire.json_examples import _load_quickly, parse_examples_body
from tfs_notebook.wire.messages import Example, Feature

INTEGERS = st.integers(-(2**63), 2**63 - 1)
DECIMALS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)


def body(value: object) -> bytes:
    return json.dumps(value).encode()


def parsed(text: object) -> list[Example]:
    raw = text if isinstance(text, bytes) else body(text)
    return [Example.FromString(one) for one in parse_examples_body(raw).examples]


def features(text: object) -> dict[str, Feature]:
    [one] = parsed({"examples": [text]} if isinstance(text, dict) else text)
    return dict(one.features.feature)


def refused(value: object) -> str:
    with pytest.raises(InvalidArgument) as caught:
        parse_examples_body(value if isinstance(value, bytes) else body(value))
    return caught.value.message


def test_an_example_of_every_kind() -> None:
    got = features(
        {
            "number": 3,
            "numbers": [1, -2, 2**63 - 1, -(2**63)],
            "truths": [True, False, 7],
            "decimal": 1.5,
            "decimals": [1.0, -0.5],
            "text": "größe",
            "texts": ["a", {"b64": b64encode(b"\xff\x00").decode()}, ""],
            "bytes": {"b64": "AAE="},
            "nothing": [],
        }
    )
    assert list(got["number"].int64_list.value) == [3]
    assert list(got["numbers"].int64_list.value) == [1, -2, 2**63 - 1, -(2**63)]
    assert list(got["truths"].int64_list.value) == [1, 0, 7]
    assert list(got["decimal"].float_list.value) == [1.5]
    assert list(got["decimals"].float_list.value) == [1.0, -0.5]
    assert list(got["text"].bytes_list.value) == ["größe".encode()]
    assert list(got["texts"].bytes_list.value) == [b"a", b"\xff\x00", b""]
    assert list(got["bytes"].bytes_list.value) == [b"\x00\x01"]
    assert got["nothing"].WhichOneof("kind") is None
    assert len(got) == 9


def test_no_context() -> None:
    got = parse_examples_body(body({"examples": [{"x": 1.0}, {"x": 2.0, "y": 3}, {}]}))
    assert got.signature_name == ""
    assert [Example.FromString(one) for one in got.examples] == [
        example(x=1.0),
        example(x=2.0, y=3),
        Example(),
    ]


def test_context_and_signature() -> None:
    got = parse_examples_body(
        body({"examples": [{"x": 1.0}, {"y": 3}], "context": {"x": 9.0}, "signature_name": "s"})
    )
    assert got.signature_name == "s"
    assert [Example.FromString(one) for one in got.examples] == [
        example(x=1.0),
        example(x=9.0, y=3),
    ]


def test_other_keys_are_ignored() -> None:
    assert parsed({"instances": 1, "examples": [{"x": 1}], "z": {"x": [{}]}}) == [example(x=1)]


def test_text_after_the_root_and_a_byte_order_mark() -> None:
    assert parsed(b'\xef\xbb\xbf {"examples": [{"x": 1}]} and so on') == [example(x=1)]


def test_numbers_that_are_not_finite() -> None:
    text = b'{"examples": [{"x": [NaN, Infinity, -Infinity, Inf, -Inf, 0.5]}]}'
    values = np.array(features(text)["x"].float_list.value)
    np.testing.assert_array_equal(values, [np.nan, np.inf, -np.inf, np.inf, -np.inf, 0.5])


def test_numbers_beyond_the_types() -> None:
    got = features({"x": [1e300, -1e300, 1e-300]})["x"].float_list.value
    assert list(got) == [np.inf, -np.inf, 0.0]
    # An integer beyond 64 bits is a double to TensorFlow Serving's parser.
    assert features({"x": [2**64, 0.5]})["x"].float_list.value[0] == 2.0**64
    assert features({"x": -(2**63) - 1})["x"].float_list.value[0] == -(2.0**63)


def test_strings_that_are_not_unicode() -> None:
    got = features(b'{"examples": [{"x": "\xfe"}]}')
    assert list(got["x"].bytes_list.value) == [b"\xfe"]
    text = refused(b'{"examples": [{"x\xff": 1}]}')
    assert text == "Feature: x\ufffd has a name that is not UTF-8"


@pytest.mark.parametrize(
    "text",
    [
        b'{"examples": [{"x": 1, "x": 2.5}]}',
        b'{"examples": [{"x": 1, "\\u0078": 2.5}]}',
        b'{"examples": [{"x": 1}], "examples": 3}',
        b'{"examples": [{"x": 1, "x": {}}]}',
        b'{"examples": [{"x": 1, "x": "a"}], "context": {"x": 3, "y": NaN, "x": 4}}',
    ],
)
def test_of_equal_keys_the_first_counts(text: bytes) -> None:
    assert features(text)["x"] == example(x=1).features.feature["x"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 1.5], "int64"),
        ([True, "a"], "int64"),
        ([1, {"b64": "AA=="}], "int64"),
        ([1.5, 1], "float"),
        ([1.5, False], "float"),
        (["a", 1], "bytes"),
        ([{"b64": "AA=="}, 1.5], "bytes"),
        (["a", 2**63], "bytes"),
    ],
)
def test_mixed_kinds(values: list[Any], kind: str) -> None:
    text = f"Unexpected element type in feature: f expecting type: {kind}"
    assert refused({"examples": [{"f": values}]}) == text
    assert refused({"context": {"f": values}, "examples": [{}]}) == text


@pytest.mark.parametrize(
    ("value", "name"),
    [(None, "Null"), ([None], "Null"), ([1, None], "Null"), ({}, "Object"), ([{}], "Object"),
     ({"b64": 1}, "Object"), ({"b64": "AA==", "x": 1}, "Object"), ([[1]], "Array"),
     ([[]], "Array")],
)  # fmt: skip
def test_elements_without_a_kind(value: object, name: str) -> None:
    text = f"Feature: f has element with unexpected JSON type: {name}"
    assert refused({"examples": [{"f": value}]}) == text


@pytest.mark.parametrize("value", [2**63, [1, 2**64 - 1]])
def test_integers_that_have_a_sign_too_few(value: object) -> None:
    assert refused({"examples": [{"f": value}]}) == (
        "Feature: f has uint64_t element. Only int64_t is supported."
    )


def test_base64_that_is_none() -> None:
    assert refused({"examples": [{"f": {"b64": "?"}}]}) == "Unable to base64 decode"


@pytest.mark.parametrize(
    ("value", "name"),
    [(1, "Number"), ("a", "String"), ([], "Array"), (None, "Null"), (True, "True"),
     (False, "False"), (1.5, "Number")],
)  # fmt: skip
def test_examples_that_are_none(value: object, name: str) -> None:
    text = f"Example must be JSON object but got JSON {name}"
    assert refused({"examples": [{}, value]}) == text
    assert refused({"examples": [{}], "context": value}) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{} When method is classify, key 'examples' is expected and was not found"),
        (
            {"examples": {}},
            "{\n    \"examples\": {}\n} Expecting 'examples' value to be an list/array",
        ),
        (
            {"examples": []},
            "{\n    \"examples\": []\n} 'examples' value is an empty array",
        ),
        ([1], "[\n    1\n] Is not object"),
        (
            {"signature_name": 5},
            '{\n    "signature_name": 5\n} not formatted correctly. '  # noqa: ISC004
            "'signature_name' key must be a string value.",
        ),
    ],
)
def test_bodies_of_another_form(value: object, text: str) -> None:
    assert refused(value) == f"JSON Value: {text}"


def test_what_is_no_json() -> None:
    assert refused(b"") == "JSON Parse error: The document is empty"
    assert refused(b'{"examples": [}').startswith("JSON Parse error: Invalid value. at offset")
    assert "Array" in refused(
        b'{"examples": [{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]}"
    )


FEATURES = st.dictionaries(
    st.one_of(st.sampled_from(["x", "b64", "examples", "context"]), TEXTS),
    st.one_of(
        INTEGERS, DECIMALS, st.booleans(), TEXTS,
        st.lists(INTEGERS), st.lists(DECIMALS), st.lists(TEXTS), st.lists(st.booleans()),
    ),
    max_size=4,
)  # fmt: skip


def as_message(values: dict[str, Any]) -> Example:
    message = Example()
    for name, value in values.items():
        feature = message.features.feature[name]
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, float):
                with np.errstate(over="ignore"):
                    feature.float_list.value.append(float(np.float32(one)))
            elif isinstance(one, int):
                feature.int64_list.value.append(int(one))
            else:
                feature.bytes_list.value.append(one.encode())
    return message


@given(st.lists(FEATURES, min_size=1, max_size=3), st.none() | FEATURES)
def test_examples_are_those_that_were_meant(
    rows: list[dict[str, Any]], context: dict[str, Any] | None
) -> None:
    request: dict[str, Any] = {"examples": rows}
    if context is not None:
        request["context"] = context
    for ascii_only in (True, False):
        text = json.dumps(request, ensure_ascii=ascii_only).encode()
        for got, sent in zip(parsed(text), rows, strict=True):
            assert got == as_message({**(context or {}), **sent})


TOKENS = st.lists(
    st.sampled_from(
        ["{", "}", "[", "]", ",", ":", '"x"', '"y"', '"b64"', '"examples"', '"context"',
         '"signature_name"', "1", "1.5", "null", "true", '"AA=="', '"\\""', "NaN", '[{"x":1}]',
         '{"b64":"AA=="}', '"x":1,', '"examples":[{', "}]"],
    ),
    max_size=12,
)  # fmt: skip


@given(TOKENS)
def test_the_quick_parser_decides_only_what_it_reads_as_the_exact_one(
    tokens: list[str],
) -> None:
    text = "{" + "".join(tokens) + "}"
    quick = _load_quickly(text.encode())
    if quick is not None:
        assert quick == require_object(load_exactly(text.encode()))
