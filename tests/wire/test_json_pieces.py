"""Large lists cut into pieces give what lists parsed whole give."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings

from tests.example_numbers import share_of
from tests.wire.predict_bodies import specs
from tests.wire.request_documents import assert_agreement, damaged_requests, requests
from tfs_notebook.wire import json_numbers, json_pieces, json_tensors
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.json_pieces import NumberPieces
from tfs_notebook.wire.json_tensors import parse_predict_body
from tfs_notebook.wire.signatures import TensorSpec


@pytest.fixture(autouse=True, scope="module")
def _pieces_of_a_few_bytes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_tensors, "_NUMERIC_FROM_BYTES", 0)
        patch.setattr(json_numbers, "_PIECES_FROM_BYTES", 0)
        patch.setattr(json_pieces, "_PIECE_BYTES", 3)
        yield


@pytest.mark.parametrize("shape", [(40,), (10, 4), (1, 40), (2, 3, 5), (5, 1, 1, 3), (40, 1)])
@pytest.mark.parametrize("separator", [",", ", ", " ,\n "])
@pytest.mark.parametrize("dtype", [DataType.FLOAT, DataType.DOUBLE, DataType.INT32])
def test_every_cut_keeps_the_structure(
    shape: tuple[int, ...], separator: str, dtype: DataType
) -> None:
    array = np.arange(np.prod(shape)).reshape(shape)
    values = array.astype(float).tolist() if dtype != DataType.INT32 else array.tolist()
    text = json.dumps(values, separators=(separator, ":")).encode()
    tensors = NumberPieces(text).tensors(specs(x=dtype))
    assert tensors is not None
    np.testing.assert_array_equal(tensors["x"], array)
    assert tensors["x"].shape == shape


@pytest.mark.parametrize(
    "text",
    [
        b"[[1,]2,[3,4]]",
        b"[[1,2]3,[4,5]]",
        b"[[1,2],3[4,5]]",
        b"[1 2,3 4,5 6]",
        b"[[1,2],[3,4]",
        b"[[1,2],[3,4]]]",
        b"[[1,2]],[3,4]",
        b"[[1,2],[3]]",
        b"[[1,2],[3,4,5],[6]]",
        b"[[[1,2]],[[3],[4]]]",
        b"[[],[]]",
        b"[1,2,3,]",
        b"[,1,2,3]",
        b"[01,2,3]",
        b"[1,2,true]",
        b"[1,2,NaN]",
        b"[123456789012345678901234567890,2]",
    ],
)
def test_what_is_irregular_or_invalid_is_left_to_the_exact_parser(text: bytes) -> None:
    with pytest.raises((ValueError, IndexError, RuntimeError, TypeError)):
        NumberPieces(text)
    assert_agreement(b'{"instances": %b}' % text, specs(x=DataType.FLOAT))


@pytest.mark.parametrize(
    ("dtype", "text"),
    [
        (DataType.UINT8, b"[1,2,256]"),
        (DataType.INT8, b"[1,2,-129]"),
        (DataType.UINT64, b"[1,2,-1]"),
        (DataType.INT32, b"[1,2,3.0]"),
        (DataType.BOOL, b"[1,0,1]"),
    ],
)
def test_numbers_that_do_not_fit_are_left_to_the_exact_parser(
    dtype: DataType, text: bytes
) -> None:
    assert NumberPieces(text).tensors(specs(x=dtype)) is None


@given(requests())
@settings(max_examples=share_of(300), deadline=None)
def test_pieces_agree_on_documents(request: tuple[bytes, dict[str, TensorSpec]]) -> None:
    assert_agreement(*request)


@given(damaged_requests())
@settings(max_examples=share_of(500), deadline=None)
def test_pieces_agree_on_damaged_documents(
    request: tuple[bytes, dict[str, TensorSpec]],
) -> None:
    assert_agreement(*request)


def test_a_body_of_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_numbers, "_PIECES_FROM_BYTES", 256 * 1024)
    monkeypatch.setattr(json_pieces, "_PIECE_BYTES", 128 * 1024)
    image = np.random.default_rng(0).random((3, 100, 100, 3)).astype(np.float32)
    body = json.dumps({"instances": image.astype(float).tolist()}).encode()
    tensors, _ = parse_predict_body(body).tensors(specs(x=DataType.FLOAT))
    np.testing.assert_array_equal(tensors["x"], image)
