"""Inputs to try a signature with: a person's example, or numbers made up."""

from __future__ import annotations

from typing import Final

import numpy as np

from tfs_notebook.client.given import as_given
from tfs_notebook.wire.dtypes import DataType, numpy_type, type_name
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.signatures import Signature, TensorSpec

__all__ = [
    "Inputs",
    "arrays_of",
    "example_inputs",
    "first_rows",
    "has_free_sizes",
    "made_up_inputs",
    "other_rows",
    "row_count",
]

Inputs = dict[str, tuple[np.ndarray, int]]
"""Array and ``DataType`` by alias."""

_ROWS: Final = 3


def example_inputs(given: object, signature: Signature) -> Inputs:
    """A person's example as a signature takes it.

    Args:
        given: the values by alias, or a DataFrame.
        signature: what they are for.

    Raises:
        InvalidArgument: names, types or shapes do not fit; the text says what would.
    """
    inputs = as_given(given, {}, signature).inputs
    return {
        alias: (_fitted(array, signature.inputs[alias]), dtype)
        for alias, (array, dtype) in inputs.items()
    }


def made_up_inputs(signature: Signature, size: int) -> Inputs:
    """Numbers between 0 and 1, zeros of the whole ones, and some text.

    Args:
        signature: what they are for.
        size: of each open dimension but the first, of which there are some.

    Raises:
        InvalidArgument: an input has a type of which there are no arrays.
    """
    return {
        alias: (_made_up(spec, size), spec.dtype)
        for alias, spec in signature.inputs.items()
        if alias not in signature.defaults
    }


def has_free_sizes(signature: Signature) -> bool:
    """Whether a dimension is open that is not the number of rows."""
    return any(spec.shape is None or -1 in spec.shape[1:] for spec in signature.inputs.values())


def row_count(inputs: Inputs, signature: Signature) -> int | None:
    """How many rows there are; None where their number is fixed, or is not one."""
    free = all(
        spec.shape is not None and spec.shape[:1] == (-1,)
        for alias, spec in signature.inputs.items()
        if alias in inputs
    )
    counts = {array.shape[0] for array, _ in inputs.values() if array.ndim}
    return counts.pop() if free and len(counts) == 1 else None


def other_rows(inputs: Inputs, rows: int) -> Inputs:
    """The first of several rows, or the only one twice."""
    if rows > 1:
        return first_rows(inputs, 1)
    return {
        alias: (np.concatenate([array, array]), dtype)
        for alias, (array, dtype) in inputs.items()
    }


def first_rows(inputs: Inputs, rows: int) -> Inputs:
    """The beginning of each input."""
    return {alias: (array[:rows], dtype) for alias, (array, dtype) in inputs.items()}


def arrays_of(inputs: Inputs) -> dict[str, np.ndarray]:
    """The arrays alone."""
    return {alias: array for alias, (array, _) in inputs.items()}


def _fitted(array: np.ndarray, spec: TensorSpec) -> np.ndarray:
    wanted = spec.shape
    if wanted is None:
        return array
    if array.ndim == len(wanted) - 1 and wanted[-1] == 1:
        array = array[..., np.newaxis]  # as Keras has it, too
    if len(wanted) == array.ndim and all(
        size in (-1, given) for size, given in zip(wanted, array.shape, strict=True)
    ):
        return array
    hint = "; it is a batch: put [ ] around a single row" if array.ndim < len(wanted) else ""
    raise InvalidArgument(
        f"the model takes {spec}, and the example's {spec.alias} has the shape "
        f"{list(array.shape)}{hint}"
    )


def _made_up(spec: TensorSpec, size: int) -> np.ndarray:
    form = numpy_type(spec.dtype)
    if form is None:
        raise InvalidArgument(f"input {spec.alias} is {type_name(spec.dtype)}")
    sizes = (-1,) if spec.shape is None else spec.shape
    shape = tuple(
        given if given >= 0 else size if axis else _ROWS for axis, given in enumerate(sizes)
    )
    if spec.dtype == DataType.STRING:
        return np.full(shape, b"text", object)
    if form.kind in "iub":
        # As an index, 0 is in every table.
        return np.zeros(shape, form)
    count = int(np.prod(shape))
    return ((np.arange(count) % 97 + 1) / 98).reshape(shape).astype(form)
