"""What a model offers: its signatures, as plain records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tfs_notebook.wire.dtypes import DataType, base_type, type_name
from tfs_notebook.wire.messages import SignatureDef, TensorInfo
from tfs_notebook.wire.tensor_reader import array_from_message

__all__ = ["DEFAULT_SIGNATURE", "Signature", "TensorSpec", "signature_of"]

DEFAULT_SIGNATURE = "serving_default"


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output of a signature.

    Attributes:
        alias: the key in the signature's map; what clients send and receive.
        dtype: element type, a number of ``tensorflow.DataType``.
        shape: dimensions with -1 where unknown, or None if the rank is unknown.
        tensor_name: the graph's tensor behind it (``"x:0"``); empty if the
            runtime has no graph.
    """

    alias: str
    dtype: int
    shape: tuple[int, ...] | None
    tensor_name: str = ""

    def __str__(self) -> str:
        shape = "unknown" if self.shape is None else str(list(self.shape)).replace("-1", "?")
        return f"{self.alias}: {type_name(self.dtype)} {shape}"


@dataclass(frozen=True, slots=True)
class Signature:
    """A named entry point of a model; immutable, safe to share between threads.

    Attributes:
        name: the key under which it is asked for.
        method_name: ``tensorflow/serving/predict`` and its like.
        inputs: by alias, in the order of the aliases.
        outputs: by alias, in the order of the aliases.
        defaults: values of the inputs that a request may leave out.
    """

    name: str
    method_name: str
    inputs: Mapping[str, TensorSpec]
    outputs: Mapping[str, TensorSpec]
    defaults: Mapping[str, np.ndarray] = field(default_factory=dict)


def signature_of(name: str, definition: SignatureDef) -> Signature:
    """Return the record of a ``SignatureDef``.

    An input or output that is one sparse tensor (``coo_sparse``, from TF 1) has
    no graph tensor of its own and becomes three: ``x/indices``, ``x/values`` and
    ``x/dense_shape``. A composite one becomes ``x/0``, ``x/1`` … in the order of
    its components. (TensorFlow 2 writes such parts as plain tensors itself.)

    Raises:
        InvalidArgument: a default value is not a tensor.
    """
    return Signature(
        name,
        definition.method_name,
        _specs(definition.inputs),
        _specs(definition.outputs),
        {
            alias: array_from_message(value)
            for alias, value in sorted(definition.defaults.items())
        },
    )


def _specs(tensors: Mapping[str, TensorInfo]) -> dict[str, TensorSpec]:
    specs: dict[str, TensorSpec] = {}
    for alias in sorted(tensors):
        for spec in _parts(alias, tensors[alias]):
            specs[spec.alias] = spec
    return specs


def _parts(alias: str, info: TensorInfo) -> list[TensorSpec]:
    encoding = info.WhichOneof("encoding")
    if encoding == "coo_sparse":
        sparse, shape = info.coo_sparse, _shape(info)
        rank = -1 if shape is None else len(shape)
        return [
            TensorSpec(
                f"{alias}/dense_shape", DataType.INT64, (rank,), sparse.dense_shape_tensor_name
            ),
            TensorSpec(
                f"{alias}/indices", DataType.INT64, (-1, rank), sparse.indices_tensor_name
            ),
            TensorSpec(
                f"{alias}/values", base_type(info.dtype), (-1,), sparse.values_tensor_name
            ),
        ]
    if encoding == "composite_tensor":
        return [
            part
            for index, component in enumerate(info.composite_tensor.components)
            for part in _parts(f"{alias}/{index}", component)
        ]
    return [TensorSpec(alias, base_type(info.dtype), _shape(info), info.name)]


def _shape(info: TensorInfo) -> tuple[int, ...] | None:
    if info.tensor_shape.unknown_rank:
        return None
    return tuple(dim.size for dim in info.tensor_shape.dim)
