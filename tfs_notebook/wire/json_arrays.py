"""Nested JSON lists to NumPy arrays: a fast way for regular ones, an exact way for the rest.

Both give the same array for the same value. The fast way gives up on anything
unusual; the exact way then either converts it or says what is wrong, with the
texts of TensorFlow Serving.
"""

from __future__ import annotations

import base64
import binascii
from array import array
from collections.abc import Sequence
from itertools import chain
from typing import Any, Final, TypeAlias

import numpy as np

from tfs_notebook.wire.dtypes import DataType, base_type, numpy_type, type_name
from tfs_notebook.wire.errors import InvalidArgument, Unimplemented
from tfs_notebook.wire.json_values import (
    JsonValue,
    as_double,
    excerpt,
    is_base64_object,
    json_type_name,
)

__all__ = ["MAX_RANK", "RowCollector", "exact_array", "regular_array"]

MAX_RANK: Final = 32
"""Deepest nesting that becomes an array; every supported NumPy can hold it."""

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

# The element type as array.array and as NumPy call it.
_FLOATS: Final[dict[int, tuple[str, np.dtype[Any]]]] = {
    DataType.FLOAT: ("f", np.dtype(np.float32)),
    DataType.DOUBLE: ("d", np.dtype(np.float64)),
}
_INTEGERS: Final[dict[int, tuple[str, np.dtype[Any]]]] = {
    DataType.INT8: ("b", np.dtype(np.int8)),
    DataType.UINT8: ("B", np.dtype(np.uint8)),
    DataType.INT16: ("h", np.dtype(np.int16)),
    DataType.INT32: ("i", np.dtype(np.int32)),
    DataType.UINT32: ("I", np.dtype(np.uint32)),
    DataType.INT64: ("q", np.dtype(np.int64)),
    DataType.UINT64: ("Q", np.dtype(np.uint64)),
}
_LIMITS: Final[dict[int, tuple[int, int]]] = {
    dtype: (int(np.iinfo(form).min), int(np.iinfo(form).max))
    for dtype, (_, form) in _INTEGERS.items()
}
_NUMBERS: Final = frozenset((int, float))


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
    flat = _flat_array(level, base_type(dtype)) if level else _empty_array(dtype)
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
    _collect(value, 0, shape, base_type(dtype), leaves)
    return _packed(leaves, shape, dtype)


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
        _collect(value, 0, shape, base_type(self._dtype), self._leaves)
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
        return _packed(self._leaves, [self._rows, *(self._shape or ())], self._dtype)


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


def _flat_array(values: Sequence[Any], dtype: int) -> Array | None:
    """Convert scalars in bulk; None if any of them needs a closer look."""
    types = set(map(type, values))
    try:
        if dtype in _FLOATS:
            # array.array makes infinities of what overflows a float, without the
            # warning of NumPy.
            return _numbers(values, _FLOATS[dtype]) if types <= _NUMBERS else None
        if dtype in _INTEGERS:
            return _numbers(values, _INTEGERS[dtype]) if types == {int} else None
        if dtype == DataType.STRING:
            return _strings(values, types)
    except (OverflowError, binascii.Error):
        return None
    if dtype == DataType.BOOL and types == {bool}:
        return np.array(values, np.bool_)
    return None


def _numbers(values: Sequence[Any], form: tuple[str, np.dtype[Any]]) -> Array:
    code, dtype = form
    return np.frombuffer(array(code, values), dtype)


def _strings(values: Sequence[Any], types: set[type]) -> Array | None:
    if types == {str}:
        return _object_array(_encoded(values))
    if types == {dict} and all(map(is_base64_object, values)):
        return _object_array([_decode_base64(value["b64"]) for value in values])
    return None


def _encoded(values: Sequence[str]) -> list[bytes]:
    try:
        return list(map(str.encode, values))
    except UnicodeEncodeError:
        return [value.encode("utf-8", "surrogateescape") for value in values]


def _object_array(values: Sequence[Any]) -> Array:
    # Filled, not converted: NumPy would look into the elements.
    result = np.empty(len(values), object)
    result[:] = values
    return result


def _empty_array(dtype: int) -> Array:
    numpy_dtype = numpy_type(dtype)
    if numpy_dtype is None:
        raise Unimplemented(f"Conversion of JSON Value: [] to type: {type_name(dtype)}")
    return np.empty(0, numpy_dtype)


def _packed(leaves: list[Any], shape: list[int], dtype: int) -> Array:
    """An array from leaves that :func:`_leaf` gave."""
    base = base_type(dtype)
    if not leaves:
        flat = _empty_array(dtype)
    elif base in _FLOATS or base in _INTEGERS:
        flat = _numbers(leaves, (_FLOATS | _INTEGERS)[base])
    elif base == DataType.STRING:
        flat = _object_array(leaves)
    else:
        flat = np.array(leaves, np.bool_)
    return flat.reshape(shape)


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
        leaves.append(_leaf(value, dtype))
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


def _leaf(value: JsonValue, dtype: int) -> Any:  # noqa: ANN401 -- float, int, bool or bytes
    """One checked element, as :func:`_packed` takes it."""
    if dtype == DataType.STRING:
        if isinstance(value, dict):
            return _base64_leaf(value)
        if isinstance(value, str):
            return value.encode("utf-8", "surrogateescape")
    elif isinstance(value, dict):
        pass
    elif dtype in _FLOATS:
        if type(value) in _NUMBERS:
            return as_double(value)  # type: ignore[arg-type]
    elif dtype in _INTEGERS:
        low, high = _LIMITS[dtype]
        if type(value) is int and low <= value <= high:
            return value
    elif dtype == DataType.BOOL:
        if type(value) is bool:
            return value
    else:
        raise Unimplemented(
            f"Conversion of JSON Value: {excerpt(value)} to type: {type_name(dtype)}"
        )
    raise InvalidArgument(
        f"JSON Value: {excerpt(value)} Type: {json_type_name(value)}"
        f" is not of expected type: {type_name(dtype)}"
    )


def _base64_leaf(value: dict[str, JsonValue]) -> bytes:
    if not is_base64_object(value):
        raise InvalidArgument(
            f"JSON Value: {excerpt(value)} not formatted correctly for base64 data"
        )
    try:
        return _decode_base64(str(value["b64"]))
    except binascii.Error:
        raise InvalidArgument("Unable to base64 decode") from None


def _decode_base64(text: str) -> bytes:
    """Decode the standard alphabet; blanks are skipped, padding may be left out.

    Raises:
        binascii.Error: the text is not base64.
    """
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        bare = "".join(text.split())
    if "=" not in bare:
        bare += "=" * (-len(bare) % 4)
    try:
        return base64.b64decode(bare, validate=True)
    except ValueError as error:
        raise binascii.Error(str(error)) from None
