"""Requests of the Open Inference Protocol, byte by byte, and what is in the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import grpc
import httpx
import numpy as np

from tests.server_process import ServerProcess
from tfs_notebook.wire.dtypes import DataType, data_type_of
from tfs_notebook.wire.messages import ModelInferRequest, ModelInferResponse
from tfs_notebook.wire.open_inference import (
    array_of_raw,
    data_type_named,
    datatype_of,
    raw_of_array,
)

LENGTH = "Inference-Header-Content-Length"
METHOD = "/inference.GRPCInferenceService/"

Arrays = Mapping[str, np.ndarray]


def datatype(array: np.ndarray) -> str:
    return datatype_of(data_type_of(array.dtype) or DataType.INVALID)


def raw_body(inputs: Arrays, **parameters: object) -> tuple[bytes, int]:
    """A body with all tensors behind its JSON, and how long that is."""
    entries, tail = [], b""
    for name, array in inputs.items():
        raw = bytes(raw_of_array(array))
        tail += raw
        entries.append(
            {
                "name": name,
                "datatype": datatype(array),
                "shape": list(array.shape),
                "parameters": {"binary_data_size": len(raw)},
            }
        )
    given = {"binary_data_output": True, **parameters}
    head = json.dumps({"id": "a", "inputs": entries, "parameters": given}).encode()
    return head + tail, len(head)


def json_body(inputs: Arrays, **parameters: object) -> bytes:
    """A body that is all JSON; strings have to be UTF-8."""
    entries = [
        {
            "name": name,
            "datatype": datatype(array),
            "shape": list(array.shape),
            "data": _values(array),
        }
        for name, array in inputs.items()
    ]
    return json.dumps({"inputs": entries, "parameters": parameters}).encode()


def _values(array: np.ndarray) -> Any:
    if array.dtype == object:
        return [value.decode() for value in array.reshape(-1).tolist()]
    wide = array.astype(np.float64) if array.dtype.kind not in "biu" else array
    return wide.reshape(-1).tolist()


def outputs_of(response: httpx.Response) -> dict[str, np.ndarray]:
    """The outputs of an answer, all of which are raw."""
    assert response.status_code == 200, response.text
    length = int(response.headers[LENGTH])
    tail = response.content[length:]
    outputs = {}
    for entry in json.loads(response.content[:length])["outputs"]:
        size = entry["parameters"]["binary_data_size"]
        number = data_type_named(entry["name"], entry["datatype"])
        outputs[entry["name"]] = array_of_raw(
            entry["name"], number, tuple(entry["shape"]), tail[:size]
        )
        tail = tail[size:]
    assert not tail
    return outputs


def infer_message(model: str, inputs: Arrays, **parameters: str) -> ModelInferRequest:
    """A message with all tensors raw."""
    request = ModelInferRequest(model_name=model, id="a")
    for name, array in inputs.items():
        request.inputs.add(name=name, datatype=datatype(array), shape=array.shape)
        request.raw_input_contents.append(bytes(raw_of_array(array)))
    for name, value in parameters.items():
        request.parameters[name].string_param = value
    return request


def outputs_in(response: ModelInferResponse) -> dict[str, np.ndarray]:
    """The outputs of an answer, all of which are raw."""
    return {
        output.name: array_of_raw(
            output.name,
            data_type_named(output.name, output.datatype),
            tuple(output.shape),
            raw,
        )
        for output, raw in zip(response.outputs, response.raw_output_contents, strict=True)
    }


class InferenceChannel:
    """A channel to the service of a server; a context manager."""

    def __init__(self, server: ServerProcess) -> None:
        self.channel = grpc.insecure_channel(
            server.grpc_address, options=[("grpc.max_receive_message_length", -1)]
        )

    def __enter__(self) -> InferenceChannel:
        return self

    def __exit__(self, *_: object) -> None:
        self.channel.close()

    def call(
        self, method: str, request: bytes = b"", timeout: float = 60, metadata: Any = None
    ) -> bytes:
        ask = self.channel.unary_unary(METHOD + method, None, None)
        answer: bytes = ask(request, timeout=timeout, metadata=metadata)
        return answer

    def infer(self, request: ModelInferRequest) -> ModelInferResponse:
        return ModelInferResponse.FromString(
            self.call("ModelInfer", request.SerializeToString())
        )
