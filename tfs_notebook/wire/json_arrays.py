"""Nested JSON lists to NumPy arrays: a fast way for regular ones, an exact way for the rest.

Both give the same array for the same value. The fast way gives up on anything
unusual; the exact way then either converts it or says what is wrong, with the
texts of TensorFlow Serving.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.json_elements import Array, checked_element, flat_array, packed_array
from tfs_notebook.wire.json_values import JsonValue, excerpt

__all__ = ["MAX_RANK", "RowCollector", "exact_array", "regular_array"]

MAX_RANK: Final = 32
"""Deepest nesting that becomes an array; every supported NumPy can hold it."""


def regular_array(value: JsonValue, dtype: int) -> Array | None:
    """Convert a value whose nested lists are regular and of one type.

    Args:
        value: a scalar, a base64 object, or lists of them.
        dtype: a number of ``tensorflow.DataType``.

    Returns:
        A C-contiguous array of the value's shape (strings as ``bytes`` in an
        ``object`` array), or None if :func:`exact_array` has to decide.
    """
    shape = _dense_shape(value)
    if len(shape) > MAX_RANK:
        return None
    level: Sequence[Any] = value if isinstance(value, list) else (value,)
    for size in shape[1:]:
        if set(map(type, level)) != {list} or set(map(len, level)) != {size}:
            return None
        level = list(chain.from_iterable(level))
    flat = flat_array(level, dtype)
    return None if flat is None else flat.reshape(shape)


def exact_array(value: JsonValue, dtype: int) -> Array:
    """Convert a value, or say what about it is wrong.

    Arguments and result are those of :func:`regular_array`.

    Raises:
        InvalidArgument: lists of different sizes or depths, a value of another
            type, out of range, or not base64.
        Unimplemented: the type has no JSON form.
    """
    shape = _checked_shape(value, MAX_RANK)
    leaves: list[Any] = []
    _collect(value, 0, shape, dtype, leaves)
    return packed_array(leaves, dtype).reshape(shape)


class RowCollector:
    """Gathers the rows of one input, which must all have one shape.

    For one request on one thread.
    """

    def __init__(self, dtype: int) -> None:
        self._dtype = dtype
        self._leaves: list[Any] = []
        self._shape: list[int] | None = None
        self._rows = 0

    def add(self, value: JsonValue) -> None:
        """Take the next row.

        Raises:
            InvalidArgument: as :func:`exact_array`, or the row differs in size or
                shape from the first.
            Unimplemented: the type has no JSON form.
        """
        shape = _checked_shape(value, MAX_RANK - 1)
        before = len(self._leaves)
        _collect(value, 0, shape, self._dtype, self._leaves)
        if self._shape is None:
            self._shape = shape
        size, expected = len(self._leaves) - before, _product(self._shape)
        if size != expected:
            raise InvalidArgument(f"Expecting tensor size: {expected} but got: {size}")
        if shape != self._shape:
            raise InvalidArgument(
                f"Expecting shape {_shape_text(self._shape)} but got: {_shape_text(shape)}"
            )
        self._rows += 1

    def array(self) -> Array:
        """All rows as one array of shape ``[rows, *shape of a row]``."""
        shape = (self._rows, *(self._shape or ()))
        return packed_array(self._leaves, self._dtype).reshape(shape)


def _dense_shape(value: JsonValue) -> list[int]:
    """The sizes met on the way down the first elements; no more than one too many."""
    shape: list[int] = []
    while isinstance(value, list) and len(shape) <= MAX_RANK:
        shape.append(len(value))
        if not value:
            break
        value = value[0]
    return shape


def _checked_shape(value: JsonValue, limit: int) -> list[int]:
    shape = _dense_shape(value)
    if len(shape) > limit:
        raise InvalidArgument(
            f"JSON Value: {excerpt(value)} is a list nested too deeply:"
            f" a tensor can have at most {MAX_RANK} dimensions"
        )
    return shape


def _shape_text(shape: list[int]) -> str:
    return f"[{','.join(map(str, shape))}]"


def _product(shape: Sequence[int]) -> int:
    size = 1
    for dimension in shape:
        size *= dimension
    return size


def _collect(
    value: JsonValue, level: int, shape: list[int], dtype: int, leaves: list[Any]
) -> None:
    """Append the leaves in order; the first thing out of place is the error."""
    rank = len(shape)
    if not isinstance(value, list):
        if level != rank:
            raise InvalidArgument(
                f"JSON Value: {excerpt(value)} found at incorrect level: {level + 1}"
                f" in the JSON DOM. Expected at level: {rank}"
            )
        leaves.append(checked_element(value, dtype))
        return
    if level >= rank:
        raise InvalidArgument(
            f"Encountered list at unexpected level: {level} expected < {rank}"
        )
    if len(value) != shape[level]:
        raise InvalidArgument(
            f"Encountered list at unexpected size: {len(value)} at level: {level}"
            f" expected size: {shape[level]}"
        )
    for item in value:
        _collect(item, level + 1, shape, dtype, leaves)
