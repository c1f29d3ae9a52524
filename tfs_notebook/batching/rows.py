"""The rows of several requests as one input, and the rows of its outputs back again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from tfs_notebook.batching.task import Task
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument

__all__ = ["Parts", "alike", "filled_up", "padded", "parts_of", "sliced"]

Parts = Mapping[str, tuple[Sequence[np.ndarray], int]]
"""What goes below one another, and the ``DataType`` number, by alias."""

_MOST_DIMENSIONS: Final = 6


def alike(tasks: Sequence[Task], *, padding: bool) -> list[list[Task]]:
    """Put those together whose rows have the same shapes, in the order they came.

    Args:
        tasks: of one queue.
        padding: whether equal numbers of dimensions will do.
    """
    first = tasks[0].inputs
    if len(tasks) == 1 or all(_same_shapes(first, task) for task in tasks):
        return [list(tasks)]
    groups: dict[object, list[Task]] = {}
    for task in tasks:
        groups.setdefault(_form(task, padding=padding), []).append(task)
    return list(groups.values())


def _same_shapes(first: Mapping[str, tuple[np.ndarray, int]], task: Task) -> bool:
    inputs = task.inputs
    if inputs is first:
        return True
    for alias, (array, _) in first.items():
        other = inputs[alias][0]
        if array.shape[1:] != other.shape[1:] or array.dtype != other.dtype:
            return False
    return True


def _form(task: Task, *, padding: bool) -> object:
    return tuple(
        (array.ndim if padding else array.shape[1:], array.dtype)
        for _, (array, _) in sorted(task.inputs.items())
    )


def parts_of(tasks: Sequence[Task]) -> dict[str, tuple[list[np.ndarray], int]]:
    """The inputs of tasks that are alike."""
    return {
        alias: ([task.inputs[alias][0] for task in tasks], dtype)
        for alias, (_, dtype) in tasks[0].inputs.items()
    }


def padded(parts: Parts) -> dict[str, tuple[list[np.ndarray], int]]:
    """Let all parts of an input have the shape of the largest, but for their rows.

    What is added has the value of a part's first element.

    Raises:
        InvalidArgument: more than six dimensions, or nothing to fill up with;
            TensorFlow's texts.
    """
    return {alias: (_padded(arrays), dtype) for alias, (arrays, dtype) in parts.items()}


def _padded(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    shapes = {array.shape[1:] for array in arrays}
    if len(shapes) == 1:
        return list(arrays)
    largest = tuple(map(max, *shapes))
    if len(largest) + 1 > _MOST_DIMENSIONS:
        raise InvalidArgument("Only tensors with rank from 1 to 6 can be padded.")
    return [_extended(array, largest) for array in arrays]


def _extended(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    if array.shape[1:] == shape:
        return array
    if not array.size:
        raise InvalidArgument("Got empty tensor in batch of non-empty tensors.")
    extended = np.full((array.shape[0], *shape), array.flat[0], array.dtype)
    extended[tuple(map(slice, array.shape))] = array
    return extended


def filled_up(parts: Parts, rows: int) -> dict[str, tuple[list[np.ndarray], int]]:
    """Add copies of the last part's first row.

    Args:
        parts: alike; those without rows are no model for others.
        rows: how many to add.
    """
    filled = {}
    for alias, (arrays, dtype) in parts.items():
        model = next((array for array in reversed(arrays) if array.shape[0]), None)
        if model is None:
            return {alias: (list(arrays), dtype) for alias, (arrays, dtype) in parts.items()}
        filler = np.broadcast_to(model[:1], (rows, *model.shape[1:]))
        filled[alias] = [*arrays, filler], dtype
    return filled


def sliced(
    outputs: Mapping[str, np.ndarray], tasks: Sequence[Task], rows: int
) -> list[dict[str, np.ndarray]]:
    """The rows of each task, as views.

    Args:
        outputs: of one run.
        tasks: whose rows they are, in their order; what follows them is dropped.
        rows: that the run had.

    Raises:
        FailedPrecondition: an output does not have a row for each of them.
    """
    for array in outputs.values():
        if not array.ndim:
            raise FailedPrecondition("Batched output tensor has 0 dimensions")
        if array.shape[0] != rows:
            raise FailedPrecondition(
                "Batched output tensor's 0th dimension does not equal the sum of the 0th "
                "dimension sizes of the input tensors"
            )
    slices = []
    start = 0
    for task in tasks:
        end = start + task.rows
        slices.append({alias: array[start:end] for alias, array in outputs.items()})
        start = end
    return slices
