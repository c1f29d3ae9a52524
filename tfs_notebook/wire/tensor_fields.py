"""Which field of ``TensorProto`` holds the elements of which type."""

from __future__ import annotations

from typing import Final

from tfs_notebook.wire.dtypes import DataType, base_type

__all__ = ["CONTENT", "FLOAT8", "STRING", "VARINT_FIELDS", "field_of"]

CONTENT: Final = 4
STRING: Final = 8
FLOAT8: Final = 18
VARINT_FIELDS: Final = frozenset({7, 10, 11, 13, 16, 17})

_FIELD: Final[dict[int, int]] = {
    DataType.FLOAT: 5,
    DataType.DOUBLE: 6,
    **dict.fromkeys(
        (
            DataType.INT32, DataType.INT16, DataType.INT8, DataType.UINT8, DataType.UINT16,
            DataType.QINT8, DataType.QUINT8, DataType.QINT32, DataType.QINT16,
            DataType.QUINT16, DataType.INT4, DataType.UINT4, DataType.INT2, DataType.UINT2,
        ),
        7,
    ),
    DataType.STRING: STRING,
    DataType.COMPLEX64: 9,
    DataType.INT64: 10,
    DataType.BOOL: 11,
    DataType.COMPLEX128: 12,
    DataType.HALF: 13,
    DataType.BFLOAT16: 13,
    DataType.UINT32: 16,
    DataType.UINT64: 17,
    **dict.fromkeys(
        (
            DataType.FLOAT8_E5M2, DataType.FLOAT8_E4M3FN, DataType.FLOAT8_E4M3FNUZ,
            DataType.FLOAT8_E4M3B11FNUZ, DataType.FLOAT8_E5M2FNUZ,
        ),
        FLOAT8,
    ),
}  # fmt: skip


def field_of(dtype: int) -> int | None:
    """The number of the list's field, or None for a type that has no list."""
    return _FIELD.get(base_type(dtype))
