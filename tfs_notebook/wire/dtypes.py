"""The element types of TensorFlow: numbers on the wire, names, NumPy types."""

from __future__ import annotations

import enum
from typing import Final

import ml_dtypes
import numpy as np

__all__ = ["DataType", "base_type", "data_type_of", "numpy_type", "type_name"]


class DataType(enum.IntEnum):
    """``tensorflow.DataType``: the numbers are those of the C API and the wire."""

    INVALID = 0
    FLOAT = 1
    DOUBLE = 2
    INT32 = 3
    UINT8 = 4
    INT16 = 5
    INT8 = 6
    STRING = 7
    COMPLEX64 = 8
    INT64 = 9
    BOOL = 10
    QINT8 = 11
    QUINT8 = 12
    QINT32 = 13
    BFLOAT16 = 14
    QINT16 = 15
    QUINT16 = 16
    UINT16 = 17
    COMPLEX128 = 18
    HALF = 19
    RESOURCE = 20
    VARIANT = 21
    UINT32 = 22
    UINT64 = 23
    FLOAT8_E5M2 = 24
    FLOAT8_E4M3FN = 25
    FLOAT8_E4M3FNUZ = 26
    FLOAT8_E4M3B11FNUZ = 27
    FLOAT8_E5M2FNUZ = 28
    INT4 = 29
    UINT4 = 30
    INT2 = 31
    UINT2 = 32
    FLOAT4_E2M1FN = 33


_REFERENCE_OFFSET: Final = 100

_NUMPY: Final[dict[int, np.dtype]] = {
    DataType.FLOAT: np.dtype(np.float32),
    DataType.DOUBLE: np.dtype(np.float64),
    DataType.INT32: np.dtype(np.int32),
    DataType.UINT8: np.dtype(np.uint8),
    DataType.INT16: np.dtype(np.int16),
    DataType.INT8: np.dtype(np.int8),
    DataType.STRING: np.dtype(object),
    DataType.COMPLEX64: np.dtype(np.complex64),
    DataType.INT64: np.dtype(np.int64),
    DataType.BOOL: np.dtype(np.bool_),
    DataType.QINT8: np.dtype(np.int8),
    DataType.QUINT8: np.dtype(np.uint8),
    DataType.QINT32: np.dtype(np.int32),
    DataType.BFLOAT16: np.dtype(ml_dtypes.bfloat16),
    DataType.QINT16: np.dtype(np.int16),
    DataType.QUINT16: np.dtype(np.uint16),
    DataType.UINT16: np.dtype(np.uint16),
    DataType.COMPLEX128: np.dtype(np.complex128),
    DataType.HALF: np.dtype(np.float16),
    DataType.UINT32: np.dtype(np.uint32),
    DataType.UINT64: np.dtype(np.uint64),
    DataType.FLOAT8_E5M2: np.dtype(ml_dtypes.float8_e5m2),
    DataType.FLOAT8_E4M3FN: np.dtype(ml_dtypes.float8_e4m3fn),
    DataType.FLOAT8_E4M3FNUZ: np.dtype(ml_dtypes.float8_e4m3fnuz),
    DataType.FLOAT8_E4M3B11FNUZ: np.dtype(ml_dtypes.float8_e4m3b11fnuz),
    DataType.FLOAT8_E5M2FNUZ: np.dtype(ml_dtypes.float8_e5m2fnuz),
    DataType.INT4: np.dtype(ml_dtypes.int4),
    DataType.UINT4: np.dtype(ml_dtypes.uint4),
    DataType.INT2: np.dtype(ml_dtypes.int2),
    DataType.UINT2: np.dtype(ml_dtypes.uint2),
    DataType.FLOAT4_E2M1FN: np.dtype(ml_dtypes.float4_e2m1fn),
}

# Quantised types share their NumPy form with the plain ones; an array is the plain one.
_FROM_NUMPY: Final[dict[np.dtype, DataType]] = {
    dtype: DataType(number)
    for number, dtype in _NUMPY.items()
    if not DataType(number).name.startswith("Q")
}

_NAMES: Final[dict[int, str]] = {number: number.name.lower() for number in DataType}


def base_type(dtype: int) -> int:
    """The type without its ``_REF`` mark: 101 (``FLOAT_REF``) gives 1."""
    return dtype - _REFERENCE_OFFSET if dtype > _REFERENCE_OFFSET else dtype


def numpy_type(dtype: int) -> np.dtype | None:
    """The NumPy type that holds this element type, or None if there is none.

    Strings are ``object`` (elements are ``bytes``). Resources, variants and
    numbers that TensorFlow does not define have no NumPy form. A reference
    type has that of its base.
    """
    return _NUMPY.get(base_type(dtype))


def data_type_of(dtype: np.dtype) -> DataType | None:
    """The element type of a NumPy array's dtype, or None if it has none.

    Fixed-width ``S`` and ``U`` types have none: strings come as ``object``.
    """
    return _FROM_NUMPY.get(dtype)


def type_name(dtype: int) -> str:
    """TensorFlow's name for a type in messages: ``float``, ``int64``, ``float_ref``."""
    base = base_type(dtype)
    name = _NAMES.get(base, f"unknown dtype enum ({dtype})")
    return name if base == dtype else f"{name}_ref"
