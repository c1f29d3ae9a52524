"""Parsing JSON with the tolerances and the error texts of TensorFlow Serving."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.json_document import (
    SCANNER_LIMIT,
    load_exactly,
    load_quickly,
    require_object,
)
from tfs_notebook.wire.json_scanner import scan_document
from tfs_notebook.wire.json_values import JsonValue, excerpt

PADDING = b'{"pad": "%s", "a": ' % (b"x" * SCANNER_LIMIT)
"""Opens a document that is too large for the scanner."""


def refusal(body: bytes) -> str:
    with pytest.raises(InvalidArgument) as caught:
        load_exactly(body)
    return caught.value.message


ERRORS = [
    (b"   ", "The document is empty.", 3),
    (b"}", "The document is empty.", 0),
    (b"\x00", "The document is empty.", 0),
    (b"hello", "Invalid value.", 0),
    (b'{"a": }', "Invalid value.", 6),
    (b"[1,]", "Invalid value.", 3),
    (b"[", "Invalid value.", 1),
    (b"[1,", "Invalid value.", 3),
    (b'{"a":', "Invalid value.", 5),
    (b"[tru]", "Invalid value.", 4),
    (b"[nulL]", "Invalid value.", 4),
    (b"[Nan]", "Invalid value.", 3),
    (b"[Infin]", "Invalid value.", 6),
    (b"[-]", "Invalid value.", 2),
    (b"[+1]", "Invalid value.", 1),
    (b"[.5]", "Invalid value.", 1),
    (b"{a: 1}", "Missing a name for object member.", 1),
    (b'{"a": 1,}', "Missing a name for object member.", 8),
    (b"{1: 1}", "Missing a name for object member.", 1),
    (b"{", "Missing a name for object member.", 1),
    (b'{"a" 1}', "Missing a colon after a name of object member.", 5),
    (b'{"a"', "Missing a colon after a name of object member.", 4),
    (b'{"a": 1 "b": 2}', "Missing a comma or '}' after an object member.", 8),
    (b'{"a": 1', "Missing a comma or '}' after an object member.", 7),
    (b'{"a": 1]', "Missing a comma or '}' after an object member.", 7),
    (b"[1 2]", "Missing a comma or ']' after an array element.", 3),
    (b"[01]", "Missing a comma or ']' after an array element.", 2),
    (b"[1", "Missing a comma or ']' after an array element.", 2),
    (b"[1\x00]", "Missing a comma or ']' after an array element.", 2),
    (b'["abc', "Missing a closing quotation mark in string.", 5),
    (b'["a\x00b"]', "Missing a closing quotation mark in string.", 3),
    (b'["a\\qb"]', "Invalid escape character in string.", 3),
    (b'["a\nb"]', "Invalid escape character in string.", 3),
    (b'["\\u12G4"]', "Incorrect hex digit after \\u escape in string.", 2),
    (b'["\\ud800x"]', "The surrogate pair in string is invalid.", 2),
    (b'["\\ud800\\u0041"]', "The surrogate pair in string is invalid.", 2),
    (b'["a\\udc00"]', "The surrogate pair in string is invalid.", 3),
    (b"[1.]", "Miss fraction part in number.", 3),
    (b"[1e]", "Miss exponent in number.", 3),
    (b"[1e+]", "Miss exponent in number.", 4),
    (b'\xef\xbb\xbf["\xff", x]', "Invalid value.", 9),
]


class TestErrors:
    def test_empty_body(self) -> None:
        assert refusal(b"") == "JSON Parse error: The document is empty"

    @pytest.mark.parametrize(("body", "text", "offset"), ERRORS)
    def test_texts_and_offsets(self, body: bytes, text: str, offset: int) -> None:
        assert refusal(body) == f"JSON Parse error: {text} at offset: {offset}"
        assert load_quickly(body) is None

    @pytest.mark.parametrize(
        ("rest", "text", "skip"),
        [
            (b"x}", "Invalid value.", 0),
            (b"1, b}", "Missing a name for object member.", 3),
            (b'1, "b" 1}', "Missing a colon after a name of object member.", 7),
            (b'["\xc3\xa9\xff", x]}', "Invalid value.", 8),
            (b'"\\udc00"}', "The surrogate pair in string is invalid.", 1),
        ],
    )
    def test_texts_in_large_documents(self, rest: bytes, text: str, skip: int) -> None:
        offset = len(PADDING) + skip
        assert refusal(PADDING + rest) == f"JSON Parse error: {text} at offset: {offset}"

    @pytest.mark.parametrize("body", [b"[1]", b"1", b'"a"', b"null", b"NaN"])
    def test_root_that_is_no_object(self, body: bytes) -> None:
        assert load_quickly(body) is None
        with pytest.raises(InvalidArgument, match=r"^JSON Value: (?s:.*) Is not object$"):
            require_object(load_exactly(body))


class TestTolerance:
    @pytest.mark.parametrize("rest", [b"X", b"}", b" \x00\xff", b'{"a": 2}', b"]"])
    def test_text_after_the_root_is_ignored(self, rest: bytes) -> None:
        # TensorFromNonNullTerminatedBuffer
        assert load_exactly(b' {"a": [1]}' + rest) == {"a": [1]}
        assert scan_document(b' {"a": [1]}' + rest) == {"a": [1]}

    def test_byte_order_mark(self) -> None:
        assert load_exactly(b'\xef\xbb\xbf {"a": NaN}').keys() == {"a"}  # type: ignore[union-attr]
        assert scan_document(b"\xef\xbb\xbf [1]") == [1]

    def test_first_of_equal_keys_counts(self) -> None:
        body = b'{"a": 1, "b": {"c": 1, "c": 2}, "a": [2], "\\u0061": 3}'
        assert load_exactly(body) == {"a": 1, "b": {"c": 1}}
        assert scan_document(body) == {"a": 1, "b": {"c": 1}}

    def test_deeply_nested_well_formed(self) -> None:
        deep = b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b', "b": 1}'
        value = require_object(load_exactly(deep))
        assert value["b"] == 1
        assert excerpt(value).endswith("...")
        objects = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
        assert excerpt(load_exactly(objects)).startswith('{\n    "a": {')

    def test_deeply_nested_malformed(self) -> None:
        deep = b'{"a": ' + b"[" * 100_000
        assert refusal(deep) == "JSON Parse error: Invalid value. at offset: 100006"
        assert "Missing a comma or ']'" in refusal(deep + b"1}")

    def test_deeply_nested_and_large(self) -> None:
        deep = PADDING + b"[" * 500_000 + b"]" * 500_000 + b"}"
        assert "nested too deeply" in refusal(deep)

    def test_large_document_with_non_finite_literals(self) -> None:
        value = require_object(load_exactly(PADDING + b"[NaN, Inf, -Inf, -Infinity]}"))
        numbers = value["a"]
        assert isinstance(numbers, list)
        assert math.isnan(numbers[0])  # type: ignore[arg-type]
        assert numbers[1:] == [math.inf, -math.inf, -math.inf]

    def test_escaped_backslash_before_a_surrogate_is_text(self) -> None:
        assert load_exactly(b'["\\\\udc00"]') == ["\\udc00"]
        assert scan_document(b'["\\\\udc00"]') == ["\\udc00"]

    def test_every_escape(self) -> None:
        body = b'["\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20ac\\ud83d\\ude00"]'
        assert load_exactly(body) == ['"\\/\b\f\n\r\tAé€😀']
        assert scan_document(body) == ['"\\/\b\f\n\r\tAé€😀']

    def test_numbers(self) -> None:
        body = b"[0, -0, -0.0, 1.5e3, 1E-2, 18446744073709551615, 1e999, -1e999]"
        expected = [0, 0, -0.0, 1500.0, 0.01, 2**64 - 1, math.inf, -math.inf]
        for load in (load_exactly, scan_document):
            value = load(body)
            assert value == expected
            assert isinstance(value, list)
            assert [type(item) for item in value] == [type(item) for item in expected]


class TestExcerpt:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (1, "1"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1 / 3, "0.333333343"),
            (1e300, "1e+300"),
            (2**70, "1.18059162e+21"),
            ([2**70], "[\n    1.1805916207174113e+21\n]"),
            (math.nan, "NaN"),
            (-math.inf, "-Infinity"),
            (None, "null"),
            (True, "true"),
            ('a"\n', '"a\\"\\n"'),
            ("\udcff", '"\ufffd"'),
            ([], "[]"),
            ({}, "{}"),
            ({"a": [1, 2.5]}, '{\n    "a": [\n        1,\n        2.5\n    ]\n}'),
        ],
    )
    def test_values(self, value: JsonValue, text: str) -> None:
        assert excerpt(value) == text

    def test_long_values_are_cut(self) -> None:
        for value in ("é" * 1000, ["a"] * 100_000, {str(i): "x" * 9 for i in range(1000)}):
            text = excerpt(value)  # type: ignore[arg-type]
            assert text.endswith("...")
            assert 250 <= len(text.encode()) <= 259


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)


@given(json_values, st.booleans())
def test_both_parsers_read_what_the_standard_library_writes(
    value: JsonValue, ensure_ascii: bool
) -> None:
    body = json.dumps(value, ensure_ascii=ensure_ascii).encode("utf-8", "surrogatepass")
    assert repr(scan_document(body)) == repr(value)
    assert repr(load_exactly(body)) == repr(value)


BRACKETS = ["[", "]", "{", "}", ",", ":", " ", "\n"]
STRINGS = ['"a"', '"b"', '"\\u0061"', '"\\ud83d"', '"\\ude00"', '"', "\\"]
SCALARS = ["1", "-", "0.5", "1e3", "1e", "NaN", "Inf", "Infinity", "true", "nul"]
FRAGMENTS = st.sampled_from([*BRACKETS, *STRINGS, *SCALARS])


@given(st.lists(FRAGMENTS, max_size=12).map("".join))
def test_both_parsers_agree_on_any_text(text: str) -> None:
    def outcome(body: bytes) -> list[str]:
        found = []
        for load in (load_exactly, scan_document):
            try:
                found.append(repr(load(body)))
            except InvalidArgument as error:
                found.append(error.message)
        return found

    # A root that is no container is no request, and need not end where RapidJSON ends it.
    exact, scanned = outcome(b" [" + text.encode())
    assert exact == scanned
