"""What a model offers: its signatures, as plain records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tfs_notebook.wire.dtypes import type_name

__all__ = ["DEFAULT_SIGNATURE", "Signature", "TensorSpec"]

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
