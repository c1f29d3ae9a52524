"""gRPC over TCP with a token: no service is left out, and the Unix socket is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.frontends.repository_client import socket_directory
from tests.server_process import ServerProcess
from tfs_notebook.wire.messages import (
    GetModelMetadataRequest,
    GetModelStatusRequest,
    PredictRequest,
    ReloadConfigRequest,
)

TOKEN = "s3cret"
SERVING = health_pb2.HealthCheckResponse.SERVING

Call = Callable[[grpc.Channel, Any], Any]


def unary(path: str, request: Any) -> Call:
    def call(channel: grpc.Channel, metadata: Any) -> Any:
        ask = channel.unary_unary(f"/tensorflow.serving.{path}", None, None)
        return ask(request.SerializeToString(), timeout=30, metadata=metadata)

    return call


def predict_request() -> PredictRequest:
    request = PredictRequest()
    request.model_spec.name = "m"
    request.inputs["x"].dtype = 1
    request.inputs["x"].float_val.append(1.0)
    request.inputs["x"].tensor_shape.dim.add(size=1)
    return request


def status_request() -> GetModelStatusRequest:
    request = GetModelStatusRequest()
    request.model_spec.name = "m"
    return request


def metadata_request() -> GetModelMetadataRequest:
    request = GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "m"
    return request


def check(channel: grpc.Channel, metadata: Any) -> Any:
    health = health_pb2_grpc.HealthStub(channel)
    return health.Check(health_pb2.HealthCheckRequest(), timeout=30, metadata=metadata)


def watch(channel: grpc.Channel, metadata: Any) -> Any:
    health = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest()
    return next(iter(health.Watch(request, timeout=30, metadata=metadata)))


CALLS = {
    "Predict": unary("PredictionService/Predict", predict_request()),
    "GetModelMetadata": unary("PredictionService/GetModelMetadata", metadata_request()),
    "GetModelStatus": unary("ModelService/GetModelStatus", status_request()),
    "HandleReloadConfigRequest": unary(
        "ModelService/HandleReloadConfigRequest", ReloadConfigRequest()
    ),
    "Check": check,
    "Watch": watch,
}


@pytest.fixture(scope="module")
def channels(
    tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path
) -> Iterator[tuple[grpc.Channel, grpc.Channel]]:
    """Over TCP, and over the Unix socket."""
    directory = tmp_path_factory.mktemp("grpc_token")
    token = directory / "token"
    token.write_text(TOKEN)
    with socket_directory() as sockets:
        flags = [
            "--model_name=m",
            f"--model_base_path={half_plus_two.parent}",
            f"--grpc_token_file={token}",
            f"--grpc_socket_path={sockets / 'grpc.sock'}",
        ]
        with (
            ServerProcess(directory, flags) as server,
            grpc.insecure_channel(server.grpc_address) as tcp,
            grpc.insecure_channel(f"unix:{sockets / 'grpc.sock'}") as unix,
        ):
            yield tcp, unix


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN]
)
def test_over_tcp_nothing_goes_without_it(
    channels: tuple[grpc.Channel, grpc.Channel], name: str, authorization: str | None
) -> None:
    metadata = None if authorization is None else (("authorization", authorization),)
    with pytest.raises(grpc.RpcError) as refused:
        CALLS[name](channels[0], metadata)
    assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
    text = refused.value.details() or ""
    assert "the metadata authorization: Bearer TOKEN" in text
    assert TOKEN not in text


@pytest.mark.parametrize("name", CALLS)
def test_with_it_and_over_the_socket_everything_does(
    channels: tuple[grpc.Channel, grpc.Channel], name: str
) -> None:
    tcp, unix = channels
    for scheme in ("Bearer", "bearer"):
        assert CALLS[name](tcp, (("authorization", f"{scheme} {TOKEN}"),)) is not None
    assert CALLS[name](unix, None) is not None
