"""Numbers straight from JSON text to arrays, without an object for each.

``simdjson`` flattens nested lists of numbers at several hundred megabytes a
second, ragged ones too, without a word. So the structure is proven apart: what
is left of the text when everything that numbers and blanks consist of is
deleted (brackets, commas and names) must equal the skeleton of a regular array.
Together with the count of numbers this leaves no room: a skeleton fixes every
list's size but for "none or one", and the count tells these two apart.

Only documents of a simple form come here: one value under ``instances`` or
``inputs``, at most a ``signature_name`` beside it. Whatever is unusual in form
or value makes the functions here return None, never an error: the exact parser
then decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

import numpy as np
import simdjson

from tfs_notebook.wire.dtypes import DataType, base_type
from tfs_notebook.wire.json_arrays import MAX_RANK, Array, regular_array
from tfs_notebook.wire.signatures import TensorSpec

__all__ = ["NumericRequest", "find_numeric_request"]

_HEAD: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*\{\s*"
    rb'(?:"signature_name"\s*:\s*"([^"\\\x00-\x1f]*)"\s*,\s*)?'
    rb'"(instances|inputs)"\s*:\s*(?=[\[{])'.replace(rb"\s", rb"[ \t\r\n]")
)
_TAIL: Final = re.compile(
    rb'([\]}])\s*(?:,\s*"signature_name"\s*:\s*"([^"\\\x00-\x1f]*)"\s*)?\}\s*\Z'.replace(
        rb"\s", rb"[ \t\r\n]"
    )
)
_TAIL_WINDOW: Final = 64
_NUMBER_BYTES: Final = b"0123456789+-.eE \t\r\n"
_BYTES_PER_STRING: Final = 64
"""Documents with more strings than one in so many bytes are not mainly numbers."""

# What to ask simdjson for: doubles, signed or unsigned 64-bit integers.
_WIRE_TYPES: Final[dict[int, str]] = {
    DataType.FLOAT: "d",
    DataType.DOUBLE: "d",
    DataType.INT8: "i",
    DataType.UINT8: "i",
    DataType.INT16: "i",
    DataType.INT32: "i",
    DataType.UINT32: "i",
    DataType.INT64: "i",
    DataType.UINT64: "u",
}
_WIRE_FORMS: Final = {
    "d": np.dtype(np.float64),
    "i": np.dtype(np.int64),
    "u": np.dtype(np.uint64),
}
_NARROW: Final[dict[int, tuple[np.dtype[Any], int, int]]] = {
    dtype: (np.dtype(form), int(np.iinfo(form).min), int(np.iinfo(form).max))
    for dtype, form in (
        (DataType.INT8, np.int8),
        (DataType.UINT8, np.uint8),
        (DataType.INT16, np.int16),
        (DataType.INT32, np.int32),
        (DataType.UINT32, np.uint32),
    )
}
_FLOAT32: Final = np.dtype(np.float32)
_ITEM_SIZE: Final = 8
_OPEN_LIST: Final = ord("[")
_REFUSALS: Final = (ValueError, TypeError, KeyError, IndexError, RuntimeError)
"""What simdjson raises; the exact parser finds the right words."""

Slots: TypeAlias = "dict[str, tuple[int, ...] | None]"
"""The members of an object in order: the shape of a list, None for a scalar."""


class NumericRequest:
    """A predict request whose value is mainly numbers, parsed but not yet converted.

    It owns its parser, so requests do not disturb each other. One thread at a
    time; parsing and converting hold the GIL.

    Attributes:
        signature_name: as the request has it, empty if it has none.
        is_row: whether the value is under ``instances``.
    """

    __slots__ = ("_text", "_value", "is_row", "signature_name")

    def __init__(self, signature_name: str, is_row: bool, text: bytes) -> None:  # noqa: FBT001
        self.signature_name = signature_name
        self.is_row = is_row
        self._text = text
        self._value: Any = simdjson.Parser().parse(text)

    def tensors(self, inputs: Mapping[str, TensorSpec]) -> dict[str, Array] | None:
        """The arrays by alias, or None if the exact parser has to decide."""
        if any(base_type(spec.dtype) not in _WIRE_TYPES for spec in inputs.values()):
            return None
        skeleton = self._text.translate(None, _NUMBER_BYTES)
        try:
            if skeleton.startswith(b"[{"):
                return _from_rows(self._value, skeleton, inputs) if self.is_row else None
            if skeleton.startswith(b"{"):
                return _from_columns(self._value, skeleton, inputs)
            return _from_list(self._value, skeleton, inputs)
        except _REFUSALS:
            return None


def find_numeric_request(body: bytes) -> NumericRequest | None:
    """Recognise a document of numbers; None if it is another, or not plain JSON.

    The texts before and after the value are matched in full and the value itself
    is parsed, so a body that is accepted here is valid JSON as a whole.
    """
    head = _HEAD.match(body)
    if head is None:
        return None
    tail = _find_tail(body)
    if tail is None or (head[1] is not None and tail[2] is not None):
        return None
    text = body[head.end() : tail.end(1)]
    is_row = head[2] == b"instances"
    if (is_row and not text.startswith(b"[")) or (
        text.count(b'"') * _BYTES_PER_STRING > len(text)
    ):
        return None
    try:
        return NumericRequest((head[1] or tail[2] or b"").decode(), is_row, text)
    except _REFUSALS:
        return None


def _find_tail(body: bytes) -> re.Match[bytes] | None:
    name_at = body.rfind(b'"signature_name"', max(0, len(body) - 4 * _TAIL_WINDOW))
    if name_at < 0:
        return _TAIL.search(body, max(0, len(body) - _TAIL_WINDOW))
    return _TAIL.search(body, max(0, name_at - _TAIL_WINDOW))


def _from_list(
    value: Any,  # noqa: ANN401
    skeleton: bytes,
    inputs: Mapping[str, TensorSpec],
) -> dict[str, Array] | None:
    found = _read_list(skeleton, 0)
    if found is None or found[1] != len(skeleton) or len(inputs) != 1:
        return None
    [(alias, spec)] = inputs.items()
    dtype = base_type(spec.dtype)
    numbers = value.as_buffer(of_type=_WIRE_TYPES[dtype])
    array = _shaped(numbers, found[0], dtype)
    return None if array is None else {alias: array}


def _from_columns(
    value: Any,  # noqa: ANN401
    skeleton: bytes,
    inputs: Mapping[str, TensorSpec],
) -> dict[str, Array] | None:
    keys = list(value.keys())
    found = _read_object(skeleton, 0, keys)
    if found is None or found[1] != len(skeleton) or inputs.keys() != found[0].keys():
        return None
    arrays: dict[str, Array] = {}
    for alias, shape in found[0].items():
        dtype = base_type(inputs[alias].dtype)
        if shape is None:
            array = regular_array(value[alias], dtype)
        else:
            numbers = value[alias].as_buffer(of_type=_WIRE_TYPES[dtype])
            array = _shaped(numbers, shape, dtype)
        if array is None:
            return None
        arrays[alias] = array
    return arrays


def _from_rows(
    value: Any,  # noqa: ANN401
    skeleton: bytes,
    inputs: Mapping[str, TensorSpec],
) -> dict[str, Array] | None:
    """Rows that are objects with the same members, in the same order and shapes."""
    rows = list(value)
    keys = list(rows[0].keys())
    found = _read_object(skeleton, 1, keys)
    if found is None or inputs.keys() != found[0].keys():
        return None
    row = skeleton[1 : found[1]]
    if skeleton != b"[" + b",".join([row] * len(rows)) + b"]":
        return None
    # Names that differ in digits only have one skeleton.
    if any(list(other.keys()) != keys for other in rows):
        return None
    arrays: dict[str, Array] = {}
    for alias, shape in found[0].items():
        array = _gather([other[alias] for other in rows], shape, inputs[alias].dtype)
        if array is None:
            return None
        arrays[alias] = array
    return arrays


def _gather(values: list[Any], shape: tuple[int, ...] | None, dtype: int) -> Array | None:
    dtype = base_type(dtype)
    if shape is None:
        return regular_array(values, dtype)
    parts = [bytes(value.as_buffer(of_type=_WIRE_TYPES[dtype])) for value in values]
    if set(map(len, parts)) != {_byte_count(shape)}:
        return None
    return _shaped(bytearray().join(parts), (len(parts), *shape), dtype)


def _shaped(numbers: Any, shape: tuple[int, ...], dtype: int) -> Array | None:  # noqa: ANN401
    """Numbers in one of the wire forms to an array of the dtype; None if some do not fit."""
    wire = np.frombuffer(numbers, _WIRE_FORMS[_WIRE_TYPES[dtype]])
    if wire.nbytes != _byte_count(shape):
        return None
    if dtype == DataType.FLOAT:
        with np.errstate(over="ignore"):
            wire = wire.astype(_FLOAT32)
    elif dtype in _NARROW:
        form, low, high = _NARROW[dtype]
        if wire.min() < low or wire.max() > high:
            return None
        wire = wire.astype(form)
    return wire.reshape(shape)


def _byte_count(shape: tuple[int, ...]) -> int:
    size = _ITEM_SIZE
    for dimension in shape:
        size *= dimension
    return size


def _read_object(skeleton: bytes, at: int, keys: list[str]) -> tuple[Slots, int] | None:
    """Follow an object with these keys through the skeleton; its slots and its end."""
    if len(set(keys)) != len(keys):
        return None
    slots: Slots = {}
    for separator, key in zip(_separators(), keys):
        label = separator + b'"' + key.encode().translate(None, _NUMBER_BYTES) + b'":'
        if not skeleton.startswith(label, at) or b"\\" in label:
            return None
        at += len(label)
        slots[key] = None
        if skeleton[at] == _OPEN_LIST:
            found = _read_list(skeleton, at)
            if found is None:
                return None
            slots[key], at = found
    return (slots, at + 1) if skeleton.startswith(b"}", at) else None


def _separators() -> Iterator[bytes]:
    yield b"{"
    while True:
        yield b","


def _read_list(skeleton: bytes, at: int) -> tuple[tuple[int, ...], int] | None:
    """The shape of the list that begins here, if it is regular, and where it ends.

    Sizes are read off the first list of each level; the skeleton that follows
    from them is then compared. A list of none is taken for a list of one.
    """
    rank = 1
    while skeleton[at + rank] == _OPEN_LIST:
        rank += 1
    if rank >= MAX_RANK:
        return None
    end = skeleton.index(b"]", at)
    expected = skeleton[at + rank - 1 : end + 1]
    sizes = [len(expected) - 1]
    if expected.count(b",") != sizes[0] - 1:
        return None
    for level in range(1, rank):
        end = skeleton.index(b"]" * (level + 1), end)
        length = end + level + 1 - (at + rank - 1 - level)
        size, rest = divmod(length - 1, len(expected) + 1)
        if rest:
            return None
        sizes.append(size)
        expected = b"[" + b",".join([expected] * size) + b"]"
    if not skeleton.startswith(expected, at):
        return None
    return tuple(reversed(sizes)), at + len(expected)
