"""The fast ways to tensors give what the exact way gives, or leave it to that one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.example_numbers import share_of
from tests.wire.predict_bodies import specs
from tests.wire.request_documents import (
    FITTING,
    assert_agreement,
    damaged_requests,
    dtypes,
    fast,
    nested,
    replace_somewhere,
    requests,
    shapes,
    shown,
)
from tfs_notebook.wire import json_numbers, json_tensors
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.json_arrays import exact_array, regular_array
from tfs_notebook.wire.json_numbers import find_numeric_request
from tfs_notebook.wire.json_skeletons import read_list, skeleton_of
from tfs_notebook.wire.signatures import TensorSpec


@pytest.fixture(autouse=True, scope="module")
def _fast_path_for_small_documents() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_tensors, "_NUMERIC_FROM_BYTES", 0)
        patch.setattr(json_numbers, "_BYTES_PER_QUOTE", 0)
        yield


class TestTaken:
    """Documents that the fast way must take, or it would be slow unnoticed."""

    @pytest.mark.parametrize(
        "body",
        [
            b'{"instances": [[1.5, 2], [3, -4e2]]}',
            b'\xef\xbb\xbf \n{ "instances" : [ [ 1.5 , 2 ] ,\t[3, -4e2]]\r\n} \n',
            b'{"signature_name": "s\xc3\xa9", "instances": [[1.5, 2], [3, -4e2]]}',
            b'{"instances": [[1.5, 2], [3, -4e2]], "signature_name": "sig"}',
            b'{"inputs": [[1.5, 2], [3, -4e2]]}',
            b'{"inputs": {"x": [[1.5, 2], [3, -4e2]]}}',
            b'{"inputs": {"x": [[1.5, 2], [3, -4e2]]}, "signature_name" : "sig" }',
            b'{"instances": [{"x": [1.5, 2]}, {"x": [3, -4e2]}]}',
        ],
    )
    def test_forms(self, body: bytes) -> None:
        tensors = fast(body, specs(x=DataType.FLOAT))
        assert tensors is not None
        expected = np.array([[1.5, 2], [3, -400]], np.float32)
        np.testing.assert_array_equal(tensors["x"], expected)

    def test_signature_name(self) -> None:
        for body in (
            b'{"signature_name": "s\xc3\xa9", "instances": [1]}',
            b'{"instances": [1], "signature_name": "s\xc3\xa9"}',
        ):
            request = find_numeric_request(body)
            assert request is not None
            assert request.signature_name == "sé"

    def test_several_inputs(self) -> None:
        inputs = specs(a=DataType.UINT8, b1=DataType.INT64, b2=DataType.UINT64)
        rows = b'[{"a": [[1],[2]], "b1": 3, "b2": [4]}, {"a": [[5],[6]], "b1": 7, "b2": [8]}]'
        tensors = fast(b'{"instances": %b}' % rows, inputs)
        assert tensors is not None
        assert tensors["a"].tolist() == [[[1], [2]], [[5], [6]]]
        assert tensors["b1"].tolist() == [3, 7]
        assert tensors["b2"].tolist() == [[4], [8]]
        columns = b'{"a": [[1],[2]], "b1": 3, "b2": [18446744073709551615]}'
        tensors = fast(b'{"inputs": %b}' % columns, inputs)
        assert tensors is not None
        assert tensors["a"].dtype == np.uint8
        assert tensors["b1"].shape == ()
        assert tensors["b2"].tolist() == [2**64 - 1]

    def test_parsers_are_used_again(self) -> None:
        for _ in range(5):
            assert fast(b'{"instances": [1]}', specs(x=DataType.FLOAT)) is not None
        assert 1 <= len(json_numbers._IDLE_PARSERS) <= json_numbers._MOST_IDLE_PARSERS

    def test_requests_do_not_disturb_each_other(self) -> None:
        requests = [find_numeric_request(b'{"instances": [%d]}' % i) for i in range(5)]
        inputs = specs(x=DataType.INT32)
        values = [one.tensors(inputs) for one in requests if one is not None]
        assert [one["x"].tolist() for one in values if one is not None] == [
            [i] for i in range(5)
        ]

    def test_long_document(self) -> None:
        image = np.random.default_rng(0).random((2, 50, 40, 3)).astype(np.float32)
        body = json.dumps({"instances": image.tolist()}).encode()
        tensors = fast(body, specs(x=DataType.FLOAT))
        assert tensors is not None
        np.testing.assert_array_equal(tensors["x"], image)


ONE = specs(x=DataType.FLOAT)


@pytest.mark.parametrize(
    "body",
    [
        # Ragged, with and without an equal count of numbers.
        b'{"instances": [[1,2],[3],[4,5,6]]}',
        b'{"instances": [[1],[],[2,3]]}',
        b'{"instances": [[1],[]]}',
        b'{"instances": [[],[]]}',
        b'{"instances": [[],[1,2]]}',
        b'{"instances": [[[1],[2]],[[3,4]]]}',
        b'{"instances": [[[1,2]],[[3],[4]]]}',
        b'{"instances": [1,[2]]}',
        b'{"instances": [[1],2]}',
        b'{"instances": [[[1]],[2]]}',
        b'{"instances": []}',
        # No numbers.
        b'{"instances": [true]}',
        b'{"instances": [null, 1]}',
        b'{"instances": ["[1]"]}',
        b'{"instances": [NaN]}',
        b'{"instances": [Inf]}',
        b'{"instances": [1e999]}',
        b'{"instances": [123456789012345678901234567890]}',
        b'{"instances": [01]}',
        b'{"instances": [1.]}',
        # Envelopes of another form.
        b'{"instances": [1], "inputs": [2]}',
        b'{"inputs": [2], "instances": [1]}',
        b'{"instances": [1], "instances": [2]}',
        b'{"instances": [1]} trailing',
        b'{"instances": [1]}}',
        b'{"instances": [1]]}',
        b'{"instances": [1], "signature_name": "a", "signature_name": "b"}',
        b'{"signature_name": "a", "instances": [1], "signature_name": 5}',
        b'{"signature_name": 5, "instances": [1]}',
        b'{"signature_name": "a\\n", "instances": [1]}',
        b'{"signature_name": "\xff", "instances": [1]}',
        b'{"other": {"instances": [5]}, "instances": [1]}',
        b'{"instances": [1], "other": {"signature_name": "x"}}',
        b'{"inputs": {"x": [1], "signature_name": "s"}}',
        b'{"inputs": {"x": {"x": [1]}}}',
        b'{"instances": {"x": [1]}}',
        # Names.
        b'{"inputs": {"x": [1], "x": [2, 3]}}',
        b'{"inputs": {"\\u0078": [1]}}',
        b'{"inputs": {"x[": [1], "x": [2]}}',
        b'{"inputs": {"x": "1"}}',
        b'{"inputs": {"x": ""}}',
        b'{"instances": [{"x": [1]}, {"x": []}]}',
        b'{"instances": [{"x": [1]}, {"x": 1}]}',
        b'{"instances": [{"x": [1]}, {"x": [1], "x": [2]}]}',
        b'{"instances": [{"x": [1]}, {"y": [1]}]}',
        b'{"instances": [{"x": [1]}, [1]]}',
        b'{"instances": [{}]}',
        b'{"instances": [{"x": 1}, {"x": true}]}',
    ],
)
def test_unusual_documents(body: bytes) -> None:
    assert_agreement(body, ONE)


@pytest.mark.parametrize(
    "rows",
    [
        # Names that differ in digits only, in another order: shapes change places.
        b'[{"x1": [[1,2,3]], "x2": [[1],[2],[3]]}, {"x2": [[1,2,3]], "x1": [[1],[2],[3]]}]',
        b'[{"x1": 1, "x2": 2}, {"x2": 3, "x1": 4}]',
        b'[{"x1": [1], "x2": [2]}, {"x1": [3], "x1": [4]}]',
        b'[{"x1": [1], "x2": [2]}, {"x1": [3], "x3": [4]}]',
        b'[{"x1": [1], "x2": [2]}, {"x 1": [3], "x2": [4]}]',
    ],
)
def test_rows_that_look_alike(rows: bytes) -> None:
    assert_agreement(b'{"instances": %b}' % rows, specs(x1=DataType.INT32, x2=DataType.INT32))


@pytest.mark.parametrize("dtype", [one for one in DataType if one.name != "INVALID"])
@pytest.mark.parametrize("number", ["1", "1.0", "-1", "300", "4294967296", "1e39", "-0", "0.1"])
def test_numbers_for_every_dtype(dtype: DataType, number: str) -> None:
    for body in (b'{"instances": [1, %b]}', b'{"inputs": {"x": [[%b]]}}', b'{"inputs": %b}'):
        assert_agreement(body % number.encode(), specs(x=dtype))


class TestSkeleton:
    @pytest.mark.parametrize(
        ("text", "shape"),
        [
            (b"[1]", (1,)),
            (b"[1,2,3]", (3,)),
            (b"[[1,2,3],[4,5,6]]", (2, 3)),
            (b"[[[1],[2]]]", (1, 2, 1)),
            (b"[[[1,2]],[[3,4]],[[5,6]]]", (3, 1, 2)),
        ],
    )
    def test_regular(self, text: bytes, shape: tuple[int, ...]) -> None:
        skeleton = skeleton_of(text)
        assert read_list(skeleton, 0) == (shape, len(skeleton))
        assert read_list(b'{"a":' + skeleton + b"}", 5) == (shape, len(skeleton) + 5)

    @pytest.mark.parametrize(
        "text", [b"[[1,2],[3]]", b"[[1],2]", b"[1,[2]]", b"[[[1]],[[2],[3]]]", b'["a"]']
    )
    def test_irregular(self, text: bytes) -> None:
        assert read_list(skeleton_of(text), 0) is None


@given(requests())
@settings(max_examples=share_of(400), deadline=None)
def test_all_ways_agree_on_documents(request: tuple[bytes, dict[str, TensorSpec]]) -> None:
    assert_agreement(*request)


@given(damaged_requests())
@settings(max_examples=share_of(500), deadline=None)
def test_all_ways_agree_on_damaged_documents(
    request: tuple[bytes, dict[str, TensorSpec]],
) -> None:
    assert_agreement(*request)


@given(st.data())
@settings(max_examples=share_of(200), deadline=None)
def test_regular_and_exact_conversion_agree(data: st.DataObject) -> None:
    dtype = data.draw(dtypes)
    root = {"value": data.draw(nested(data.draw(shapes), FITTING[dtype]))}
    if data.draw(st.booleans()):
        replace_somewhere(data.draw, root)
    quick = regular_array(root["value"], dtype)
    if quick is not None:
        assert shown({"x": quick}) == shown({"x": exact_array(root["value"], dtype)})
