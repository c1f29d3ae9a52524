"""Tables of pandas, told apart from other values without importing pandas."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from tfs_notebook.wire.errors import InvalidArgument

if TYPE_CHECKING:
    from pandas import DataFrame, Series

__all__ = ["as_frame", "column_values", "is_table", "table_values"]


def is_table(value: object) -> TypeGuard[DataFrame | Series]:
    """Whether this is a DataFrame or a Series; if it is, pandas has been imported."""
    # Nearly everything is an array, and asked this several times.
    return type(value) is not np.ndarray and _is_a(value, "DataFrame", "Series")


def as_frame(value: DataFrame | Series) -> DataFrame:
    """A Series as a DataFrame of one column."""
    return value.to_frame() if _is_a(value, "Series") else value


def _is_a(value: object, *names: str) -> bool:
    pandas = sys.modules.get("pandas")
    kinds = tuple(getattr(pandas, name, ()) for name in names)
    return pandas is not None and isinstance(value, kinds)


def table_values(table: DataFrame | Series) -> np.ndarray:
    """The values of a Series, or of a DataFrame as a matrix; as :func:`column_values`."""
    frame = as_frame(table)
    if frame is not table:
        return column_values(table)
    for name in frame.columns:
        column_values(frame[name])
    array: np.ndarray = frame.to_numpy()
    return array


def column_values(column: Series) -> np.ndarray:
    """The values of a Series that has none missing, in the NumPy type that is theirs.

    Raises:
        InvalidArgument: values are missing; the text says where the first is.
    """
    missing = column.isna().to_numpy()
    if missing.any():
        raise InvalidArgument(_missing_values(column, missing))
    dtype: Any = column.dtype
    if hasattr(dtype, "categories"):
        column = column.astype(dtype.categories.dtype)
        dtype = column.dtype
    # The nullable types say what they are without nulls; NumPy's own are it.
    array: np.ndarray = column.to_numpy(dtype=getattr(dtype, "numpy_dtype", None))
    return array


def _missing_values(column: Series, missing: np.ndarray) -> str:
    row = int(missing.argmax())
    [label] = column.index[row : row + 1].tolist()
    where = f"row {row}" if label == row else f"row {row} (index {label!r})"
    count = int(missing.sum())
    number = "a missing value" if count == 1 else f"{count} missing values, the first"
    return (
        f"column {column.name!r} has {number} in {where}. Fill them with fillna(…), or leave "
        "such rows out with dropna(); a NaN that is meant goes in an array: df.to_numpy()"
    )
