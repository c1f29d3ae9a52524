"""The elements of a tensor: JSON scalars to NumPy values, in bulk or one by one."""

from __future__ import annotations

import base64
import binascii
from array import array
from collections.abc import Sequence
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

__all__ = ["Array", "checked_element", "flat_array", "packed_array"]

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


def flat_array(values: Sequence[Any], dtype: int) -> Array | None:
    """Convert scalars and base64 objects in bulk.

    Args:
        values: elements as the parser gave them.
        dtype: a number of ``tensorflow.DataType``.

    Returns:
        A one-dimensional array, or None if any element needs a closer look.

    Raises:
        Unimplemented: there are no elements, and the type has no arrays at all.
    """
    if not values:
        return _empty_array(dtype)
    dtype = base_type(dtype)
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


def packed_array(elements: Sequence[Any], dtype: int) -> Array:
    """A one-dimensional array of what :func:`checked_element` gave.

    Raises:
        Unimplemented: there are no elements, and the type has no arrays at all.
    """
    base = base_type(dtype)
    if not elements:
        return _empty_array(dtype)
    if base in _FLOATS:
        return _numbers(elements, _FLOATS[base])
    if base in _INTEGERS:
        return _numbers(elements, _INTEGERS[base])
    if base == DataType.STRING:
        return _object_array(elements)
    return np.array(elements, np.bool_)


def _empty_array(dtype: int) -> Array:
    numpy_dtype = numpy_type(dtype)
    if numpy_dtype is None:
        raise Unimplemented(f"Conversion of JSON Value: [] to type: {type_name(dtype)}")
    return np.empty(0, numpy_dtype)


def checked_element(value: JsonValue, dtype: int) -> float | int | bool | bytes:
    """One element, which is no list, in the Python type that the dtype calls for.

    A number beyond the range of a floating type becomes an infinity.

    Raises:
        InvalidArgument: the value is of another type, out of range, or not base64.
        Unimplemented: the type has no JSON form.
    """
    dtype = base_type(dtype)
    if dtype == DataType.STRING:
        if isinstance(value, dict):
            return _base64_element(value)
        if isinstance(value, str):
            return value.encode("utf-8", "surrogateescape")
    elif isinstance(value, dict):
        pass
    elif dtype in _FLOATS:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return as_double(value)
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


def _base64_element(value: dict[str, JsonValue]) -> bytes:
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
        if _is_padded(text):
            return base64.b64decode(text, validate=True)
    except ValueError:
        pass
    bare = "".join(text.split())
    if "=" not in bare:
        bare += "=" * (-len(bare) % 4)
    if not _is_padded(bare):
        raise binascii.Error("the padding is wrong")
    try:
        return base64.b64decode(bare, validate=True)
    except ValueError as error:
        raise binascii.Error(str(error)) from None


def _is_padded(text: str) -> bool:
    # Python 3.10 takes any number of padding characters, from one on.
    return len(text) % 4 == 0 and len(text) - len(text.rstrip("=")) <= 2
