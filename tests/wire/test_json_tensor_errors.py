"""What a predict request is refused for, and what about its envelope does not matter."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.wire.predict_bodies import inputs, instances, read, refusal, row, same
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.json_tensors import parse_predict_body


class TestStructure:
    """What is wrong with a nested list, in the words of TensorFlow Serving."""

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            (
                "[[1,2],[3]]",
                "Encountered list at unexpected size: 1 at level: 1 expected size: 2",
            ),
            (
                "[[], [1]]",
                "Encountered list at unexpected size: 1 at level: 1 expected size: 0",
            ),
            ("[1,[2]]", "Encountered list at unexpected level: 1 expected < 1"),
            (
                "[[1],2]",
                (
                    "JSON Value: 2 found at incorrect level: 2 in the JSON DOM."
                    " Expected at level: 2"
                ),
            ),
            # The same number of elements in lists of other sizes.
            (
                "[[1,2],[3],[4,5,6]]",
                "Encountered list at unexpected size: 1 at level: 1 expected size: 2",
            ),
            ("[null]", "JSON Value: null Type: Null is not of expected type: int32"),
            ("[true]", "JSON Value: true Type: True is not of expected type: int32"),
            ("[false]", "JSON Value: false Type: False is not of expected type: int32"),
            ('["a"]', 'JSON Value: "a" Type: String is not of expected type: int32'),
            ("[1.0]", "JSON Value: 1.0 Type: Number is not of expected type: int32"),
            ("[1e2]", "JSON Value: 100.0 Type: Number is not of expected type: int32"),
            ("[NaN]", "JSON Value: NaN Type: Number is not of expected type: int32"),
            (
                "[2147483648]",
                "JSON Value: 2147483648 Type: Number is not of expected type: int32",
            ),
            ("[{}]", "JSON Value: {} Type: Object is not of expected type: int32"),
        ],
    )
    def test_column(self, value: str, message: str) -> None:
        assert refusal(inputs(value), x=DataType.INT32) == message

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ("[[1,2],[3,4],[5,6,7]]", "Expecting tensor size: 2 but got: 3"),
            ("[[1,2],[3,4],[[5,6]]]", "Expecting shape [2] but got: [1,2]"),
            ("[1, [1]]", "Expecting shape [] but got: [1]"),
            (
                '[[1,2],["a", "b"]]',
                'JSON Value: "a" Type: String is not of expected type: int32',
            ),
            ("[1, null]", "JSON Value: null Type: Null is not of expected type: int32"),
        ],
    )
    def test_single_unnamed_tensor_errors(self, value: str, message: str) -> None:
        last = len(json.loads(value)) - 1
        assert refusal(instances(value), default=DataType.INT32) == (
            f"Failed to process element: {last} of 'instances' list."
            f" Error: INVALID_ARGUMENT: {message}"
        )

    @pytest.mark.parametrize("literal", ["1", "0", "null", '"true"'])
    def test_only_true_and_false_are_bool(self, literal: str) -> None:
        assert "is not of expected type: bool" in refusal(
            inputs(f"[{literal}]"), x=DataType.BOOL
        )

    @pytest.mark.parametrize("dtype", [DataType.FLOAT, DataType.INT64, DataType.UINT64])
    def test_bools_are_no_numbers(self, dtype: DataType) -> None:
        assert "Type: True" in refusal('{"inputs": [1, true]}', x=dtype)

    def test_deep_list_as_a_tensor(self) -> None:
        for depth in (33, 100_000):
            body = instances("[" * depth + "]" * depth)
            assert "at most 32 dimensions" in refusal(body, x=DataType.FLOAT)
        nested = "[" * 31 + "1" + "]" * 31
        assert row(instances(f"[{nested}]"), DataType.FLOAT).ndim == 32


class TestEnvelope:
    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ("{}", "Missing 'inputs' or 'instances' key"),
            (
                '{"instances": [1], "inputs": [1]}',
                (
                    'JSON Value: {\n    "instances": [\n        1\n    ],\n    "inputs": [\n'
                    "        1\n    ]\n} Not formatted correctly expecting only one of"
                    " 'inputs' or 'instances' keys to exist "
                ),
            ),
            (
                '{"instances": 1}',
                (
                    'JSON Value: {\n    "instances": 1\n}'
                    " Expecting 'instances' to be an list/array"
                ),
            ),
            (
                '{"instances": []}',
                "JSON Value: {\n    \"instances\": []\n} No values in 'instances' array",
            ),
        ],
    )
    def test_errors(self, body: str, message: str) -> None:
        assert refusal(body, x=DataType.INT32) == message

    def test_signature_without_inputs(self) -> None:
        for name, shown in (("", "DEFAULT"), ("sig", "sig")):
            body = parse_predict_body(json.dumps({"signature_name": name}).encode())
            with pytest.raises(InvalidArgument, match=f"signature: {shown}$"):
                body.tensors({})

    def test_order_of_checks(self) -> None:
        # The signature comes before the keys, the form of the name before both.
        body = parse_predict_body(b'{"instances": [1], "inputs": [1]}')
        assert body.signature_name == ""
        with pytest.raises(InvalidArgument, match="must be a string value"):
            parse_predict_body(b'{"signature_name": 5, "instances": [1], "inputs": [1]}')

    @pytest.mark.parametrize("name", ["5", "null", '["hello"]', "{}"])
    def test_signature_name_that_is_no_string(self, name: str) -> None:
        with pytest.raises(InvalidArgument) as caught:
            parse_predict_body(b'{"signature_name": %s}' % name.encode())
        assert caught.value.message.startswith('JSON Value: {\n    "signature_name": ')
        assert caught.value.message.endswith(
            " not formatted correctly. 'signature_name' key must be a string value."
        )

    def test_other_keys_are_ignored(self) -> None:
        body = '{"a": [1, [2]], "instances": [3], "b": {"instances": "x"}}'
        same(row(body, DataType.INT32), np.array([3], np.int32))
        deep = "[" * 100_000 + "]" * 100_000
        same(row(f'{{"a": {deep}, "instances": [3]}}', DataType.INT32), np.array([3], np.int32))

    def test_first_of_equal_keys_counts(self) -> None:
        one = np.array([1], np.int32)
        for body in (
            '{"instances": [1], "instances": "x", "signature_name": "a"}',
            '{"instances": [1], "\\u0069nstances": [2]}',
            '{"instances": [{"default": 1, "default": 2}]}',
        ):
            same(row(body, DataType.INT32), one)
        columns, _ = read('{"inputs": {"a/b": [1], "a\\/b": [2]}}', **{"a/b": DataType.INT32})
        same(columns["a/b"], one)
        text = row('{"instances": [{"b64": "YQ==", "b64": "Yg=="}]}', DataType.STRING)
        assert text.tolist() == [b"a"]

    def test_first_of_two_signature_names_counts(self) -> None:
        body = b'{"signature_name": "a", "signature_name": 1}'
        assert parse_predict_body(body).signature_name == "a"
