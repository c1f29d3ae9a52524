"""Predict requests as bytes."""

from __future__ import annotations

from collections.abc import Callable

import grpc
import numpy as np

from tfs_notebook.wire.messages import PredictRequest, TensorProto
from tfs_notebook.wire.tensor_writer import tensor_to_wire

__all__ = ["predict_call", "predict_request"]

_PREDICT = "/tensorflow.serving.PredictionService/Predict"


def predict_request(model: str, alias: str, array: np.ndarray) -> bytes:
    """A serialised request with one input."""
    request = PredictRequest()
    request.model_spec.name = model
    tensor = TensorProto.FromString(b"".join(tensor_to_wire(array)))
    request.inputs[alias].CopyFrom(tensor)
    return request.SerializeToString()


def predict_call(channel: grpc.Channel) -> Callable[[bytes], bytes]:
    """The Predict method of a channel, over bytes."""
    call: Callable[[bytes], bytes] = channel.unary_unary(_PREDICT, bytes, bytes)
    return call
