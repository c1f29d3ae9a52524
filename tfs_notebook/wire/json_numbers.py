"""Numbers straight from JSON text to arrays, without an object for each.

``simdjson`` flattens nested lists of numbers at several hundred megabytes a
second, ragged ones too, without a word; their structure is therefore proven by
:mod:`~tfs_notebook.wire.json_skeletons`. Only documents of a simple form come
here: one value under ``instances`` or ``inputs``, at most a ``signature_name``
beside it. Whatever is unusual in form or value makes the functions here return
None, never an error: the exact parser then decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import simdjson

from tfs_notebook.wire.dtypes import DataType, base_type
from tfs_notebook.wire.json_arrays import regular_array
from tfs_notebook.wire.json_elements import Array
from tfs_notebook.wire.json_pieces import NumberPieces
from tfs_notebook.wire.json_skeletons import read_list, read_object, skeleton_of
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
_MEMBER: Final = re.compile(rb'"[ \t\r\n]*:')
_BYTES_PER_QUOTE: Final = 64
"""Documents with more quotes than one in so many bytes are not mainly numbers."""

_PIECES_FROM_BYTES: Final = 256 * 1024
"""Larger lists are parsed piece by piece, so that other threads get their turns."""

_IDLE_PARSERS: Final[list[simdjson.Parser]] = []
"""Parsers whose memory is worth keeping: getting it anew costs more than parsing."""
_MOST_IDLE_PARSERS: Final = 2
_LARGEST_KEPT: Final = 4 << 20
"""A parser that has read more bytes is let go: it keeps several times as much memory."""

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
_REFUSALS: Final = (ValueError, TypeError, KeyError, IndexError, RuntimeError)
"""What simdjson raises; the exact parser finds the right words."""


class NumericRequest:
    """A predict request whose value is mainly numbers, parsed but not yet converted.

    It has its parser to itself until it is converted. One thread at a time;
    parsing and converting hold the GIL, a large list's in turns.

    Attributes:
        signature_name: as the request has it, empty if it has none.
        is_row: whether the value is under ``instances``.
    """

    __slots__ = ("_parser", "_pieces", "_text", "_value", "is_row", "signature_name")

    def __init__(self, signature_name: str, text: bytes, *, is_row: bool) -> None:
        self.signature_name = signature_name
        self.is_row = is_row
        self._text = text
        self._pieces = _in_pieces(text)
        if self._pieces is None:
            self._parse(text)

    def _parse(self, text: bytes) -> None:
        self._parser = _take_parser(len(text))
        self._value: Any = self._parser.parse(text)

    def tensors(self, inputs: Mapping[str, TensorSpec]) -> dict[str, Array] | None:
        """The arrays by alias, or None if the exact parser has to decide. To call once."""
        if self._pieces is not None:
            return self._pieces.tensors(inputs)
        try:
            return self._convert(inputs)
        except _REFUSALS:
            return None
        finally:
            # A parser can be used again when nothing refers to what it has read.
            self._value = None
            _give_back(self._parser, len(self._text))

    def _convert(self, inputs: Mapping[str, TensorSpec]) -> dict[str, Array] | None:
        if any(base_type(spec.dtype) not in _WIRE_TYPES for spec in inputs.values()):
            return None
        skeleton = skeleton_of(self._text)
        if skeleton.startswith(b"[{"):
            return _from_rows(self._value, skeleton, inputs) if self.is_row else None
        if skeleton.startswith(b"{"):
            return _from_columns(self._value, skeleton, inputs)
        return _from_list(self._value, skeleton, inputs)


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
    if (is_row and not text.startswith(b"[")) or not _is_mainly_numbers(text):
        return None
    try:
        return NumericRequest((head[1] or tail[2] or b"").decode(), text, is_row=is_row)
    except _REFUSALS:
        return None


def _in_pieces(text: bytes) -> NumberPieces | None:
    if len(text) < _PIECES_FROM_BYTES or b'"' in text:
        return None
    try:
        return NumberPieces(text)
    except _REFUSALS:
        return None


def _is_mainly_numbers(text: bytes) -> bool:
    """A guess that saves work: few names, and no other strings."""
    quotes = text.count(b'"')
    return not quotes or (
        quotes * _BYTES_PER_QUOTE <= len(text) and 2 * len(_MEMBER.findall(text)) == quotes
    )


def _take_parser(size: int) -> simdjson.Parser:
    try:
        return _IDLE_PARSERS.pop() if size <= _LARGEST_KEPT else simdjson.Parser()
    except IndexError:
        return simdjson.Parser()


def _give_back(parser: simdjson.Parser, size: int) -> None:
    if size <= _LARGEST_KEPT and len(_IDLE_PARSERS) < _MOST_IDLE_PARSERS:
        _IDLE_PARSERS.append(parser)


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
    found = read_list(skeleton, 0)
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
    found = read_object(skeleton, 0, keys)
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
    found = read_object(skeleton, 1, keys)
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
