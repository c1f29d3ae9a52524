"""``TensorProto`` → NumPy, without a Python object an element for numbers.

Packed lists and ``tensor_content`` are read from the wire as they lie there.
Anything unusual (unpacked or interleaved lists, strings, fields this module
does not know) goes through the message class, which knows all of protobuf.

The rules are those of ``tensor.proto`` and of TensorFlow's C++ reader: a list
shorter than the tensor repeats its last value, an empty one means zeros (or
empty strings), what a list holds too much is ignored, and ``tensor_content``
must have exactly the tensor's size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from google.protobuf.message import DecodeError

from tfs_notebook.wire.dtypes import numpy_type, type_name
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import TensorProto
from tfs_notebook.wire.tensor_fields import (
    CONTENT,
    FLOAT8,
    STRING,
    VARINT_FIELDS,
    field_of,
)
from tfs_notebook.wire.varints import VarintTooLongError, decode_varints, read_varint

__all__ = [
    "MOST_REPEATED_BYTES",
    "RepeatBudget",
    "array_from_message",
    "array_from_wire",
    "lies_as_sent",
]

_MOST_ELEMENTS: Final = 2**48
_MOST_DIMENSIONS: Final[int] = getattr(np, "MAXDIMS", 64)
# A few bytes on the wire can ask for any size through the repeated last value.
MOST_REPEATED_BYTES: Final = 256 << 20
# What a string takes on its way into a tensor, besides its own bytes, which are there twice.
_STRING_BYTES: Final = 64

_FIXED: Final = {5: np.float32, 6: np.float64, 9: np.float32, 12: np.float64}

_LIST_NAMES: Final = {
    5: "float_val", 6: "double_val", 7: "int_val", 9: "scomplex_val", 10: "int64_val",
    11: "bool_val", 12: "dcomplex_val", 13: "half_val", 16: "uint32_val", 17: "uint64_val",
}  # fmt: skip


class _UnusualError(Exception):
    """The wire holds something only the message class can read."""


class RepeatBudget:
    """How many bytes the tensors of one request may have that were not sent.

    It holds for all of them together: a request may have any number of inputs.
    """

    # The class's own, so that the many requests that repeat nothing set nothing.
    left: int = MOST_REPEATED_BYTES


def array_from_wire(
    data: bytes | memoryview, budget: RepeatBudget | None = None
) -> tuple[np.ndarray, int]:
    """Decode one serialised ``TensorProto``.

    Args:
        data: exactly the message. The array may lie in its memory, so it is
            read-only and keeps ``data`` alive.
        budget: for the repeated last value; without one the tensor has its own.

    Returns:
        the array (strings as object arrays of ``bytes``) and its ``DataType``.
        One value for a whole shape is a view of that one, with strides of 0.

    Raises:
        InvalidArgument: not a tensor, or one with a bad shape, type or size, or
            one that the budget does not suffice for.
    """
    try:
        dtype, shape, field, payload = _read_fields(data)
        values = None if payload is None else _values_on_wire(dtype, field, payload)
        if field == CONTENT and payload is not None:
            return _shaped_content(payload, dtype, shape, budget), dtype
        return _shaped_list(values, dtype, shape, budget), dtype
    except (_UnusualError, IndexError, VarintTooLongError):
        try:
            message = TensorProto.FromString(bytes(data))
        except DecodeError as error:
            raise InvalidArgument(f"not a TensorProto: {error}") from None
        return array_from_message(message, budget), message.dtype


def lies_as_sent(data: bytes | memoryview) -> bool:
    """Whether :func:`array_from_wire` gives a view, without a look at the elements.

    That takes microseconds, whatever the size of the tensor.
    """
    try:
        dtype, shape, field, payload = _read_fields(data)
        target = numpy_type(dtype)
        if target is None or target.hasobject or target.kind == "b" or payload is None:
            return False
        as_sent = field == CONTENT or (field in _FIXED and field == field_of(dtype))
        return as_sent and len(payload) == _count(shape) * target.itemsize
    except (_UnusualError, IndexError, VarintTooLongError, InvalidArgument):
        return False


def _read_fields(
    data: bytes | memoryview,
) -> tuple[int, list[int], int, bytes | memoryview | None]:
    """Return type, shape, and field number and bytes of the one list there is."""
    position, end = 0, len(data)
    dtype, field = 0, 0
    shape: list[int] = []
    payload: bytes | memoryview | None = None
    while position < end:
        tag, position = read_varint(data, position)
        number, wire_type = tag >> 3, tag & 7
        if wire_type == 0 and number in (1, 3):
            value, position = read_varint(data, position)
            dtype = value if number == 1 else dtype
        elif wire_type == 2:
            length, position = read_varint(data, position)
            stop = position + length
            if stop > end:
                raise _UnusualError
            if number == 2 and not shape:
                shape = _read_shape(data, position, stop)
            elif payload is None and number != 2 and number != STRING and number < 19:
                field, payload = number, data[position:stop]
            else:
                raise _UnusualError
            position = stop
        else:
            raise _UnusualError
    return dtype, shape, field, payload


def _read_shape(data: bytes | memoryview, position: int, end: int) -> list[int]:
    shape = []
    while position < end:
        if data[position] != 0x12:  # dim
            raise _UnusualError
        length, position = read_varint(data, position + 1)
        stop = position + length
        size = 0
        if length:
            if data[position] != 0x08:  # size
                raise _UnusualError
            size, position = read_varint(data, position + 1)
        if position != stop or stop > end:
            raise _UnusualError
        shape.append(size if size < 1 << 63 else size - (1 << 64))
    return shape


def _values_on_wire(dtype: int, field: int, payload: bytes | memoryview) -> np.ndarray | None:
    """Return the elements of a packed list in the array type of ``dtype``."""
    if field == CONTENT:
        return None
    target = numpy_type(dtype)
    if target is None or field != field_of(dtype):
        raise _UnusualError
    try:
        if field in _FIXED:
            return np.frombuffer(payload, _FIXED[field]).view(target)
        if field in VARINT_FIELDS:
            return _narrowed(decode_varints(payload), field, target)
        return np.frombuffer(payload, target)
    except ValueError:
        raise _UnusualError from None


def _narrowed(values: np.ndarray, field: int, target: np.dtype) -> np.ndarray:
    if field == 13:  # the bits of half and bfloat16
        return values.astype(np.uint16).view(target)
    if field == 11:
        return values.astype(np.bool_)
    signed = values.view(np.int64)
    return signed.astype(np.int32).astype(target) if field == 7 else values.astype(target)


def _shaped_content(
    content: bytes | memoryview, dtype: int, shape: Sequence[int], budget: RepeatBudget | None
) -> np.ndarray:
    target = _array_type(dtype)
    count = _count(shape)
    if target.hasobject:
        raise _UnusualError
    if len(content) != count * target.itemsize:
        if not len(content):
            return _shaped_list(None, dtype, shape, budget)
        raise InvalidArgument(
            f"tensor_content has {len(content)} bytes; {count} elements of "
            f"{type_name(dtype)} take {count * target.itemsize}"
        )
    if target.kind == "b" and np.frombuffer(content, np.uint8).max(initial=0) > 1:
        raise InvalidArgument("tensor_content of bools has a byte that is neither 0 nor 1")
    return np.frombuffer(content, target).reshape(shape)


def _shaped_list(
    values: np.ndarray | None, dtype: int, shape: Sequence[int], budget: RepeatBudget | None
) -> np.ndarray:
    target = _array_type(dtype)
    count = _count(shape)
    have = 0 if values is None else values.size
    if values is not None and have >= count:
        return values[:count].reshape(shape)
    last = values[-1] if values is not None and have else _zero(target)
    size = _STRING_BYTES + 2 * len(last) if isinstance(last, bytes) else target.itemsize
    budget = budget or RepeatBudget()
    budget.left -= (count - have) * size
    if budget.left < 0:
        raise InvalidArgument(
            f"a tensor of shape {list(shape)} has {count} elements of {type_name(dtype)}, "
            f"but {have} were sent; repeating the last is limited to {MOST_REPEATED_BYTES} "
            "bytes a request. Send all of them"
        )
    if values is None or have <= 1:
        # Written out where it is copied anyway: at the run, if the request gets that far.
        return np.broadcast_to(np.full((), last, target), shape)
    filled = np.full(count, last, target)
    filled[:have] = values
    return filled.reshape(shape)


def _zero(target: np.dtype) -> object:
    return b"" if target.hasobject else target.type(0)


def _array_type(dtype: int) -> np.dtype:
    target = numpy_type(dtype)
    if target is None:
        raise InvalidArgument(f"a tensor of type {type_name(dtype)} cannot be sent")
    return target


def _count(shape: Sequence[int]) -> int:
    if len(shape) > _MOST_DIMENSIONS:
        raise InvalidArgument(
            f"a shape of {len(shape)} dimensions; a tensor has {_MOST_DIMENSIONS} at most"
        )
    if any(size < 0 for size in shape):
        raise InvalidArgument(f"the shape {list(shape)} has a negative dimension")
    if math.prod(filter(None, shape)) > _MOST_ELEMENTS:
        raise InvalidArgument(f"the shape {list(shape)} has more elements than can be counted")
    return math.prod(shape)


def array_from_message(message: TensorProto, budget: RepeatBudget | None = None) -> np.ndarray:
    """Decode a ``TensorProto`` message, whatever way it was written.

    Args:
        message: the tensor.
        budget: for the repeated last value; without one the tensor has its own.

    Returns:
        an array, as of :func:`array_from_wire`.

    Raises:
        InvalidArgument: a bad shape, type or size, or one that the budget does
            not suffice for.
    """
    if message.tensor_shape.unknown_rank:
        raise InvalidArgument("the tensor's shape has an unknown rank")
    shape = [dim.size for dim in message.tensor_shape.dim]
    dtype = message.dtype
    target = _array_type(dtype)
    if target.hasobject:
        if message.tensor_content:
            raise InvalidArgument("strings are sent in string_val, not in tensor_content")
        strings = np.empty(len(message.string_val), object)
        strings[:] = message.string_val
        return _shaped_list(strings, dtype, shape, budget)
    if message.tensor_content:
        return _shaped_content(message.tensor_content, dtype, shape, budget)
    return _shaped_list(_values_of_message(message, dtype, target), dtype, shape, budget)


def _values_of_message(message: TensorProto, dtype: int, target: np.dtype) -> np.ndarray:
    field = field_of(dtype)
    if field == FLOAT8:
        return np.frombuffer(message.float8_val, target)
    values = getattr(message, _LIST_NAMES[field]) if field else []
    if field in _FIXED:
        numbers = np.fromiter(values, _FIXED[field], len(values))
        pairs = target.itemsize // numbers.itemsize
        return numbers[: numbers.size // pairs * pairs].view(target)
    unsigned = field in (16, 17)
    numbers = np.fromiter(values, np.uint64 if unsigned else np.int64, len(values))
    return _narrowed(numbers.view(np.uint64), field or 0, target)
