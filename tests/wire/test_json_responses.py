"""The answers of the predict call, against TensorFlow Serving's own cases and layout."""

from __future__ import annotations

import json
import math
from typing import Any, TypeAlias

import numpy as np
import pytest

from tfs_notebook.wire.dtypes import DataType, numpy_type
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.json_responses import encode_error, encode_predictions
from tfs_notebook.wire.json_tensors import RequestFormat
from tfs_notebook.wire.signatures import TensorSpec

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
ROW, COLUMN = RequestFormat.ROW, RequestFormat.COLUMN


def texts(*values: bytes) -> Array:
    array = np.empty(len(values), object)
    array[:] = values
    return array


def specs(outputs: dict[str, Array], **dtypes: DataType) -> dict[str, TensorSpec]:
    """Specs of outputs; for dtypes not given, those of the arrays."""
    kinds = {numpy_type(one): one for one in reversed(DataType) if not one.name.startswith("Q")}
    return {
        alias: TensorSpec(alias, dtypes.get(alias, kinds[array.dtype]), None)
        for alias, array in outputs.items()
    }


def encode(layout: RequestFormat, outputs: dict[str, Array]) -> str:
    return encode_predictions(outputs, specs(outputs), layout).body.decode()


def decode(layout: RequestFormat, outputs: dict[str, Array]) -> Any:
    return json.loads(encode(layout, outputs))


def refusal(layout: RequestFormat, outputs: dict[str, Array], **dtypes: DataType) -> str:
    with pytest.raises(InvalidArgument) as caught:
        encode_predictions(outputs, specs(outputs, **dtypes), layout)
    return caught.value.message


INTS = np.array([[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 0], [1, 2]]], np.int32)


class TestOneOutput:
    def test_from_json_single_tensor(self) -> None:
        assert decode(ROW, {"int_tensor": INTS}) == {"predictions": INTS.tolist()}
        assert decode(COLUMN, {"int_tensor": INTS}) == {"outputs": INTS.tolist()}

    def test_from_json_single_scalar_tensor(self) -> None:
        array = np.arange(1, 6, dtype=np.int32)
        assert decode(ROW, {"int_tensor": array}) == {"predictions": [1, 2, 3, 4, 5]}
        assert decode(COLUMN, {"int_tensor": array}) == {"outputs": [1, 2, 3, 4, 5]}

    def test_from_json_single_bytes_tensor(self) -> None:
        array = texts(b"hello", b"world", b"tf", b"serving").reshape(2, 2)
        expected = [
            [{"b64": "aGVsbG8="}, {"b64": "d29ybGQ="}],
            [{"b64": "dGY="}, {"b64": "c2VydmluZw=="}],
        ]
        assert decode(ROW, {"str_tensor_bytes": array}) == {"predictions": expected}
        assert decode(COLUMN, {"str_tensor_bytes": array}) == {"outputs": expected}

    def test_from_json_single_float_tensor_six_digit_precision(self) -> None:
        array = np.array([[9e6, 999999, 0.5], [0.0003, 0.00003, 555557.5]], np.float32)
        text = encode(ROW, {"float_tensor": array})
        assert "[[9000000.0, 999999.0, 0.5], [0.0003, 0.00003, 555557.5]" in text

    def test_digits_that_give_the_value_back(self) -> None:
        single = np.array([1 / 3, 0.1, 16777216, -0.0], np.float32)
        assert "[0.33333334, 0.1, 16777216.0, -0.0" in encode(ROW, {"y": single})
        double = np.array([1 / 3, 0.1, 2.0**53])
        assert "[0.3333333333333333, 0.1, 9007199254740992.0" in encode(ROW, {"y": double})

    def test_from_json_single_float_tensor_non_finite(self) -> None:
        for form in (np.float32, np.float64):
            array = np.array([[np.nan, np.inf], [3, -np.inf]], form)
            assert "[[NaN, Infinity], [3.0, -Infinity]" in encode(ROW, {"float_tensor": array})
            column = decode(COLUMN, {"float_tensor": array})["outputs"]
            assert math.isnan(column[0][0])
            assert column[0][1:] + column[1] == [math.inf, 3.0, -math.inf]
            scalar = np.array(-np.inf, form)
            assert encode(COLUMN, {"y": scalar}) == '{\n    "outputs": -Infinity\n}'

    @pytest.mark.parametrize(
        "array",
        [
            np.array([-128, 127], np.int8),
            np.array([0, 255], np.uint8),
            np.array([-(2**15)], np.int16),
            np.array([2**32 - 1], np.uint32),
            np.array([-(2**63), 2**53 + 1], np.int64),
            np.array([2**64 - 1], np.uint64),
            np.array([True, False]),
        ],
    )
    def test_integers_and_bools_are_plain(self, array: Array) -> None:
        assert decode(ROW, {"y": array}) == {"predictions": array.tolist()}

    def test_column_scalars(self) -> None:
        assert decode(COLUMN, {"y": np.array(2, np.int64)}) == {"outputs": 2}
        text = np.empty((), object)
        text[()] = b"a"
        assert decode(COLUMN, {"y": text}) == {"outputs": "a"}
        assert decode(COLUMN, {"y_bytes": text}) == {"outputs": {"b64": "YQ=="}}

    def test_arrays_that_are_not_contiguous_or_swapped(self) -> None:
        array = np.arange(12, dtype=np.float32).reshape(3, 4)
        array[1, 2] = np.nan
        expected = encode(ROW, {"y": np.ascontiguousarray(array.T)})
        assert encode(ROW, {"y": array.T}) == expected
        swapped = array.T.astype(">f4")
        one = {"y": TensorSpec("y", DataType.FLOAT, None)}
        assert encode_predictions({"y": swapped}, one, ROW).body.decode() == expected
        words = texts(b"a", b"b", b"c", b"d").reshape(2, 2).T
        assert decode(ROW, {"y": words}) == {"predictions": [["a", "c"], ["b", "d"]]}


