"""Integers on the wire that never end: refused after ten bytes, wherever they stand."""

from __future__ import annotations

import pytest

from tfs_notebook.wire.errors import Internal, InvalidArgument, ServingError
from tfs_notebook.wire.predict import parse_predict_request
from tfs_notebook.wire.tensor_reader import array_from_wire
from tfs_notebook.wire.varints import encode_varint, read_varint

# Adding each byte to one integer would take longer than a test may.
ENDLESS = b"\xff" * 4_000_000


@pytest.mark.parametrize(
    "head",
    [b"\x0a", b"\x12", b"\x1a", b"\x12\x80\x80\x20\x0a", b"\x12\x80\x80\x20\x0a\x00\x12"],
)
@pytest.mark.parametrize("end", [b"", b"\x00"])
def test_lengths_of_a_request(head: bytes, end: bytes) -> None:
    with pytest.raises(Internal, match="Failed to parse a PredictRequest"):
        parse_predict_request(head + ENDLESS + end)


@pytest.mark.parametrize("head", [b"", b"\x08", b"\x12", b"\x12\x0c\x12", b"\x2a"])
def test_integers_of_a_tensor(head: bytes) -> None:
    with pytest.raises(InvalidArgument, match="not a TensorProto"):
        array_from_wire(head + ENDLESS)


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**32, 2**63, 2**64 - 1])
def test_one_by_one(value: int) -> None:
    data = b"\x7f" + encode_varint(value) + b"\xff"
    assert read_varint(data, 1) == (value, len(data) - 1)
    assert read_varint(memoryview(data), 1) == (value, len(data) - 1)


def test_bits_past_the_64th_are_dropped() -> None:
    assert read_varint(b"\xff" * 9 + b"\x7f", 0) == (2**64 - 1, 10)
    assert read_varint(b"\x80" * 9 + b"\x02", 0) == (0, 10)


def test_longer_than_any() -> None:
    with pytest.raises(ValueError, match="longer than 10 bytes"):
        read_varint(b"\x80" * 10 + b"\x00", 0)


@pytest.mark.parametrize("data", [b"", b"\x80", b"\xff" * 9])
def test_cut_off(data: bytes) -> None:
    with pytest.raises(IndexError):
        read_varint(data, 0)


def test_a_length_in_ten_bytes_is_a_length() -> None:
    padded = b"\x1a" + b"\x81" + b"\x80" * 8 + b"\x00" + b"y"
    assert parse_predict_request(padded).output_filter == ["y"]
    with pytest.raises(ServingError):
        parse_predict_request(b"\x1a" + b"\x81" + b"\x80" * 9 + b"\x00" + b"y")
