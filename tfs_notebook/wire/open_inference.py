"""Requests of the Open Inference Protocol, whichever way they came: types, shapes, raw bytes.

JSON with bytes behind it is read and written by :mod:`~tfs_notebook.wire.open_inference_json`,
the messages of gRPC by :mod:`~tfs_notebook.wire.open_inference_messages`.

A raw tensor is its elements in row-major order, little-endian. An element of ``BYTES`` is its
length in four bytes and then as many bytes. ``BOOL`` is one byte, 0 or 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np

from tfs_notebook.wire.dtypes import (
    DataType,
    base_type,
    data_type_of,
    numpy_type,
    type_name,
)
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.shown_values import shown

__all__ = [
    "Array",
    "InferCall",
    "InferParameters",
    "Inputs",
    "Raw",
    "array_of_raw",
    "check_shape",
    "chosen_label",
    "chosen_signature",
    "data_type_named",
    "datatype_of",
    "datatype_of_array",
    "element_count",
    "raw_of_array",
    "refuse_unsupported",
    "version_named",
    "wants",
]

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
Inputs: TypeAlias = "dict[str, tuple[Array, int]]"
Raw: TypeAlias = "bytes | memoryview"
InferParameters: TypeAlias = "Mapping[str, str | bool | int | float]"
"""What a request says beyond the protocol's own fields."""

_NAMES: Final[Mapping[int, str]] = {
    DataType.BOOL: "BOOL",
    DataType.UINT8: "UINT8",
    DataType.UINT16: "UINT16",
    DataType.UINT32: "UINT32",
    DataType.UINT64: "UINT64",
    DataType.INT8: "INT8",
    DataType.INT16: "INT16",
    DataType.INT32: "INT32",
    DataType.INT64: "INT64",
    DataType.HALF: "FP16",
    DataType.FLOAT: "FP32",
    DataType.DOUBLE: "FP64",
    DataType.BFLOAT16: "BF16",
    DataType.STRING: "BYTES",
}
_NUMBERS: Final = {name: number for number, name in _NAMES.items()}
# As many dimensions as every supported NumPy can hold.
_MOST_DIMENSIONS: Final = 32
# Room for elements of 16 bytes in what NumPy and TensorFlow count with.
_MOST_ELEMENTS: Final = 2**58
_LENGTH_BYTES: Final = 4
_LARGEST_VERSION: Final = 2**63 - 1
_SIGNATURE: Final = "signature_name"
_LABEL: Final = "version_label"
# Parameters of a tensor that would change its meaning if they were passed over.
_UNSUPPORTED: Final[Mapping[str, str]] = {
    "classification": "classes; ask for the output itself, or use Classify",
    "shared_memory_region": "shared memory; send the tensor in the request",
}


@dataclass(slots=True)
class InferCall:
    """An inference request as the data plane takes it.

    Attributes:
        inputs: array and ``DataType`` by name.
        id: to be sent back; empty if there is none.
        signature: the signature asked for; empty for the default one.
        label: of the version asked for, if it is asked for by one.
        outputs: the outputs wanted; empty for all.
        raw_outputs: for each of them, or by default, whether it is wanted raw.
        raw_by_default: whether outputs are wanted raw of which nothing else is said.
    """

    inputs: Inputs
    id: str = ""
    signature: str = ""
    label: str | None = None
    outputs: Sequence[str] = ()
    raw_outputs: Mapping[str, bool] = field(default_factory=dict)
    raw_by_default: bool = False


def datatype_of(dtype: int) -> str:
    """The protocol's name of an element type; TensorFlow's in capitals where it has none."""
    base = base_type(dtype)
    return _NAMES.get(base, type_name(base).upper())


def datatype_of_array(name: str, array: Array) -> str:
    """The protocol's name of the type of an output.

    Raises:
        InvalidArgument: the protocol has none.
    """
    number = data_type_of(array.dtype)
    if number is None or number not in _NAMES:
        raise InvalidArgument(
            f"the output {name!r} is of type {array.dtype}, which the Open Inference Protocol "
            "cannot carry; ask for other outputs, or ask with TensorFlow Serving's Predict"
        )
    return _NAMES[number]


def data_type_named(name: str, datatype: object) -> int:
    """The element type that an input names.

    Raises:
        InvalidArgument: there is no such type.
    """
    number = _NUMBERS.get(datatype) if isinstance(datatype, str) else None
    if number is None:
        raise InvalidArgument(
            f'the "datatype" of the input {name!r} is one of {", ".join(_NUMBERS)}; '
            f"got {shown(datatype)}"
        )
    return number


def check_shape(name: str, shape: object) -> tuple[int, ...]:
    """The shape that an input names.

    Raises:
        InvalidArgument: it is none.
    """
    if not isinstance(shape, Sequence) or isinstance(shape, str):
        raise InvalidArgument(
            f'the "shape" of the input {name!r} is a list of sizes; got {shown(shape)}'
        )
    if len(shape) > _MOST_DIMENSIONS:
        raise InvalidArgument(
            f"the input {name!r} has {len(shape)} dimensions; a tensor has at most "
            f"{_MOST_DIMENSIONS}"
        )
    elements = 1
    for size in shape:
        if type(size) is not int or size < 0:
            raise InvalidArgument(
                f'the "shape" of the input {name!r} has sizes that are whole numbers from 0 '
                f"on; got {shown(size)}"
            )
        # Those beside a size of 0 are counted with, too.
        elements *= max(1, size)
        if elements > _MOST_ELEMENTS:
            raise InvalidArgument(f"the input {name!r} is larger than any tensor")
    return tuple(shape)


