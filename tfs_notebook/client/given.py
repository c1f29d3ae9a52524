"""What a person passes to ``predict``, in all its forms, and the answer in the same form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from tfs_notebook.client.columns import as_frame, is_table
from tfs_notebook.client.frame_results import frame_of
from tfs_notebook.client.frames import frame_inputs
from tfs_notebook.client.inputs import Inputs, as_inputs
from tfs_notebook.wire.signatures import Signature

if TYPE_CHECKING:
    from pandas import DataFrame

    from tfs_notebook.client.raw_calls import RawOutputs

__all__ = ["Given", "Outputs", "as_given"]

Outputs: TypeAlias = "np.ndarray | dict[str, np.ndarray] | DataFrame | RawOutputs"
"""An array for one output, a dict of arrays by name, or what goes with a DataFrame; for raw
input labels with their scores."""


class Given(Protocol):
    """One form of what is passed: the tensors it is, and how its answer is to look."""

    @property
    def inputs(self) -> Inputs:
        """Array and ``DataType`` by alias."""

    def answer(self, outputs: Mapping[str, np.ndarray], rows: int | None) -> Outputs:
        """The model's outputs in the form that goes with it.

        Args:
            outputs: by alias.
            rows: how many of the first rows they are for; None for all of them.
        """


def as_given(value: object, named: Mapping[str, object], signature: Signature) -> Given:
    """Take what was passed. Pure.

    Raises:
        InvalidArgument: names or values do not fit; the text says what does.
        Unimplemented: an input has a type of which there are no arrays.
    """
    if is_table(value):
        frame = as_frame(value)
        return _Table(frame_inputs(frame, named, signature), frame.index)
    return _Arrays(as_inputs(value, named, signature), isinstance(value, Mapping))


class _Arrays:
    """Arrays, lists, scalars, tensors of other libraries; one, or several by name."""

    def __init__(self, inputs: Inputs, is_dict: bool) -> None:
        self.inputs = inputs
        self._is_dict = is_dict

    def answer(
        self,
        outputs: Mapping[str, np.ndarray],
        rows: int | None,  # noqa: ARG002 - the arrays are as long as they are
    ) -> Outputs:
        own = {alias: _own(array) for alias, array in outputs.items()}
        return next(iter(own.values())) if len(own) == 1 and not self._is_dict else own


class _Table:
    """A DataFrame or a Series."""

    def __init__(self, inputs: Inputs, index: Any) -> None:  # noqa: ANN401 - a pandas Index
        self.inputs = inputs
        self._index = index

    def answer(self, outputs: Mapping[str, np.ndarray], rows: int | None) -> Outputs:
        index = self._index if rows is None else self._index[:rows]
        own = {alias: _own(array) for alias, array in outputs.items()}
        if any(array.shape[:1] != (len(index),) for array in own.values()):
            return own  # they are not by rows
        return frame_of(own, index)


def _own(array: np.ndarray) -> np.ndarray:
    # What lies in the memory of a message cannot be written to.
    return array if array.flags.writeable else array.copy()
