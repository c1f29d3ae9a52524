"""Sample inputs, without tensorflow."""

from __future__ import annotations

from typing import Any, Final

import ml_dtypes
import numpy as np

from tfs_notebook.wire.dtypes import DataType, numpy_type


def strings(*values: bytes) -> np.ndarray:
    """A string tensor's array: objects that are ``bytes``."""
    array = np.empty(len(values), object)
    array[:] = values
    return array


def floats(*values: Any) -> np.ndarray:
    """An array of float32; of several dimensions if the values are lists."""
    return np.array(values, np.float32)


_PLAIN: Final = (
    DataType.FLOAT, DataType.DOUBLE, DataType.HALF, DataType.BFLOAT16,
    DataType.INT8, DataType.INT16, DataType.INT32, DataType.INT64,
    DataType.UINT8, DataType.UINT16, DataType.UINT32, DataType.UINT64,
    DataType.BOOL, DataType.COMPLEX64, DataType.COMPLEX128, DataType.STRING,
    DataType.FLOAT8_E5M2, DataType.FLOAT8_E4M3FN, DataType.INT4, DataType.UINT4,
)  # fmt: skip

# The name TensorFlow has for each type, in lower case, and its number.
DTYPES: Final[dict[str, DataType]] = {dtype.name.lower(): dtype for dtype in _PLAIN}


def _sample(dtype: DataType) -> np.ndarray:
    target = numpy_type(dtype)
    assert target is not None
    if dtype == DataType.STRING:
        return strings(
            b"", b"short", b"x" * 22, b"y" * 23, b"\xff\x00\xfe", "Grüße".encode() * 99
        )
    if dtype == DataType.BOOL:
        return np.array([True, False, False, True, True], bool)
    if dtype in (DataType.INT4, DataType.UINT4):
        low, high = (-8, 7) if dtype == DataType.INT4 else (0, 15)
        return np.array([low, high, 1, 0, 3]).astype(target)
    if target.kind in "iu":
        limits = np.iinfo(target)
        return np.array([limits.min, limits.max, 0, 1, limits.max // 3], target)
    if target.kind == "c":
        return np.array([1 + 2j, -0.5j, complex(np.inf, np.nan), 0, -3], target)
    numbers = np.array([0.0, -1.5, 3.0, np.nan, 0.3], np.float64)
    if target in (np.dtype(ml_dtypes.float8_e4m3fn), np.dtype(ml_dtypes.float8_e5m2)):
        return numbers.astype(np.float32).astype(target)
    return np.concatenate([numbers, [np.inf, -np.inf, 1e-30, -0.0]]).astype(target)


SAMPLES: Final[dict[str, np.ndarray]] = {name: _sample(dtype) for name, dtype in DTYPES.items()}