def element_count(shape: Sequence[int]) -> int:
    """How many elements a shape has room for."""
    count = 1
    for size in shape:
        count *= size
    return count


def array_of_raw(name: str, dtype: int, shape: tuple[int, ...], raw: Raw) -> Array:
    """An input of its raw bytes; its memory is theirs but for ``BYTES``, and not to be written.

    Raises:
        InvalidArgument: they do not fit the shape, or are none of this type.
    """
    count = element_count(shape)
    if dtype == DataType.STRING:
        return _strings_of_raw(name, raw, count).reshape(shape)
    form = numpy_type(dtype)
    assert form is not None  # noqa: S101 - every type of the protocol has one
    if len(raw) != count * form.itemsize:
        raise InvalidArgument(
            f"the input {name!r} of shape {list(shape)} and datatype {_NAMES[dtype]} has "
            f"{count * form.itemsize} bytes; got {len(raw)}"
        )
    if dtype == DataType.BOOL:
        bits = np.frombuffer(raw, np.uint8)
        if bits.size and bits.max() > 1:
            raise InvalidArgument(
                f"the input {name!r} of datatype BOOL has bytes that are 0 or 1; "
                f"got {bits.max()}"
            )
        return bits.view(np.bool_).reshape(shape)
    return np.frombuffer(raw, form).reshape(shape)


def _strings_of_raw(name: str, raw: Raw, count: int) -> Array:
    size, position = len(raw), 0
    if count * _LENGTH_BYTES > size:
        raise _wrong_strings(name, count)
    view, values = memoryview(raw), np.empty(count, object)
    for index in range(count):
        start = position + _LENGTH_BYTES
        position = start + int.from_bytes(view[position:start], "little")
        if start > size or position > size:
            raise _wrong_strings(name, count)
        values[index] = bytes(view[start:position])
    if position != size:
        raise _wrong_strings(name, count)
    return values


def _wrong_strings(name: str, count: int) -> InvalidArgument:
    return InvalidArgument(
        f"the input {name!r} has {count} elements of BYTES: each is its length in four bytes, "
        "little-endian, and then as many bytes; got what is shorter or longer than that"
    )


def raw_of_array(array: Array) -> Raw:
    """An output as raw bytes, in the array's memory where it can be.

    Args:
        array: of a type of the protocol; strings as objects that are ``bytes``.
    """
    if array.dtype == object:
        pieces: list[bytes] = []
        for value in array.reshape(-1).tolist():
            pieces += (len(value).to_bytes(_LENGTH_BYTES, "little"), value)
        return b"".join(pieces)
    if not array.size:
        return b""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


# -- what a request says of the model ----------------------------------------------


def chosen_signature(parameters: InferParameters) -> str:
    """The signature that a request's parameters name; empty if they name none.

    Raises:
        InvalidArgument: what they name is no text.
    """
    return _text(parameters, _SIGNATURE) or ""


def chosen_label(parameters: InferParameters, version: int | None) -> str | None:
    """The label of a version that a request's parameters name, if they do.

    Raises:
        InvalidArgument: it is no text, or the request names a version as well.
    """
    label = _text(parameters, _LABEL)
    if label is not None and version is not None:
        raise InvalidArgument(
            f"the request names the version {version} and the version_label {label!r}; "
            "name one of them"
        )
    return label


def version_named(version: str) -> int | None:
    """The version that a message names; None for the newest.

    Raises:
        InvalidArgument: it is no number.
    """
    if not version:
        return None
    digits = version.lstrip("0") or "0"
    if version.isascii() and version.isdecimal() and len(digits) <= len(str(_LARGEST_VERSION)):
        number = int(digits)
        if number <= _LARGEST_VERSION:
            return number
    raise InvalidArgument(
        f"a version is a number, such as 3; got {shown(version)}. A label goes into the "
        f'parameter "{_LABEL}"'
    )


def wants(parameters: InferParameters, name: str, *, otherwise: bool) -> bool:
    """What the parameters say to a question of yes or no.

    Raises:
        InvalidArgument: neither.
    """
    value = parameters.get(name, otherwise)
    if not isinstance(value, bool):
        raise InvalidArgument(f'the parameter "{name}" is true or false; got {shown(value)}')
    return value


def _text(parameters: InferParameters, name: str) -> str | None:
    value = parameters.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidArgument(f'the parameter "{name}" is a text; got {shown(value)}')
    return value


def refuse_unsupported(name: str, parameters: InferParameters) -> None:
    """Raise InvalidArgument if a tensor's parameters ask for what there is not here."""
    for parameter, what in _UNSUPPORTED.items():
        if parameter in parameters:
            raise InvalidArgument(
                f'the parameter "{parameter}" of the tensor {name!r} asks for {what}'
            )