class TestSeveralOutputs:
    OUTPUTS = {  # noqa: RUF012
        "int_tensor": INTS,
        "str_tensor": texts(b"foo", b"bar", b"baz", b"bat").reshape(2, 2),
        "float_tensor": np.array([[1.0], [2.0]], np.float32),
        "double_scalar_tensor": np.array([8.0, 9.0]),
        "str_tensor_bytes": texts(b"hello", b"world", b"tf", b"serving").reshape(2, 2),
    }

    def test_from_json_multiple_named_tensors(self) -> None:
        assert decode(ROW, self.OUTPUTS) == {
            "predictions": [
                {
                    "int_tensor": [[1, 2], [3, 4], [5, 6]],
                    "str_tensor": ["foo", "bar"],
                    "float_tensor": [1.0],
                    "double_scalar_tensor": 8.0,
                    "str_tensor_bytes": [{"b64": "aGVsbG8="}, {"b64": "d29ybGQ="}],
                },
                {
                    "int_tensor": [[7, 8], [9, 0], [1, 2]],
                    "str_tensor": ["baz", "bat"],
                    "float_tensor": [2.0],
                    "double_scalar_tensor": 9.0,
                    "str_tensor_bytes": [{"b64": "dGY="}, {"b64": "c2VydmluZw=="}],
                },
            ]
        }
        column = decode(COLUMN, self.OUTPUTS)["outputs"]
        assert list(column) == list(self.OUTPUTS)
        assert column["double_scalar_tensor"] == [8.0, 9.0]
        assert column["int_tensor"] == INTS.tolist()
        assert column["str_tensor_bytes"][1][0] == {"b64": "dGY="}

    def test_column_outputs_may_differ_in_size(self) -> None:
        outputs = {"a": np.array(1.0), "b": np.array([1, 2]), "c": texts(b"x", b"y", b"z")}
        assert decode(COLUMN, outputs) == {
            "outputs": {"a": 1.0, "b": [1, 2], "c": ["x", "y", "z"]}
        }

    def test_non_finite_rows(self) -> None:
        outputs = {
            "a": np.array([[np.nan, 1], [2, -np.inf]], np.float32),
            "b": np.array([1, 2]),
        }
        rows = decode(ROW, outputs)["predictions"]
        assert math.isnan(rows[0]["a"][0])
        assert rows[1] == {"a": [2.0, -math.inf], "b": 2}

    def test_aliases_are_escaped(self) -> None:
        outputs = {'a"%b\n': np.array([1]), "é%%": np.array([2])}
        assert decode(ROW, outputs) == {"predictions": [{'a"%b\n': 1, "é%%": 2}]}
        assert decode(COLUMN, outputs) == {"outputs": {'a"%b\n': [1], "é%%": [2]}}

    def test_rows_without_content(self) -> None:
        outputs = {"a": np.empty((2, 3, 0), np.float32), "b": np.empty((2, 0), object)}
        row: dict[str, Any] = {"a": [[], [], []], "b": []}
        assert decode(ROW, outputs) == {"predictions": [row, row]}
        column = {"a": [[[], [], []]] * 2, "b": [[], []]}
        assert decode(COLUMN, outputs) == {"outputs": column}


