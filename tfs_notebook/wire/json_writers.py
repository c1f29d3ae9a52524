"""Writes the values of one tensor as JSON: on one line, row by row, or a line each."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from binascii import b2a_base64
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final, TypeAlias

import numpy as np
import orjson

from tfs_notebook.wire.dtypes import DataType, base_type, type_name
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["Array", "StringWriter", "ValueWriter", "indent", "value_writer"]

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

_PRETTY_VALUES: Final = 4096
# orjson keeps the other threads waiting until it is done: about a millisecond of this many.
_TURN_VALUES: Final = 16384
_BYTES_SUFFIX: Final = "_bytes"
_FLOATS: Final = frozenset((DataType.FLOAT, DataType.DOUBLE))
_NUMBERS: Final = _FLOATS | {
    DataType.INT8,
    DataType.UINT8,
    DataType.INT16,
    DataType.INT32,
    DataType.UINT32,
    DataType.INT64,
    DataType.UINT64,
    DataType.BOOL,
}
_COMPACT: Final = orjson.OPT_SERIALIZE_NUMPY
_INDENTED: Final = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2


def indent(depth: int) -> bytes:
    """The blanks in front of what has so many brackets open around it."""
    return b"    " * depth


class ValueWriter(ABC):
    """Writes one tensor. Belongs to one thread.

    Args:
        array: of the NumPy type of its dtype; strings are ``bytes`` in an ``object`` array.
        depth: how many brackets are open around it.

    Attributes:
        has_replaced_text: whether a string was not UTF-8, and had bytes replaced.
    """

    def __init__(self, array: Array, depth: int) -> None:
        self._array = array
        self._depth = depth
        self._is_pretty = array.size <= _PRETTY_VALUES
        self.has_replaced_text = False

    @abstractmethod
    def joined_rows(self) -> bytes:
        """All rows, as they stand between the brackets of a list."""

    @abstractmethod
    def rows(self) -> Sequence[bytes]:
        """One text for each row, each on one line."""

    @abstractmethod
    def value(self) -> bytes:
        """The whole value, each element on a line of its own."""


class NumberWriter(ValueWriter):
    """Numbers and booleans; with ``is_float`` some may be no finite ones."""

    def __init__(self, array: Array, depth: int, *, is_float: bool) -> None:
        super().__init__(array, depth)
        self._is_float = is_float

    def joined_rows(self) -> bytes:
        text = self._text(_COMPACT)[1:-1]
        return text.replace(b",", b", ") if self._is_pretty else text

    def rows(self) -> Sequence[bytes]:
        array = self._array
        if array.size == 0:
            return [orjson.dumps(array[0].tolist())] * array.shape[0]
        # Between rows all inner lists close and open again, and nowhere else do so many.
        inner = array.ndim - 1
        opening, closing = b"[" * inner, b"]" * inner
        text = self._text(_COMPACT)[1 + inner : -1 - inner]
        if not inner:
            return text.split(b",")
        parts = text.split(closing + b"," + opening)
        if self._is_pretty:
            parts = [part.replace(b",", b", ") for part in parts]
        return [opening + part + closing for part in parts]

    def value(self) -> bytes:
        if not self._array.ndim or not self._is_pretty:
            return self._text(_COMPACT)
        # Numbers hold no blanks: all of these are indentation.
        text = self._text(_INDENTED).replace(b"  ", b"    ")
        return text.replace(b"\n", b"\n" + indent(self._depth))

    def _text(self, option: int) -> bytes:
        array = self._array
        if not array.ndim:
            return self._dumped(array.reshape(1), _COMPACT)[1:-1]
        if array.size == 0:
            return orjson.dumps(array.tolist(), option=option)
        return (
            self._in_turns(array) if array.size > _TURN_VALUES else self._dumped(array, option)
        )

    def _in_turns(self, array: Array) -> bytes:
        """The compact text of a large array, a call for each part of it."""
        per_row = array.size // len(array)
        if per_row > _TURN_VALUES:
            return b"[" + b",".join(map(self._in_turns, array)) + b"]"
        step = _TURN_VALUES // per_row
        parts = (array[start : start + step] for start in range(0, len(array), step))
        return b"[" + b",".join(self._dumped(part, _COMPACT)[1:-1] for part in parts) + b"]"

    def _dumped(self, array: Array, option: int) -> bytes:
        try:
            text = orjson.dumps(array, option=option)
        except orjson.JSONEncodeError:
            # Not contiguous, or of the other byte order.
            array = np.ascontiguousarray(array, array.dtype.newbyteorder("="))
            text = orjson.dumps(array, option=option)
        if self._is_float and b"null" in text:
            return _with_words(text, array)
        return text


class StringWriter(ValueWriter):
    """Text, or with ``is_base64`` bytes as ``{"b64": "…"}``."""

    def __init__(self, array: Array, depth: int, *, is_base64: bool) -> None:
        super().__init__(array, depth)
        self._is_base64 = is_base64

    def joined_rows(self) -> bytes:
        """See :class:`ValueWriter`."""
        if self._is_pretty:
            return b", ".join(self.rows())
        return orjson.dumps(self._nested())[1:-1]

    def rows(self) -> Sequence[bytes]:
        """See :class:`ValueWriter`."""
        if not self._is_pretty or not self._array.size:
            return list(map(orjson.dumps, self._nested()))
        shape = self._array.shape
        texts = self._texts(self._depth + len(shape) - 1)
        for size in reversed(shape[1:]):
            texts = [_on_one_line(part) for part in _parts(texts, size)]
        return texts

    def value(self) -> bytes:
        """See :class:`ValueWriter`."""
        if not self._is_pretty or not self._array.size:
            return orjson.dumps(self._nested())
        shape = self._array.shape
        texts = self._texts(self._depth + len(shape))
        for level in range(len(shape) - 1, -1, -1):
            depth = self._depth + level
            texts = [_on_own_lines(part, depth) for part in _parts(texts, shape[level])]
        return texts[0]

    def _texts(self, depth: int) -> list[bytes]:
        """Each element as JSON; a base64 object has its member on a line of its own."""
        if not self._is_base64:
            return list(map(orjson.dumps, self._strings()))
        before = b'{\n%b"b64": "' % indent(depth + 1)
        after = b'"\n%b}' % indent(depth)
        return [before + text.encode() + after for text in self._strings()]

    def _nested(self) -> Any:  # noqa: ANN401 -- a value, or nested lists of them
        strings = self._strings()
        values = np.empty(len(strings), object)
        values[:] = [{"b64": text} for text in strings] if self._is_base64 else strings
        return values.reshape(self._array.shape).tolist()

    def _strings(self) -> list[str]:
        values: list[bytes] = self._array.reshape(-1).tolist()
        if self._is_base64:
            return [b2a_base64(value, newline=False).decode() for value in values]
        try:
            return list(map(bytes.decode, values))
        except UnicodeDecodeError:
            self.has_replaced_text = True
            return [value.decode("utf-8", "replace") for value in values]


def value_writer(alias: str, array: Array, dtype: int, depth: int) -> ValueWriter:
    """What writes a tensor of a type.

    Args:
        alias: says whether strings are bytes.
        array: see :class:`ValueWriter`.
        dtype: its ``DataType``.
        depth: see :class:`ValueWriter`.

    Raises:
        InvalidArgument: the type has no JSON form.
    """
    base = base_type(dtype)
    if base in _NUMBERS:
        return NumberWriter(array, depth, is_float=base in _FLOATS)
    if base == DataType.STRING:
        return StringWriter(array, depth, is_base64=alias.endswith(_BYTES_SUFFIX))
    raise InvalidArgument(f"Failed to write JSON value for tensor type: {type_name(dtype)}")


def _with_words(text: bytes, array: Array) -> bytes:
    """Put back the words for which orjson wrote ``null``, in order."""
    flat = array.reshape(-1)
    words = [
        b"NaN" if math.isnan(value) else b"Infinity" if value > 0 else b"-Infinity"
        for value in flat[~np.isfinite(flat)].tolist()
    ]
    pieces = text.split(b"null")
    return b"".join(chain.from_iterable(zip(pieces, [*words, b""], strict=True)))


def _parts(texts: list[bytes], size: int) -> Iterator[list[bytes]]:
    return (texts[start : start + size] for start in range(0, len(texts), size))


def _on_one_line(texts: list[bytes]) -> bytes:
    return b"[" + b", ".join(texts) + b"]"


def _on_own_lines(texts: list[bytes], depth: int) -> bytes:
    separator = b"\n" + indent(depth + 1)
    return b"[" + separator + (b"," + separator).join(texts) + b"\n" + indent(depth) + b"]"
