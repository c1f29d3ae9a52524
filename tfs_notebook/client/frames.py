"""DataFrames and Series of pandas as inputs of a model, without importing pandas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from tfs_notebook.client.columns import column_values
from tfs_notebook.client.inputs import Inputs, converted
from tfs_notebook.wire.dtypes import base_type, numpy_type
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.signatures import Signature, TensorSpec

if TYPE_CHECKING:
    from pandas import DataFrame, Series

__all__ = ["frame_inputs"]

_MATRIX_RANK: Final = 2
_ROW_KINDS: Final = (list, tuple, np.ndarray)


def frame_inputs(frame: DataFrame, named: Mapping[str, object], signature: Signature) -> Inputs:
    """The inputs that the columns of a DataFrame are; a row is an instance.

    Columns whose names are those of the inputs are taken one by one. Else, if there is
    one input, all columns in their order are its last dimension.

    Args:
        frame: with unique names of columns.
        named: further inputs, by name.
        signature: what they are for.

    Raises:
        InvalidArgument: columns are missing, unknown, or hold what does not fit; values are
            missing (pandas takes NaN for that). The text names column and row.
    """
    if not frame.columns.is_unique:
        twice = sorted({str(one) for one in frame.columns[frame.columns.duplicated()]})
        raise InvalidArgument(f"several columns have the same name: {', '.join(twice)}")
    known = [alias for alias in signature.inputs if alias not in named]
    needed = [alias for alias in known if alias not in signature.defaults]
    columns = {str(name): name for name in frame.columns}
    if columns.keys() <= set(known) and set(needed) <= columns.keys():
        arrays = {
            alias: _column(frame[columns[alias]], signature.inputs[alias])
            for alias in known
            if alias in columns
        }
    elif len(taking := needed or known) == 1 and _takes(signature.inputs[taking[0]], frame):
        arrays = {taking[0]: _matrix(frame, signature.inputs[taking[0]])}
    else:
        raise InvalidArgument(_wrong_columns(frame, columns, known, needed, signature))
    for alias, value in named.items():
        if alias not in signature.inputs:
            raise InvalidArgument(f"there is no input {alias!r}")
        arrays[alias] = converted(value, signature.inputs[alias])
    return {
        alias: (arrays[alias], base_type(spec.dtype))
        for alias, spec in signature.inputs.items()
        if alias in arrays
    }


def _takes(spec: TensorSpec, frame: DataFrame) -> bool:
    width = len(frame.columns)
    if spec.shape is None or width == 1:
        return True
    return len(spec.shape) == _MATRIX_RANK and spec.shape[1] in (-1, width)


def _matrix(frame: DataFrame, spec: TensorSpec) -> np.ndarray:
    if len(frame.columns) == 1:
        return _column(frame.iloc[:, 0], spec)
    target = numpy_type(spec.dtype)
    dtypes = set(frame.dtypes)
    if len(dtypes) == 1 and isinstance(next(iter(dtypes)), np.dtype):
        array = frame.to_numpy()
        if array.dtype.kind == "f" and target is not None and target.kind == "f":
            # Columns lie one after the other, and rows are what is sent: both in one go.
            with np.errstate(over="ignore"):
                quick = np.ascontiguousarray(array, target)
            if np.isfinite(quick).all():
                return quick
        elif array.dtype.kind in "iub":
            try:
                return converted(array, spec)
            except InvalidArgument:
                pass  # column by column it is known which one
    matrix = np.empty(frame.shape, target if target is not None else object)
    vector = TensorSpec(spec.alias, spec.dtype, (-1,))
    for place, name in enumerate(frame.columns):
        matrix[:, place] = _column(frame[name], vector)
    return matrix


def _column(column: Series, spec: TensorSpec) -> np.ndarray:
    values = column_values(column)
    if values.dtype == object and len(values) and isinstance(values[0], _ROW_KINDS):
        values = _stacked(column, values)
    width = spec.shape[1:] if spec.shape is not None else ()
    if values.ndim == 1 and len(width) == 1:
        if width[0] > 1:
            raise InvalidArgument(
                f"column {column.name!r} is one number a row, and input {spec.alias} takes "
                f"{width[0]}. (One row of a DataFrame is df.iloc[[0]], with two brackets.)"
            )
        values = values.reshape(-1, 1)
    try:
        return converted(values, spec)
    except InvalidArgument as error:
        raise InvalidArgument(f"column {column.name!r}: {error.message}") from None


def _stacked(column: Series, values: np.ndarray) -> np.ndarray:
    try:
        rows = [np.asarray(one) for one in values]
    except ValueError as error:
        raise InvalidArgument(
            f"column {column.name!r} holds what is no array: {error}"
        ) from None
    for place, one in enumerate(rows):
        if one.shape != rows[0].shape:
            raise InvalidArgument(
                f"column {column.name!r} holds arrays of different shapes: {rows[0].shape} in "
                f"row 0, {one.shape} in row {place}"
            )
    return np.stack(rows)


def _wrong_columns(
    frame: DataFrame,
    columns: Mapping[str, object],
    known: Sequence[str],
    needed: Sequence[str],
    signature: Signature,
) -> str:
    missing = [alias for alias in needed if alias not in columns]
    unknown = [name for name in columns if name not in known]
    if not missing:
        chosen = ", ".join(repr(name) for name in columns if name in known)
        return (
            f"there are no inputs {_listed(unknown)}; leave those columns out: df[[{chosen}]]"
        )
    if len(needed) == 1:
        spec = signature.inputs[needed[0]]
        return (
            f"{len(frame.columns)} columns ({_listed(columns)}) are neither the input "
            f"{needed[0]!r} nor the rows of {spec}"
        )
    also = f", and {_listed(unknown)} is no input" if unknown else ""
    return f"the inputs are columns; missing is {_listed(missing)}{also}"


def _listed(names: Sequence[str] | Mapping[str, object], most: int = 8) -> str:
    shown = [repr(name) for name in names]
    return ", ".join(shown[:most]) + (" …" if len(shown) > most else "")