class TestRefusals:
    def test_from_json_single_tensor_errors(self) -> None:
        for layout in (ROW, COLUMN):
            assert refusal(layout, {}) == "Cannot convert empty tensor map to JSON"
        assert refusal(ROW, {"tensor": np.array(1, np.int32)}) == (
            "Tensor name: tensor has no shape information "
        )

    @pytest.mark.parametrize(
        "dtype",
        [
            DataType.COMPLEX64,
            DataType.COMPLEX128,
            DataType.HALF,
            DataType.BFLOAT16,
            DataType.UINT16,
            DataType.QINT8,
            DataType.QUINT8,
            DataType.FLOAT8_E5M2,
        ],
    )
    def test_types_without_a_json_form(self, dtype: DataType) -> None:
        form = numpy_type(dtype)
        assert form is not None
        for layout in (ROW, COLUMN):
            message = refusal(layout, {"y": np.zeros(2, form)}, y=dtype)
            name = dtype.name.lower()
            assert message == f"Failed to write JSON value for tensor type: {name}"

    def test_from_json_multiple_named_tensors_errors(self) -> None:
        outputs = {"int_tensor": INTS, "str_tensor": texts(b"a", b"b", b"c")}
        assert refusal(ROW, outputs) == (
            "Tensor name: str_tensor has inconsistent batch size: 3 expecting: 2"
        )

    def test_from_json_multiple_zero_batch_tensors_errors(self) -> None:
        outputs = {"a": np.empty((0, 2), np.int32), "b": np.empty((1, 2), np.float32)}
        assert refusal(ROW, outputs) == (
            "Tensor name: b has inconsistent batch size: 1 expecting: 0"
        )


class TestZeroBatch:
    def test_from_json_single_zero_batch_tensor(self) -> None:
        text = encode(ROW, {"int_tensor": np.empty((0, 2), np.int32)})
        assert text == '{\n    "predictions": []\n}'

    def test_from_json_multiple_zero_batch_tensors(self) -> None:
        outputs = {"a": np.empty((0, 1, 2), object), "b": np.empty((0, 3, 4), np.float32)}
        assert decode(ROW, outputs) == {"predictions": []}
        assert decode(COLUMN, outputs) == {"outputs": {"a": [], "b": []}}


class TestInvalidUtf8:
    def test_is_replaced_and_told(self) -> None:
        outputs = {"y": texts(b"a\xffb", "é".encode())}
        for layout, key in ((ROW, "predictions"), (COLUMN, "outputs")):
            answer = encode_predictions(outputs, specs(outputs), layout)
            assert json.loads(answer.body) == {key: ["a\ufffdb", "é"]}
            assert answer.has_replaced_text

    def test_is_kept_as_base64(self) -> None:
        outputs = {"y_bytes": texts(b"a\xffb")}
        answer = encode_predictions(outputs, specs(outputs), ROW)
        assert json.loads(answer.body) == {"predictions": [{"b64": "Yf9i"}]}
        assert not answer.has_replaced_text

    def test_valid_text_is_not_told(self) -> None:
        outputs = {"y": texts(b'a"\\\n\x00', "😀".encode()), "z": np.array([1, 2])}
        answer = encode_predictions(outputs, specs(outputs), ROW)
        assert [one["y"] for one in json.loads(answer.body)["predictions"]] == [
            'a"\\\n\0',
            "😀",
        ]
        assert not answer.has_replaced_text


