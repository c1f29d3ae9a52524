"""Server reflection, read with gRPC's own client of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from tests.server_process import ServerProcess
from tfs_notebook.wire.messages import SERVICES

OTHERS = {"grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}


@pytest.fixture(scope="module")
def channel(
    tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path
) -> Iterator[grpc.Channel]:
    flags = [
        "--model_name=m",
        f"--model_base_path={half_plus_two.parent}",
        "--enable_grpc_reflection",
    ]
    with (
        ServerProcess(tmp_path_factory.mktemp("reflection"), flags) as server,
        grpc.insecure_channel(server.grpc_address) as channel,
    ):
        yield channel


@pytest.fixture
def database(channel: grpc.Channel) -> Any:
    return ProtoReflectionDescriptorDatabase(channel)


def test_every_service_is_listed_and_described(database: Any) -> None:
    services = set(database.get_services())
    assert {
        "tensorflow.serving.PredictionService",
        "tensorflow.serving.ModelService",
        *OTHERS,
    } <= services
    pool = DescriptorPool(database)
    for name in services:
        described = pool.FindServiceByName(name)
        if name in SERVICES:
            assert SERVICES[name].keys() <= {method.name for method in described.methods}


def test_a_call_with_nothing_but_what_it_tells(channel: grpc.Channel, database: Any) -> None:
    service = DescriptorPool(database).FindServiceByName("tensorflow.serving.PredictionService")
    method = service.methods_by_name["Predict"]
    request = GetMessageClass(method.input_type)()
    request.model_spec.name = "m"  # type: ignore[attr-defined]
    request.inputs["x"].dtype = 1  # type: ignore[attr-defined]
    request.inputs["x"].float_val.append(1.0)  # type: ignore[attr-defined]
    request.inputs["x"].tensor_shape.dim.add(size=1)  # type: ignore[attr-defined]
    ask = channel.unary_unary(
        f"/{method.containing_service.full_name}/{method.name}", None, None
    )
    answer = GetMessageClass(method.output_type).FromString(
        ask(request.SerializeToString(), timeout=60)
    )
    assert answer.outputs["y"].float_val == [2.5]  # type: ignore[attr-defined]


def test_what_is_not_there(database: Any) -> None:
    with pytest.raises(KeyError):
        database.FindFileContainingSymbol("tensorflow.serving.Nothing")
    with pytest.raises(KeyError):
        database.FindFileByName("../etc/passwd")


def test_a_stream_that_stays_open_keeps_nobody_waiting(channel: grpc.Channel) -> None:
    import queue

    sent: queue.SimpleQueue[Any] = queue.SimpleQueue()
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    stream = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(
        iter(sent.get, None), timeout=60
    )
    for _ in range(2):
        sent.put(request)
        assert next(stream).list_services_response.service
        services = ProtoReflectionDescriptorDatabase(channel).get_services()
        assert set(services) >= OTHERS
    sent.put(None)
    assert list(stream) == []


def test_without_the_flag_there_is_none(server: ServerProcess) -> None:
    with grpc.insecure_channel(server.grpc_address) as plain:
        with pytest.raises(grpc.RpcError) as error:
            ProtoReflectionDescriptorDatabase(plain).get_services()
        assert error.value.code() == grpc.StatusCode.UNIMPLEMENTED
