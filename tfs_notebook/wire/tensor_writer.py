"""NumPy → ``TensorProto``, without a Python object an element for numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from tfs_notebook.wire.dtypes import data_type_of
from tfs_notebook.wire.errors import Unimplemented
from tfs_notebook.wire.tensor_fields import CONTENT, FLOAT8, STRING, field_of
from tfs_notebook.wire.varints import encode_varint, encode_varints

__all__ = ["tensor_to_wire"]


def tensor_to_wire(
    array: np.ndarray, dtype: int | None = None, *, as_content: bool = False
) -> list[bytes | memoryview]:
    """Encode an array as a serialised ``TensorProto``, in pieces to be joined.

    Args:
        array: any shape and layout; strings as objects that are ``bytes``.
        dtype: the ``DataType`` to say; by default that of the array.
        as_content: put the bytes in ``tensor_content`` instead of the typed
            list that clients read by name. Strings always go in their list.

    Raises:
        Unimplemented: the array's type is none of TensorFlow's.
    """
    number = data_type_of(array.dtype) if dtype is None else dtype
    if number is None:
        raise Unimplemented(f"an array of {array.dtype} has no tensor type")
    head = b"\x08" + encode_varint(number) + _shape_to_wire(array.shape)
    if not array.size:
        return [head]
    field = field_of(number)
    flat = np.ascontiguousarray(array).reshape(-1)
    if field == STRING:
        return [head, *_strings_to_wire(flat)]
    payload: bytes | memoryview
    if as_content or field is None:
        field, payload = CONTENT, flat.view(np.uint8).data
    else:
        payload = _LIST_WRITERS[field](flat)
    return [head, _head(field, len(payload)), payload]


def _shape_to_wire(shape: Sequence[int]) -> bytes:
    dims = b"".join(
        b"\x12" + bytes((len(size) + 1,)) + b"\x08" + size for size in map(encode_varint, shape)
    )
    return b"\x12" + encode_varint(len(dims)) + dims


def _head(field: int, length: int) -> bytes:
    return encode_varint(field << 3 | 2) + encode_varint(length)


def _strings_to_wire(flat: np.ndarray) -> list[bytes | memoryview]:
    pieces: list[bytes | memoryview] = []
    for value in flat.tolist():
        pieces += (b"\x42", encode_varint(len(value)), value)
    return pieces


def _as_bytes(flat: np.ndarray) -> memoryview:
    return flat.view(np.uint8).data


def _bits(flat: np.ndarray) -> bytes:
    return encode_varints(flat.view(np.uint16))


def _widened(flat: np.ndarray) -> bytes:
    # The four-bit and two-bit types only convert through a plain integer type.
    signed = flat.astype(np.int8) if flat.dtype.kind == "V" else flat
    return encode_varints(signed)


_LIST_WRITERS: Final[dict[int, Callable[[np.ndarray], bytes | memoryview]]] = {
    5: _as_bytes, 6: _as_bytes, 9: _as_bytes, 12: _as_bytes, 11: _as_bytes, FLOAT8: _as_bytes,
    7: _widened, 10: encode_varints, 13: _bits, 16: encode_varints, 17: encode_varints,
}  # fmt: skip
