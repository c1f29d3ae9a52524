"""Inputs that belong together: the three parts of a sparse tensor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.signatures import TensorSpec

__all__ = ["SparsePart", "sparse_parts"]

# Indices, values, shape: as they are named for a sparse tensor of TensorFlow 1,
# and by TensorFlow 2, which numbers the parts.
_SUFFIXES: Final = (("/indices", "/values", "/dense_shape"), ("", "_1", "_2"))
_RANK: Final = 2


class SparsePart(NamedTuple):
    """One part of a sparse tensor that holds one value, at the origin.

    Attributes:
        shape: of the part.
        is_indices: whether its elements are positions.
    """

    shape: tuple[int, ...]
    is_indices: bool


def sparse_parts(inputs: Mapping[str, TensorSpec]) -> dict[str, SparsePart]:
    """Find the inputs that are parts of sparse tensors, by alias. Pure.

    Three inputs are taken for one sparse tensor if both their names and their
    types and shapes say so: int64 indices ``[-1, rank]``, values ``[-1]``, int64
    shape ``[rank]``.
    """
    parts: dict[str, SparsePart] = {}
    for alias in inputs:
        for suffixes in _SUFFIXES:
            if alias.endswith(suffixes[0]):
                stem = alias.removesuffix(suffixes[0])
                trio = [inputs.get(stem + suffix) for suffix in suffixes]
                parts |= _parts_of(trio)
    return parts


def _parts_of(trio: list[TensorSpec | None]) -> dict[str, SparsePart]:
    indices, values, shape = trio
    if indices is None or values is None or shape is None:
        return {}
    if indices.dtype != DataType.INT64 or shape.dtype != DataType.INT64:
        return {}
    if not (_fits(indices, 2) and _fits(values, 1) and _fits(shape, 1)):
        return {}
    ranks = {spec.shape[-1] for spec in (indices, shape) if spec.shape and spec.shape[-1] >= 0}
    if len(ranks) > 1 or not _is_one_or_open(indices) or not _is_one_or_open(values):
        return {}
    rank = ranks.pop() if ranks else _RANK
    return {
        indices.alias: SparsePart((1, rank), is_indices=True),
        values.alias: SparsePart((1,), is_indices=False),
        shape.alias: SparsePart((rank,), is_indices=False),
    }


def _fits(spec: TensorSpec, rank: int) -> bool:
    return spec.shape is None or len(spec.shape) == rank


def _is_one_or_open(spec: TensorSpec) -> bool:
    return spec.shape is None or spec.shape[0] < 0 or spec.shape[0] == 1
