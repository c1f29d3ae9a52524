"""The official client: messages and stubs of ``tensorflow-serving-api``.

Importing this imports tensorflow, as it does for every user of that package.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import grpc
import numpy as np
import pytest

with warnings.catch_warnings():
    # TensorFlow's own imports warn of what it uses from others.
    warnings.simplefilter("ignore")
    import tensorflow as tf
    from tensorflow.core.framework import tensor_pb2, tensor_shape_pb2, types_pb2
    from tensorflow_serving.apis import (
        classification_pb2,
        get_model_metadata_pb2,
        get_model_status_pb2,
        inference_pb2,
        input_pb2,
        model_management_pb2,
        model_service_pb2_grpc,
        predict_pb2,
        prediction_service_pb2_grpc,
        regression_pb2,
    )

from tests.models.answers import Answer
from tests.server_process import ServerProcess

__all__ = [
    "Client",
    "classification_pb2",
    "get_model_metadata_pb2",
    "get_model_status_pb2",
    "inference_pb2",
    "input_pb2",
    "model_management_pb2",
    "predict_pb2",
    "predict_request",
    "regression_pb2",
    "tensor_pb2",
    "tensor_shape_pb2",
    "tf",
    "types_pb2",
]

Code = grpc.StatusCode

UNLIMITED = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
)


def tensor(array: np.ndarray) -> Any:
    """A TensorProto as the official client makes it."""
    return tf.make_tensor_proto(array)


def predict_request(
    model: str,
    inputs: Mapping[str, Any] | None = None,
    *,
    signature: str = "",
    version: int | None = None,
    label: str | None = None,
    outputs: tuple[str, ...] = (),
) -> Any:
    """A PredictRequest; inputs are arrays, or TensorProtos as they are to be sent."""
    request = predict_pb2.PredictRequest()
    request.model_spec.name = model
    request.model_spec.signature_name = signature
    if version is not None:
        request.model_spec.version.value = version
    if label is not None:
        request.model_spec.version_label = label
    for alias, value in (inputs or {}).items():
        is_message = isinstance(value, tensor_pb2.TensorProto)
        request.inputs[alias].CopyFrom(value if is_message else tensor(value))
    request.output_filter.extend(outputs)
    return request


def typed(dtype: int, shape: list[int], **values: Any) -> Any:
    """A TensorProto of which every field is chosen."""
    message = tensor_pb2.TensorProto(dtype=dtype, **values)
    for size in shape:
        message.tensor_shape.dim.add(size=size)
    return message


def answer_request(model: str, answer: Answer) -> Any:
    """The request of a recorded run."""
    return predict_request(model, answer.inputs, signature=answer.signature)


def arrays(response: Any) -> dict[str, np.ndarray]:
    """The outputs of a PredictResponse, as the official client reads them."""
    return {alias: tf.make_ndarray(proto) for alias, proto in response.outputs.items()}


def status_request(name: str | None, version: int | None = None, label: str = "") -> Any:
    """A GetModelStatusRequest; without a name it has no ModelSpec."""
    request = get_model_status_pb2.GetModelStatusRequest()
    if name is not None:
        request.model_spec.name = name
    if version is not None:
        request.model_spec.version.value = version
    if label:
        request.model_spec.version_label = label
    return request


class Client:
    """Both services of one server; a context manager."""

    def __init__(self, target: str) -> None:
        self.channel: Any = grpc.insecure_channel(target, options=UNLIMITED)
        self.prediction = prediction_service_pb2_grpc.PredictionServiceStub(self.channel)
        self.model = model_service_pb2_grpc.ModelServiceStub(self.channel)

    @classmethod
    def of(cls, server: ServerProcess) -> Client:
        """A client of this server's TCP port."""
        return cls(server.grpc_address)

    def predict(self, *arguments: Any, **options: Any) -> dict[str, np.ndarray]:
        """Predict and return the outputs; takes what :func:`predict_request` takes."""
        request = predict_request(*arguments, **options)
        return arrays(self.prediction.Predict(request, timeout=60))

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.channel.close()


def refused(call: Callable[[], Any]) -> tuple[Any, str]:
    """The status and the text of a call that fails."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    error: Any = caught.value
    return error.code(), error.details()


def predict_refused(client: Client, *arguments: Any, **options: Any) -> tuple[Any, str]:
    return refused(lambda: client.predict(*arguments, **options))
