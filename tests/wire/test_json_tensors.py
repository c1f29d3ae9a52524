"""The predict request of the REST API, against TensorFlow Serving's own cases."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from tests.wire.predict_bodies import Array, inputs, instances, read, refusal, row, same, specs
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import Unimplemented
from tfs_notebook.wire.json_tensors import RequestFormat, parse_predict_body
from tfs_notebook.wire.signatures import TensorSpec


class TestRowsOfOneInput:
    def test_single_unnamed_tensor(self) -> None:
        array = row('{"instances": [[1,2],[3,4],[5,6]]}', DataType.INT32)
        same(array, np.array([[1, 2], [3, 4], [5, 6]], np.int32))

    def test_single_unnamed_tensor_with_signature(self) -> None:
        body = parse_predict_body(b'{"signature_name": "predict_images", "instances": [[1,2]]}')
        assert body.signature_name == "predict_images"
        tensors, _ = body.tensors(specs(default=DataType.INT32))
        same(tensors["default"], np.array([[1, 2]], np.int32))

    def test_without_a_signature_name(self) -> None:
        assert parse_predict_body(b'{"instances": [1]}').signature_name == ""

    def test_mixed_input_for_float_tensor(self) -> None:
        array = row('{"instances": [1, 2.0, 3, 4, 5.003, 0.007, 0.0]}', DataType.FLOAT)
        same(array, np.array([1, 2, 3, 4, 5.003, 0.007, 0], np.float32))

    def test_mixed_input_for_double_tensor(self) -> None:
        array = row('{"instances": [1.0, 2, 3, 4, 0.662, 0, 0.0]}', DataType.DOUBLE)
        same(array, np.array([1, 2, 3, 4, 0.662, 0, 0], np.float64))

    def test_float_tensor_with_precision_loss(self) -> None:
        same(row('{"instances": [16777217]}', DataType.FLOAT), np.array([16777216], np.float32))
        exact = row('{"instances": [9007199254740993]}', DataType.DOUBLE)
        same(exact, np.array([9007199254740992.0]))

    def test_float_tensor_that_exceeds_max_returns_inf(self) -> None:
        body = '{"instances": [1.7976931348623157e308, -1e39, 1]}'
        same(row(body, DataType.FLOAT), np.array([np.inf, -np.inf, 1], np.float32))

    def test_double_that_exceeds_max_returns_inf(self) -> None:
        body = instances(f"[1e999, -1e999, {'9' * 400}]")
        same(row(body, DataType.DOUBLE), np.array([np.inf, -np.inf, np.inf]))

    def test_float_tensor_that_exceeds_min_returns_zero(self) -> None:
        same(row('{"instances": [1e-60]}', DataType.FLOAT), np.array([0], np.float32))
        same(row('{"instances": [1e-999]}', DataType.DOUBLE), np.array([0.0]))

    def test_integer_of_too_many_digits_for_int(self) -> None:
        body = instances("[" + "9" * 5000 + "]")
        same(row(body, DataType.DOUBLE), np.array([np.inf]))

    @pytest.mark.parametrize(
        ("literal", "value"),
        [
            ("NaN", math.nan),
            ("-NaN", math.nan),
            ("Inf", math.inf),
            ("-Inf", -math.inf),
            ("Infinity", math.inf),
            ("-Infinity", -math.inf),
        ],
    )
    def test_non_finite_literals(self, literal: str, value: float) -> None:
        for dtype, form in ((DataType.FLOAT, np.float32), (DataType.DOUBLE, np.float64)):
            array = row(instances(f"[1.5, {literal}]"), dtype)
            same(array, np.array([1.5, value], form))

    def test_short_infinity_inside_a_string_is_text(self) -> None:
        body = '{"a": NaN, "b": Inf, "instances": ["Inf", "Infinity", "say \\"Inf\\" "]}'
        assert row(body, DataType.STRING).tolist() == [b"Inf", b"Infinity", b'say "Inf" ']

    def test_minus_zero(self) -> None:
        array = row('{"instances": [-0.0, -0]}', DataType.DOUBLE)
        assert np.signbit(array).tolist() == [True, False]

    def test_bool(self) -> None:
        same(row('{"instances": [true, false]}', DataType.BOOL), np.array([True, False]))

    @pytest.mark.parametrize(
        ("dtype", "form"),
        [
            (DataType.INT8, np.int8),
            (DataType.UINT8, np.uint8),
            (DataType.INT16, np.int16),
            (DataType.INT32, np.int32),
            (DataType.UINT32, np.uint32),
            (DataType.INT64, np.int64),
            (DataType.UINT64, np.uint64),
        ],
    )
    def test_integers_at_the_ends_of_their_range(
        self, dtype: DataType, form: type[np.integer[Any]]
    ) -> None:
        low, high = int(np.iinfo(form).min), int(np.iinfo(form).max)
        # Twice: small documents and long ones are read by different parsers.
        for times in (1, 100):
            values = [low, high, 0] * times
            same(row(json.dumps({"instances": values}), dtype), np.array(values, form))
            for wrong in (low - 1, high + 1):
                message = refusal(json.dumps({"instances": [*values, wrong]}), default=dtype)
                assert f"is not of expected type: {dtype.name.lower()}" in message

    def test_reference_dtype(self) -> None:
        tensors, _ = parse_predict_body(b'{"instances": [1, 2]}').tensors(
            {"x": TensorSpec("x", DataType.FLOAT + 100, None)}
        )
        same(tensors["x"], np.array([1, 2], np.float32))

    def test_empty_lists_give_a_zero_dimension(self) -> None:
        same(row('{"instances": [[], []]}', DataType.FLOAT), np.empty((2, 0), np.float32))
        same(row('{"instances": [[[]]]}', DataType.STRING), np.empty((1, 1, 0), object))
        half = row('{"instances": [[]]}', DataType.HALF)
        same(half, np.empty((1, 0), np.float16))
        same(
            row('{"instances": [[]]}', DataType.BFLOAT16), np.empty((1, 0), ml_dtypes.bfloat16)
        )

    def test_signature_shape_is_not_checked(self) -> None:
        spec = {"x": TensorSpec("x", DataType.FLOAT, (-1, 7))}
        tensors, _ = parse_predict_body(b'{"instances": [1.0]}').tensors(spec)
        assert tensors["x"].shape == (1,)

    @pytest.mark.parametrize(
        "body", [bytearray(b'{"instances": [1]}'), memoryview(b'{"instances": [1]}')]
    )
    def test_body_from_a_buffer(self, body: bytearray | memoryview) -> None:
        tensors, _ = parse_predict_body(body).tensors(specs(x=DataType.INT64))
        same(tensors["x"], np.array([1]))

    def test_arrays_can_be_written(self) -> None:
        for size in (3, 3000):
            array = row(json.dumps({"instances": [1.0] * size}), DataType.DOUBLE)
            array[0] = 2
            assert array[0] == 2

    def test_tensors_can_be_asked_for_twice(self) -> None:
        body = parse_predict_body(json.dumps({"instances": [1.0] * 3000}).encode())
        first, _ = body.tensors(specs(x=DataType.FLOAT))
        second, _ = body.tensors(specs(x=DataType.DOUBLE))
        assert first["x"].dtype == np.float32
        assert second["x"].dtype == np.float64


class TestStrings:
    def test_plain(self) -> None:
        array = row(
            '{"instances": [["a", "b\\u00e9\\n"], ["", "\\ud83d\\ude00"]]}', DataType.STRING
        )
        assert array.dtype == object
        assert array.tolist() == [[b"a", "bé\n".encode()], [b"", "😀".encode()]]

    def test_single_unnamed_tensor_base64_scalars(self) -> None:
        body = '{"instances": [{"b64": "aGVsbG8="}, {"b64": "d29ybGQ="}]}'
        assert row(body, DataType.STRING).tolist() == [b"hello", b"world"]

    def test_single_unnamed_tensor_base64_lists(self) -> None:
        body = '{"instances": [[{"b64": "aGVsbG8="}], [{"b64": "d29ybGQ="}]]}'
        assert row(body, DataType.STRING).tolist() == [[b"hello"], [b"world"]]

    def test_single_named_tensor_base64(self) -> None:
        body = '{"instances": [{"default": [[{"b64": "aGVsbG8="}], [{"b64": "d29ybGQ="}]]}]}'
        array = row(body, DataType.STRING)
        assert array.shape == (1, 2, 1)
        assert array.tolist() == [[[b"hello"], [b"world"]]]

    def test_text_and_base64_together(self) -> None:
        array = row('{"instances": ["a", {"b64": "aGVsbG8="}]}', DataType.STRING)
        assert array.tolist() == [b"a", b"hello"]

    def test_large_base64(self) -> None:
        data = np.random.default_rng(0).bytes(100_000)
        body = json.dumps({"instances": [{"b64": base64.b64encode(data).decode()}]})
        assert row(body, DataType.STRING).tolist() == [data]

    @pytest.mark.parametrize("text", ["aGVsbG8", "aGVs bG8=", "aGVs\\nbG8"])
    def test_base64_with_blanks_or_without_padding(self, text: str) -> None:
        array = row(instances('[{"b64": "' + text + '"}]'), DataType.STRING)
        assert array.tolist() == [b"hello"]

    @pytest.mark.parametrize("text", ["a", "a_b-", "aGVsbG8=aGVsbG8=", "=", "é", "aGVsbG8=="])
    def test_base64_that_is_none(self, text: str) -> None:
        message = refusal(instances('[{"b64": "' + text + '"}]'), default=DataType.STRING)
        assert message.endswith("Error: INVALID_ARGUMENT: Unable to base64 decode")

    @pytest.mark.parametrize("value", ['{"b64": 1}', '{"b64": "YQ==", "c": 1}', "{}"])
    def test_base64_object_of_another_form(self, value: str) -> None:
        message = refusal(inputs(f"[{value}]"), default=DataType.STRING)
        assert message.endswith(" not formatted correctly for base64 data")

    def test_invalid_utf8_passes_as_it_is(self) -> None:
        array = row(
            b'{"instances": ["a\xff\xfe", "\xed\xa0\x80\\n", "caf\xc3\xa9"]}', DataType.STRING
        )
        assert array.tolist() == [b"a\xff\xfe", b"\xed\xa0\x80\n", "café".encode()]

    def test_numbers_are_no_strings_and_strings_no_numbers(self) -> None:
        assert "Value: 1 Type: Number is not of expected type: string" in refusal(
            '{"inputs": 1}', default=DataType.STRING
        )
        assert 'Value: "1" Type: String is not of expected type: float' in refusal(
            '{"inputs": "1"}', default=DataType.FLOAT
        )


class TestNamedRows:
    BODY = """{"instances": [
        {"int_tensor": [[1,2],[3,4],[5,6]], "str_tensor": ["foo", "bar"],
         "float_tensor": [1.0, NaN], "dbl_tensor": [NaN]},
        {"int_tensor": [[7,8],[9,0],[1,2]], "str_tensor": ["baz", "bat"],
         "float_tensor": [2.0, Infinity], "dbl_tensor": [2.0]}]}"""

    def test_multiple_named_tensor(self) -> None:
        tensors, layout = read(
            self.BODY,
            int_tensor=DataType.INT32,
            str_tensor=DataType.STRING,
            float_tensor=DataType.FLOAT,
            dbl_tensor=DataType.DOUBLE,
        )
        assert layout is RequestFormat.ROW
        same(
            tensors["int_tensor"],
            np.array([[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 0], [1, 2]]], np.int32),
        )
        assert tensors["str_tensor"].tolist() == [[b"foo", b"bar"], [b"baz", b"bat"]]
        same(tensors["float_tensor"], np.array([[1, np.nan], [2, np.inf]], np.float32))
        same(tensors["dbl_tensor"], np.array([[np.nan], [2.0]]))

    def test_scalars_by_name(self) -> None:
        tensors, _ = read('{"instances": [{"x": 1}, {"x": 2}]}', x=DataType.INT64)
        same(tensors["x"], np.array([1, 2]))

    def test_keys_in_any_order(self) -> None:
        body = '{"instances": [{"x": 1, "y": "a"}, {"y": "b", "x": 2}]}'
        tensors, _ = read(body, x=DataType.INT64, y=DataType.STRING)
        same(tensors["x"], np.array([1, 2]))
        assert tensors["y"].tolist() == [b"a", b"b"]

    def test_unknown_key(self) -> None:
        assert refusal('{"instances": [{"x": 1}, {"x": 1, "k": 2}]}', x=DataType.FLOAT) == (
            "Failed to process element: 1 key: k of 'instances' list."
            " Error: INVALID_ARGUMENT: JSON object: does not have named input: k"
        )

    def test_missing_key(self) -> None:
        body = '{"instances": [{"b": 1}]}'
        assert refusal(body, b=DataType.FLOAT, a=DataType.FLOAT) == (
            "Failed to process element: 0 of 'instances' list. JSON object:"
            ' {\n    "b": 1\n} keys must be equal to: a,b'
        )

    def test_element_error_names_the_key(self) -> None:
        assert refusal('{"instances": [{"x": "a"}]}', x=DataType.INT32) == (
            "Failed to process element: 0 key: x of 'instances' list. Error: INVALID_ARGUMENT:"
            ' JSON Value: "a" Type: String is not of expected type: int32'
        )

    def test_different_shapes_across_rows(self) -> None:
        body = """{"instances": [
            {"int_tensor": [[1,2],[3,4],[5,6]], "str_tensor": ["foo", "bar"]},
            {"int_tensor": [[[7,8],[9,0],[1,2]]], "str_tensor": ["baz", "bat"]}]}"""
        message = refusal(body, int_tensor=DataType.INT32, str_tensor=DataType.STRING)
        assert message.endswith("Expecting shape [3,2] but got: [1,3,2]")

    def test_different_sizes_across_rows(self) -> None:
        body = """{"instances": [
            {"int_tensor": [[1,2],[3,4],[5,6],[7,8]], "str_tensor": ["foo", "bar"]},
            {"int_tensor": [[7,8],[9,0],[1,2]], "str_tensor": ["baz", "bat"]}]}"""
        message = refusal(body, int_tensor=DataType.INT32, str_tensor=DataType.STRING)
        assert message.endswith("Expecting tensor size: 8 but got: 6")

    def test_list_among_objects(self) -> None:
        body = '{"instances": [{"a": 1, "b": "x"}, [1, 20, 30], {"a": 2, "b": "y"}]}'
        assert refusal(body, a=DataType.INT32, b=DataType.STRING) == (
            "Expecting object but got list at item 1 of input list"
        )

    def test_object_among_lists(self) -> None:
        body = '{"instances": [["baz", "bar"], {"str_tensor": ["baz", "bat"]}]}'
        assert refusal(body, str_tensor=DataType.STRING) == (
            "Expecting value/list but got object at item 1 of input list"
        )

    @pytest.mark.parametrize("first", ["[1]", "1", '{"b64": "YQ=="}'])
    def test_plain_list_for_several_inputs(self, first: str) -> None:
        assert refusal(instances(f"[{first}]"), a=DataType.INT32, b=DataType.INT32) == (
            "instances is a plain list, but expecting list of objects as multiple"
            " input tensors required as per tensorinfo_map"
        )

    def test_an_input_called_b64(self) -> None:
        # A lone {"b64": string} is always the encoded value itself.
        tensors, _ = read('{"instances": [{"b64": "aGVsbG8="}]}', b64=DataType.STRING)
        assert tensors["b64"].tolist() == [b"hello"]
        tensors, _ = read('{"instances": [{"b64": ["aGVsbG8="]}]}', b64=DataType.STRING)
        assert tensors["b64"].tolist() == [[b"aGVsbG8="]]


class TestColumns:
    def test_single_unnamed_tensor_columnar_format(self) -> None:
        expected = np.array([[[1, 2], [3, 4], [5, 6]]], np.int32)
        for body in (
            '{"inputs": {"int_tensor": [[[1,2],[3,4],[5,6]]]}}',
            '{"inputs": [[[1,2],[3,4],[5,6]]]}',
        ):
            tensors, layout = read(body, int_tensor=DataType.INT32)
            assert layout is RequestFormat.COLUMN
            same(tensors["int_tensor"], expected)

    def test_multiple_named_tensor_columnar_format(self) -> None:
        body = """{"inputs": {"int_tensor": [[[1,2],[3,4],[5,6]]],
            "str_tensor": ["foo", "bar"], "bin_tensor": {"b64": "aGVsbG8="}}}"""
        tensors, layout = read(
            body,
            int_tensor=DataType.INT32,
            str_tensor=DataType.STRING,
            bin_tensor=DataType.STRING,
        )
        assert layout is RequestFormat.COLUMN
        same(tensors["int_tensor"], np.array([[[1, 2], [3, 4], [5, 6]]], np.int32))
        assert tensors["str_tensor"].tolist() == [b"foo", b"bar"]
        assert tensors["bin_tensor"].shape == ()
        assert tensors["bin_tensor"].item() == b"hello"

    @pytest.mark.parametrize(
        ("literal", "dtype", "value"),
        [
            ("1.5", DataType.FLOAT, np.array(1.5, np.float32)),
            ("7", DataType.INT8, np.array(7, np.int8)),
            ("true", DataType.BOOL, np.array(True)),
            ("[]", DataType.INT64, np.empty(0, np.int64)),
        ],
    )
    def test_scalars_and_empty_lists(self, literal: str, dtype: DataType, value: Array) -> None:
        for body in (literal, f'{{"x": {literal}}}'):
            same(read(inputs(body), x=dtype)[0]["x"], value)

    def test_missing_input(self) -> None:
        assert refusal('{"inputs": {"a": 1}}', a=DataType.INT32, x=DataType.INT32) == (
            "Missing named input: x in 'inputs' object."
        )

    def test_extra_keys_are_ignored(self) -> None:
        tensors, _ = read('{"inputs": {"a": 1, "other": [[1], 2]}}', a=DataType.INT32)
        assert list(tensors) == ["a"]

    @pytest.mark.parametrize("value", ["1", "[1]", '{"b64": "YQ=="}'])
    def test_plain_value_for_several_inputs(self, value: str) -> None:
        assert refusal(inputs(value), a=DataType.INT32, b=DataType.INT32) == (
            "inputs is a plain value/list, but expecting an object as multiple"
            " input tensors required as per tensorinfo_map"
        )

    @pytest.mark.parametrize("dtype", [DataType.HALF, DataType.UINT16, DataType.COMPLEX64])
    def test_type_without_json_form(self, dtype: DataType) -> None:
        with pytest.raises(Unimplemented) as caught:
            read('{"inputs": [1]}', x=dtype)
        name = dtype.name.lower()
        assert caught.value.message == f"Conversion of JSON Value: 1 to type: {name}"
        # In the row format an element's error is wrapped, whatever its code.
        assert refusal('{"instances": [1]}', x=dtype) == (
            "Failed to process element: 0 of 'instances' list. Error: UNIMPLEMENTED:"
            f" Conversion of JSON Value: 1 to type: {name}"
        )

    def test_type_without_arrays(self) -> None:
        with pytest.raises(Unimplemented):
            read('{"inputs": []}', x=DataType.RESOURCE)
