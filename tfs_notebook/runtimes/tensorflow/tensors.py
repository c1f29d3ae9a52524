"""NumPy arrays ⇄ ``TF_Tensor``: numbers copied once, strings as views."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tfs_notebook.runtimes.tensorflow.library import Library
from tfs_notebook.runtimes.tensorflow.strings import bytes_of_elements, new_view_tensor
from tfs_notebook.wire.dtypes import DataType, data_type_of, numpy_type, type_name
from tfs_notebook.wire.errors import InvalidArgument, ResourceExhausted, Unimplemented

__all__ = ["array_from_tensor", "tensor_from_array", "tensor_from_parts"]

# Below this a copy of the result is cheaper than an owner that frees it.
_COPY_BELOW_BYTES = 64 * 1024


def tensor_from_array(library: Library, array: np.ndarray, dtype: int) -> int:
    """Return a new ``TF_Tensor`` with the array's elements; the caller owns it.

    Args:
        library: the loaded TensorFlow.
        array: any shape and layout; it is copied once. Strings have dtype object.
        dtype: the ``DataType`` number the tensor gets, if the array's own NumPy
            type is the form of it (quantised types share theirs with plain
            ones). Otherwise the tensor gets the array's own type and the
            runtime says what it expected.

    Raises:
        InvalidArgument: no tensor can hold such elements.
        ResourceExhausted: no memory.
    """
    if array.dtype.hasobject:
        return new_view_tensor(library, array)
    if numpy_type(dtype) != array.dtype or not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="), copy=False)
        own = data_type_of(array.dtype)
        if own is None:
            raise InvalidArgument(
                f"an array of {array.dtype} has no tensor type; expected {type_name(dtype)}"
            )
        dtype = own
    size = array.nbytes
    tensor = _allocated(library, array.shape, dtype, size)
    if size:
        if array.flags.c_contiguous:
            source = array.__array_interface__["data"][0]
            ctypes.memmove(library.TensorData(tensor), source, size)
        else:
            np.copyto(_memory(library, tensor, size, array.dtype, array.shape), array)
    return tensor


def tensor_from_parts(library: Library, parts: Sequence[np.ndarray], dtype: int) -> int:
    """Return a new ``TF_Tensor`` with the rows of all parts; the caller owns it.

    Each row is copied once, into TensorFlow's memory.

    Args:
        library: the loaded TensorFlow.
        parts: at least one; alike but for their rows.
        dtype: as in :func:`tensor_from_array`.

    Raises:
        InvalidArgument: no tensor can hold such elements.
        ResourceExhausted: no memory.
    """
    first = parts[0]
    if len(parts) == 1:
        return tensor_from_array(library, first, dtype)
    if first.dtype.hasobject or numpy_type(dtype) != first.dtype or not first.dtype.isnative:
        return tensor_from_array(library, np.concatenate(parts), dtype)
    rows = sum(len(part) for part in parts)
    shape = (rows, *first.shape[1:])
    size = rows * math.prod(first.shape[1:]) * first.itemsize
    tensor = _allocated(library, shape, dtype, size)
    if size:
        np.concatenate(parts, out=_memory(library, tensor, size, first.dtype, shape))
    return tensor


def _allocated(library: Library, shape: tuple[int, ...], dtype: int, size: int) -> int:
    dims = (ctypes.c_int64 * len(shape))(*shape)
    tensor: int | None = library.AllocateTensor(dtype, dims, len(shape), size)
    if not tensor:
        raise ResourceExhausted(f"no memory for a tensor of {size} bytes")
    return tensor


def _memory(
    library: Library, tensor: int, size: int, dtype: np.dtype[Any], shape: tuple[int, ...]
) -> np.ndarray:
    block = (ctypes.c_ubyte * size).from_address(library.TensorData(tensor))
    return np.frombuffer(memoryview(block), np.uint8).view(dtype).reshape(shape)


class _OwnedMemory:
    """Frees a tensor when the last array over its memory is gone."""

    __slots__ = ("__array_interface__", "_library", "_tensor")

    def __init__(self, library: Library, tensor: int, address: int, size: int) -> None:
        self._library, self._tensor = library, tensor
        self.__array_interface__: dict[str, Any] = {
            "data": (address, True),
            "shape": (size,),
            "typestr": "|u1",
            "version": 3,
        }

    def __del__(self) -> None:
        self._library.DeleteTensor(self._tensor)


def array_from_tensor(library: Library, tensor: int) -> np.ndarray:
    """Return the tensor's elements as a read-only array, and take the tensor over.

    A small tensor is copied and deleted; the memory of a large one is lent to
    the array and freed with it. Strings become ``bytes`` objects at once, for
    their elements may point into the memory of inputs.

    Raises:
        Unimplemented: the type (a resource, a variant) has no NumPy form.
    """
    dtype = library.TensorType(tensor)
    shape = [library.Dim(tensor, axis) for axis in range(library.NumDims(tensor))]
    target = numpy_type(dtype)
    address, size = library.TensorData(tensor), library.TensorByteSize(tensor)
    if dtype != DataType.STRING and target is not None and size >= _COPY_BELOW_BYTES:
        owner = _OwnedMemory(library, tensor, address, size)
        return np.asarray(owner).view(target).reshape(shape)
    try:
        if target is None:
            raise Unimplemented(f"an output of type {type_name(dtype)} cannot be sent")
        if dtype == DataType.STRING:
            return _string_array(address, shape)
        data = ctypes.string_at(address, size) if size else b""
        return np.frombuffer(data, target).reshape(shape)
    finally:
        library.DeleteTensor(tensor)


def _string_array(address: int, shape: list[int]) -> np.ndarray:
    count = 1
    for dimension in shape:
        count *= dimension
    array = np.empty(count, object)
    array[:] = bytes_of_elements(address, count) if count else []
    return array.reshape(shape)
