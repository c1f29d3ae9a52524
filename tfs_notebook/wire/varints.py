"""Protobuf's variable-length integers, one or a whole NumPy array at a time.

An integer is written in groups of seven bits, lowest first; the top bit of a
byte says that another follows (https://protobuf.dev/programming-guides/encoding).
"""

from __future__ import annotations

import numpy as np

__all__ = [
    "VarintTooLongError",
    "decode_varints",
    "encode_varint",
    "encode_varints",
    "read_varint",
]

_MORE = 0x80
_LONGEST = 10
_LONGEST_BITS = 7 * _LONGEST
_WORD = (1 << 64) - 1
_SHORT = tuple(bytes((value,)) for value in range(_MORE))


class VarintTooLongError(ValueError):
    """More bytes than any integer of 64 bits takes."""


def encode_varint(value: int) -> bytes:
    """Return one non-negative integer below 2**64 as a varint."""
    if value < _MORE:
        return _SHORT[value]
    encoded = bytearray()
    while value >= _MORE:
        encoded.append(value & 0x7F | _MORE)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def encode_varints(values: np.ndarray) -> bytes:
    """Return a flat integer array as varints, one after the other.

    Negative numbers take ten bytes, as protobuf's ``int32`` and ``int64`` do.
    """
    if values.dtype.kind == "i":
        values = values.astype(np.int64, copy=False)
    numbers = values.astype(np.uint64)
    longest = -(-int(numbers.max(initial=0)).bit_length() // 7)
    if longest <= 1:
        return numbers.astype(np.uint8).tobytes()
    lengths = np.ones(numbers.size, np.intp)
    for group in range(1, longest):
        lengths += numbers >= np.uint64(1 << 7 * group)
    starts = np.cumsum(lengths) - lengths
    encoded = np.empty(int(starts[-1] + lengths[-1]), np.uint8)
    for group in range(longest):
        here = lengths > group
        bits = (numbers[here] >> np.uint64(7 * group)) & np.uint64(0x7F)
        more = (lengths[here] > group + 1).astype(np.uint64) << np.uint64(7)
        encoded[starts[here] + group] = bits | more
    return encoded.tobytes()


def read_varint(data: bytes | memoryview, position: int) -> tuple[int, int]:
    """Return the varint that begins at ``position``, and where it ends.

    Bits past the 64th are dropped, as protobuf does.

    Raises:
        IndexError: it is cut off.
        VarintTooLongError: it has more than ten bytes.
    """
    byte = data[position]
    position += 1
    if byte < _MORE:
        return byte, position
    value, shift = byte & 0x7F, 7
    while shift < _LONGEST_BITS:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < _MORE:
            return value & _WORD, position
        shift += 7
    raise VarintTooLongError(f"a varint is longer than {_LONGEST} bytes")


def decode_varints(data: bytes | memoryview) -> np.ndarray:
    """Return the varints that ``data`` consists of, as ``uint64``.

    Reinterpret as ``int64`` for signed types. Bits past the 64th are dropped,
    as protobuf does.

    Raises:
        ValueError: the last one is cut off, or one is longer than ten bytes.
    """
    raw = np.frombuffer(data, np.uint8)
    if not raw.size:
        return np.empty(0, np.uint64)
    last = raw < _MORE
    if last.all():
        return raw.astype(np.uint64)
    ends = np.flatnonzero(last)
    if not ends.size or ends[-1] != raw.size - 1:
        raise ValueError("the last varint is cut off")
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    longest = int(lengths.max())
    if longest > _LONGEST:
        raise ValueError(f"a varint of {longest} bytes; the longest has {_LONGEST}")
    numbers = (raw[starts] & 0x7F).astype(np.uint64)
    for group in range(1, longest):
        here = lengths > group
        bits = (raw[starts[here] + group] & 0x7F).astype(np.uint64)
        numbers[here] |= bits << np.uint64(7 * group)
    return numbers
