"""Asks a server with KServe's clients, REST and gRPC, and writes what came as JSON.

Run where kserve is installed: ``client.py URL HOST:PORT``.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.inference_client import InferenceGRPCClient


def request(
    model: str, name: str, array: np.ndarray, datatype: str, **more: Any
) -> InferRequest:
    entry = InferInput(name, list(array.shape), datatype)
    entry.set_data_from_numpy(array, binary_data=more.pop("binary", True))
    return InferRequest(model_name=model, infer_inputs=[entry], **more)


def told(answer: Any) -> dict[str, Any]:
    values = answer.outputs[0].as_numpy().tolist()
    return {
        "model": answer.model_name,
        "version": answer.model_version,
        "id": answer.id,
        "values": [v.decode() if isinstance(v, bytes) else v for v in values],
    }


async def ask(url: str, address: str) -> dict[str, Any]:
    rest = InferenceRESTClient(config=RESTConfig(protocol="v2"))
    grpc = InferenceGRPCClient(address)
    numbers = np.array([1, 2, 5], np.float32)
    texts = np.array([b"a", b"b"], object)
    answers: dict[str, Any] = {
        "rest": [
            await rest.is_server_live(url),
            await rest.is_server_ready(url),
            await rest.is_model_ready(url, "half_plus_two"),
        ],
        "grpc": [
            await grpc.is_server_live(),
            await grpc.is_server_ready(),
            await grpc.is_model_ready("half_plus_two"),
        ],
    }
    for binary in (False, True):
        asked = request("half_plus_two", "x", numbers, "FP32", binary=binary, request_id="7")
        answers[f"rest numbers {binary}"] = told(
            await rest.infer(url, asked, model_name="half_plus_two")
        )
        answers[f"grpc numbers {binary}"] = told(await grpc.infer(asked))
    echo = {"signature_name": "echo"}
    asked = request("texts", "text", texts, "BYTES", parameters=echo)
    answers["rest texts"] = told(await rest.infer(url, asked, model_name="texts"))
    answers["grpc texts"] = told(await grpc.infer(asked))
    asked = request("nobody", "x", numbers, "FP32")
    for door, call in (
        ("rest", rest.infer(url, asked, model_name="nobody")),
        ("grpc", grpc.infer(asked)),
    ):
        try:
            await call
        except Exception as error:  # noqa: BLE001 - it is what is looked at
            answers[f"{door} error"] = str(error)
    await rest.close()
    await grpc.close()
    return answers


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(ask(*sys.argv[1:]))))
