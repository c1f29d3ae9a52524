"""Whole arrays of varints, against protobuf's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfs_notebook.wire.messages import TensorProto
from tfs_notebook.wire.varints import decode_varints, encode_varint, encode_varints

# Around every length that a varint can have.
edges = st.sampled_from(
    sorted({max(0, (1 << bits) + delta) for bits in range(64) for delta in (-1, 0, 1)})
)
unsigned = st.one_of(edges, st.integers(0, 2**64 - 1))
signed = unsigned.map(lambda value: value - 2**63)


@given(st.lists(unsigned, max_size=50))
def test_unsigned_as_protobuf_has_them(values: list[int]) -> None:
    encoded = encode_varints(np.array(values, np.uint64))
    assert encoded == packed(TensorProto(uint64_val=values))
    assert encoded == b"".join(map(encode_varint, values))
    assert decode_varints(encoded).tolist() == values


@given(st.lists(signed, max_size=50))
def test_signed_as_protobuf_has_them(values: list[int]) -> None:
    encoded = encode_varints(np.array(values, np.int64))
    assert encoded == packed(TensorProto(int64_val=values))
    assert decode_varints(encoded).view(np.int64).tolist() == values


@pytest.mark.parametrize("dtype", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"])
def test_every_integer_type(dtype: str) -> None:
    values = np.array([0, 1, 0, 1], dtype)
    if values.dtype.kind in "iu":
        limits = np.iinfo(values.dtype)
        values[:2] = limits.min, limits.max
    decoded = decode_varints(encode_varints(values))
    assert decoded.view(np.int64 if values.dtype.kind == "i" else np.uint64).tolist() == (
        values.tolist()
    )


def packed(message: TensorProto) -> bytes:
    """The bytes of the message's only field, without its tag and its length."""
    data = message.SerializeToString()
    if not data:
        return b""
    start = 1 if data[0] < 0x80 else 2
    while data[start] >= 0x80:
        start += 1
    return data[start + 1 :]


def test_none() -> None:
    assert encode_varints(np.empty(0, np.int64)) == b""
    assert decode_varints(b"").tolist() == []


@pytest.mark.parametrize("data", [b"\x80", b"\x01\xff", b"\xff" * 3])
def test_cut_off(data: bytes) -> None:
    with pytest.raises(ValueError, match="cut off"):
        decode_varints(data)


def test_too_long() -> None:
    assert decode_varints(b"\x80" * 9 + b"\x01").tolist() == [2**63]
    with pytest.raises(ValueError, match="a varint of 11 bytes"):
        decode_varints(b"\x80" * 10 + b"\x01")


def test_bits_past_the_64th_are_dropped() -> None:
    assert decode_varints(b"\xff" * 9 + b"\x7f").tolist() == [2**64 - 1]


@given(st.binary(max_size=60))
def test_any_bytes(data: bytes) -> None:
    try:
        values = decode_varints(data)
    except ValueError:
        return
    assert values.dtype == np.uint64
    assert values.size == sum(byte < 0x80 for byte in data)
