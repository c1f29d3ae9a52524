"""Runs a SavedModel with TensorFlow's own session, as TensorFlow Serving does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import config_pb2

from tests.models.answers import Answer, Arrays

v1 = tf.compat.v1


@dataclass(frozen=True)
class Call:
    """A run to be recorded.

    Attributes:
        signature: its name.
        inputs: by alias; a part of a sparse or composite input is ``alias/part``.
        tolerance: the relative difference that another run may show.
    """

    signature: str
    inputs: Arrays
    tolerance: float = 0.0


def record(path: Path, calls: Sequence[Call], tags: Sequence[str] = ("serve",)) -> list[Answer]:
    """Load the model, make the runs in their order, and return what came out."""
    with v1.Graph().as_default(), v1.Session() as session:
        meta_graph = v1.saved_model.load(session, list(tags), str(path))
        return [
            _answer(session, meta_graph.signature_def[call.signature], call) for call in calls
        ]


def _answer(session: Any, signature: Any, call: Call) -> Answer:
    defaults = {alias: tf.make_ndarray(tensor) for alias, tensor in signature.defaults.items()}
    inputs = {**defaults, **call.inputs}
    names = _tensor_names(signature.inputs)
    outputs = _tensor_names(signature.outputs)
    options = config_pb2.CallableOptions(
        feed=[names[alias] for alias in inputs], fetch=list(outputs.values())
    )
    # Unlike run(), such a callable leaves shapes to the runtime, as a server does.
    fetched = session._make_callable_from_options(options)(*inputs.values())
    return Answer(
        call.signature,
        call.inputs,
        {alias: _as_array(value) for alias, value in zip(outputs, fetched, strict=True)},
        call.tolerance,
    )


def _as_array(value: object) -> np.ndarray:
    if isinstance(value, bytes):
        array = np.empty((), object)
        array[()] = value
        return array
    return np.asarray(value)


def _tensor_names(tensors: Any) -> dict[str, str]:
    names = {}
    for alias, info in tensors.items():
        names.update(_parts(alias, info))
    return names


def _parts(alias: str, info: Any) -> dict[str, str]:
    encoding = info.WhichOneof("encoding")
    if encoding == "coo_sparse":
        return {
            f"{alias}/indices": info.coo_sparse.indices_tensor_name,
            f"{alias}/values": info.coo_sparse.values_tensor_name,
            f"{alias}/dense_shape": info.coo_sparse.dense_shape_tensor_name,
        }
    if encoding == "composite_tensor":
        parts = {}
        for index, component in enumerate(info.composite_tensor.components):
            parts.update(_parts(f"{alias}/{index}", component))
        return parts
    return {alias: info.name}
