"""Asks a server through min-tfs-client, and writes what it answers as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import grpc
import numpy as np
from min_tfs_client.requests import TensorServingClient
from min_tfs_client.tensors import tensor_proto_to_ndarray


def outputs(response: Any) -> dict[str, Any]:
    """The outputs as lists, with the type and the shape that the package reads."""
    arrays = {name: tensor_proto_to_ndarray(proto) for name, proto in response.outputs.items()}
    return {
        name: {
            "values": [each.decode() if isinstance(each, bytes) else each for each in flat],
            "dtype": array.dtype.name,
            "shape": array.shape,
        }
        for name, array in arrays.items()
        for flat in [array.ravel().tolist()]
    }


def refusal(call: Callable[[], Any]) -> list[str | None]:
    try:
        call()
    except grpc.RpcError as error:
        return [error.code().name, error.details()]
    raise AssertionError("it was answered")


def answers(host: str, port: int) -> dict[str, Any]:
    client = TensorServingClient(host=host, port=port)
    x = np.array([1.0, 2.0, 5.0], np.float32)
    half = client.predict_request("half_plus_two", {"x": x}, model_version=1, timeout=30)
    images = np.array(["b25l", "dHdv"])
    return {
        "floats": outputs(half),
        "model": [half.model_spec.name, half.model_spec.version.value],
        "strings": outputs(client.predict_request("readings", {"image": images})),
        "integers": outputs(
            client.predict_request("large_outputs", {"count": np.array(3, np.int32)})
        ),
        "no model": refusal(lambda: client.predict_request("nobody", {"x": x})),
        "no version": refusal(
            lambda: client.predict_request("half_plus_two", {"x": x}, model_version=9)
        ),
        "another type": refusal(
            lambda: client.predict_request("half_plus_two", {"x": x.astype(np.int32)})
        ),
    }


sys.stdout.write(json.dumps(answers(sys.argv[1], int(sys.argv[2]))))
