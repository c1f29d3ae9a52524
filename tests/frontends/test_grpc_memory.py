"""Memory after large gRPC messages is given back, and not by the loop's thread."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import grpc.aio
import numpy as np
import pytest

from tests.frontends.official import predict_request
from tests.polling import poll_until
from tests.server_process import free_port
from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.grpc.frontend import GrpcFrontend
from tfs_notebook.frontends.rest.control_access import ControlAccess
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.serving.run_pool import RunPool

PREDICT = "/tensorflow.serving.PredictionService/Predict"
OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


@pytest.fixture
def collections() -> Iterator[list[threading.Thread]]:
    """The threads of full collections, as they are made."""
    threads: list[threading.Thread] = []

    def observe(phase: str, info: dict[str, int]) -> None:
        if phase == "stop" and info["generation"] == 2:
            threads.append(threading.current_thread())

    # Only those that are asked for.
    gc.disable()
    gc.callbacks.append(observe)
    yield threads
    gc.callbacks.remove(observe)
    gc.enable()


@pytest.fixture
def pool() -> Iterator[RunPool]:
    pool = RunPool("test", 1)
    yield pool
    assert pool.stop(5)


def request(count: int) -> bytes:
    array = np.ones(count, np.float32)
    data: bytes = predict_request("half_plus_two", {"x": array}).SerializeToString()
    return data


async def test_garbage_of_large_messages_is_collected_by_another_thread(
    models: Path, pool: RunPool, collections: list[threading.Thread]
) -> None:
    config = ServerConfig(
        model_name="half_plus_two", model_base_path=str(models / "half_plus_two"),
        port=free_port(),
    )  # fmt: skip
    server = ModelServer(config)
    server.start()
    runner = RequestRunner(server, pool)
    door = GrpcFrontend(server, config, runner, runner, runner, ControlAccess(config))
    try:
        server.wait_for_models(60)
        [address] = await door.start()
        async with grpc.aio.insecure_channel(address, OPTIONS) as channel:
            call = channel.unary_unary(PREDICT, None, None)
            collections.clear()
            await call(request(1))
            assert len(await call(request(4_000_000))) > 16_000_000
        await asyncio.to_thread(poll_until, lambda: collections, "there is a collection")
        assert threading.main_thread() not in collections
    finally:
        await door.stop(0)
        server.stop(10)