class TestLayout:
    """Byte for byte: RapidJSON's pretty writer as TensorFlow Serving drives it."""

    def test_row_of_scalars(self) -> None:
        assert encode(ROW, {"y": np.array([2.5, 3, 4.5], np.float32)}) == (
            '{\n    "predictions": [2.5, 3.0, 4.5\n    ]\n}'
        )

    def test_row_of_lists(self) -> None:
        assert encode(ROW, {"y": np.array([[1, 2], [3, 4]])}) == (
            '{\n    "predictions": [[1, 2], [3, 4]\n    ]\n}'
        )

    def test_row_of_strings(self) -> None:
        outputs = {"y": texts(b"a,b", b"[c]", b"  ", b"d").reshape(2, 2)}
        assert encode(ROW, outputs) == (
            '{\n    "predictions": [["a,b", "[c]"], ["  ", "d"]\n    ]\n}'
        )

    def test_row_of_base64(self) -> None:
        assert encode(ROW, {"y_bytes": texts(b"a", b"b")}) == (
            '{\n    "predictions": [{\n            "b64": "YQ=="\n        }, {\n'
            '            "b64": "Yg=="\n        }\n    ]\n}'
        )

    def test_row_of_several(self) -> None:
        outputs = {"x": np.array([[1.0], [2.0]]), "y": texts(b"a", b"b")}
        assert encode(ROW, outputs) == (
            '{\n    "predictions": [\n'
            '        {\n            "x": [1.0],\n            "y": "a"\n        },\n'
            '        {\n            "x": [2.0],\n            "y": "b"\n        }\n'
            "    ]\n}"
        )

    def test_column_of_one(self) -> None:
        assert encode(COLUMN, {"y": np.array([[1, 2]])}) == (
            '{\n    "outputs": [\n        [\n            1,\n            2\n        ]\n    ]\n}'
        )

    def test_column_of_several(self) -> None:
        outputs = {"x": np.array([1.5, np.nan]), "y": texts(b"a  b"), "z": np.array(3)}
        assert encode(COLUMN, outputs) == (
            '{\n    "outputs": {\n'
            '        "x": [\n            1.5,\n            NaN\n        ],\n'
            '        "y": [\n            "a  b"\n        ],\n        "z": 3\n    }\n}'
        )

    def test_column_of_base64(self) -> None:
        assert encode(COLUMN, {"y_bytes": texts(b"a")}) == (
            '{\n    "outputs": [\n        {\n            "b64": "YQ=="\n        }\n    ]\n}'
        )

    def test_large_answers_have_no_blanks_in_arrays(self) -> None:
        numbers = np.arange(5000, dtype=np.float32).reshape(2, 2500)
        numbers[1, 7] = np.inf
        words = texts(*[b"w,w"] * 5000).reshape(2, 2500)
        for layout in (ROW, COLUMN):
            for outputs in (
                {"y": numbers},
                {"y": words},
                {"y_bytes": words},
                {"x": numbers, "y": words, "z_bytes": words},
            ):
                text = encode(layout, outputs)
                assert "0.0,1.0" in text or "0.0" not in text
                value = next(iter(json.loads(text).values()))
                small = {alias: array[:, :3] for alias, array in outputs.items()}
                assert _first_three(value) == next(iter(decode(layout, small).values()))


def _first_three(value: Any) -> Any:
    """Cut each list of 2,500 values to its first three."""
    if isinstance(value, dict):
        return {key: _first_three(one) for key, one in value.items()}
    if isinstance(value, list):
        return value[:3] if len(value) == 2500 else [_first_three(one) for one in value]
    return value


class TestErrorBody:
    def test_status_error(self) -> None:
        assert encode_error('Bad key: "key"') == b'{\n    "error": "Bad key: \\"key\\""\n}'
        assert encode_error("Bad key: 'key'") == b'{\n    "error": "Bad key: \'key\'"\n}'

    @pytest.mark.parametrize(
        ("message", "shown"),
        [
            ("", ""),
            ("line\nline\ttab\0", "line\nline\ttab\0"),
            ("é😀", "é😀"),
            ("a\udcffb", "a\ufffdb"),
            ("\ud83d\ude00", "😀"),
            ("\ud83d", "\ufffd"),
        ],
    )
    def test_odd_characters(self, message: str, shown: str) -> None:
        assert json.loads(encode_error(message)) == {"error": shown}


class TestLargeArrays:
    """Arrays that are written in several turns read as if written in one."""

    @pytest.mark.parametrize("shape", [(70_000,), (7, 10_000), (300, 300), (1, 2, 40_000)])
    def test_turns(self, shape: tuple[int, ...]) -> None:
        array = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
        array.reshape(-1)[::9999] = np.nan
        specs = {"y": TensorSpec("y", DataType.FLOAT, None)}
        for layout in RequestFormat:
            body = encode_predictions({"y": array}, specs, layout).body
            [value] = json.loads(body).values()
            np.testing.assert_array_equal(np.array(value, np.float32), array)
