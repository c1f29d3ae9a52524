"""Flags of the gRPC door at work: threads, limits on messages, compression, health."""

from __future__ import annotations

import shutil
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import grpc
import httpx
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.frontends.official import (
    Client,
    Code,
    arrays,
    predict_request,
    refused,
    status_request,
)
from tests.models.inputs import floats
from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text

Start = Callable[..., ServerProcess]
Health = health_pb2.HealthCheckResponse


def one_model(models: Path, name: str) -> tuple[str, str]:
    return f"--model_name={name}", f"--model_base_path={models / name}"


def in_flight(server: ServerProcess) -> int:
    (told,) = httpx.get(f"{server.url}/v2/models/hangs/stats").json()["model_stats"]
    number: int = told["signatures"].get("serving_default", {}).get("in_flight", 0)
    return number


@pytest.mark.parametrize(("threads", "is_answered"), [(2, False), (3, True)])
def test_as_many_runs_as_threads(
    start_server: Start, models: Path, threads: int, is_answered: bool
) -> None:
    server = start_server(
        *one_model(models, "hangs"),
        "--allowed_unsafe_ops=ReadFile",
        f"--grpc_max_threads={threads}",
    )
    hanging = predict_request("hangs", {"x": floats(-1.0)})
    quick = predict_request("hangs", {"x": floats(2.0)})
    with Client.of(server) as client:
        under_way = [client.prediction.Predict.future(hanging, timeout=60) for _ in range(2)]
        poll_until(lambda: in_flight(server) == 2, "both hang")
        if is_answered:
            got = arrays(client.prediction.Predict(quick, timeout=60))
            assert got["y"].tolist() == [4.0]
        else:
            code, _ = refused(lambda: client.prediction.Predict(quick, timeout=1))
            assert code is Code.DEADLINE_EXCEEDED
        # What runs no model needs none of them.
        status = client.model.GetModelStatus(status_request("hangs"), timeout=60)
        assert status.model_version_status[0].version == 1
        # Nor does REST, which has threads of its own.
        let_go = {"signature_name": "let_go", "instances": [1.0, 1.0]}
        answer = httpx.post(f"{server.url}/v1/models/hangs:predict", json=let_go)
        assert answer.status_code == 200
        for call in under_way:
            assert arrays(call.result(60))["y"].tolist() == [-2.0]
        assert client.predict("hangs", {"x": floats(2.0)})["y"].tolist() == [4.0]


@pytest.fixture(scope="module")
def narrow(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that takes messages of 10,000 bytes and sends ones of 20,000."""
    directory = tmp_path_factory.mktemp("narrow")
    arguments = (
        "grpc.max_receive_message_length=5,grpc.max_send_message_length=20000,"
        "grpc.max_receive_message_length=10000,grpc.default_compression_algorithm=2"
    )
    config = directory / "models.config"
    served = ("half_plus_two", "large_outputs")
    config.write_text(config_text({name: models / name for name in served}))
    flags = (f"--model_config_file={config}", f"--grpc_channel_arguments={arguments}")
    with ServerProcess(directory, flags) as process:
        yield process


def test_the_last_of_an_argument_counts_and_narrows_what_is_taken(
    narrow: ServerProcess,
) -> None:
    with Client.of(narrow) as client:
        x = np.arange(2000, dtype=np.float32)
        assert client.predict("half_plus_two", {"x": x})["y"][-1] == 1001.5
        x = np.arange(3000, dtype=np.float32)
        code, text = refused(lambda: client.predict("half_plus_two", {"x": x}))
        assert code is Code.RESOURCE_EXHAUSTED
        assert "larger than max (" in text
        assert "vs. 10000)" in text


def test_an_argument_narrows_what_is_sent(narrow: ServerProcess) -> None:
    with Client.of(narrow) as client:
        count = {"count": np.array(4000, np.int32)}
        assert client.predict("large_outputs", count)["values"].shape == (4000,)
        count = {"count": np.array(6000, np.int32)}
        code, text = refused(lambda: client.predict("large_outputs", count))
        assert code is Code.RESOURCE_EXHAUSTED
        assert "vs. 20000)" in text


@pytest.mark.parametrize("count", [1_100_000, 2_000_000])
def test_messages_larger_than_grpc_s_own_limit(client: Client, count: int) -> None:
    """4 MiB, which most servers keep; the channel of the client has no limit here."""
    x = np.arange(count, dtype=np.float32)
    assert np.array_equal(client.predict("half_plus_two", {"x": x})["y"], x / 2 + 2)


class CountingRelay:
    """Passes bytes on to a server, and counts those that come back; a context manager."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.sent = 0
        self.received = 0
        self._open: list[socket.socket] = [self._listening]

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._open += [client, server]
                for arguments in ((client, server, "sent"), (server, client, "received")):
                    threading.Thread(target=self._pass, args=arguments, daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, counter: str) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                setattr(self, counter, getattr(self, counter) + len(data))
                sink.sendall(data)

    def __enter__(self) -> CountingRelay:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def bytes_of(server: ServerProcess, compression: grpc.Compression) -> tuple[int, int]:
    """What goes to the server and comes from it for a thousand zeros."""
    request = predict_request("half_plus_two", {"x": np.zeros(2000, np.float32)})
    with CountingRelay(server.port) as relay, closing(Client(relay.address).channel) as channel:
        call = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
        answer = call(request.SerializeToString(), timeout=30, compression=compression)
        # Two, as they are: 0x40000000.
        assert answer.count(b"\x00\x00\x00@") == 2000
        return relay.sent, relay.received


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.Deflate])
def test_compressed_requests_are_answered(
    server: ServerProcess, compression: grpc.Compression
) -> None:
    plain = bytes_of(server, grpc.Compression.NoCompression)
    assert min(plain) > 8000
    sent, received = bytes_of(server, compression)
    assert sent < 2000
    # As TensorFlow Serving's, answers are not, unless an argument of the channel says so.
    assert received > 8000


def test_an_argument_has_answers_compressed(narrow: ServerProcess) -> None:
    sent, received = bytes_of(narrow, grpc.Compression.NoCompression)
    assert sent > 8000
    assert received < 2000


def test_health_comes_and_goes(start_server: Start, models: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(models / "half_plus_two" / "1", base / "1")
    server = start_server(f"--model_base_path={base}", "--model_name=m")
    with grpc.insecure_channel(server.grpc_address) as channel:
        health = health_pb2_grpc.HealthStub(channel)

        def watch(service: str) -> Iterator[Any]:
            request = health_pb2.HealthCheckRequest(service=service)
            return iter(health.Watch(request, timeout=60))

        services = ("", "ModelService", "PredictionService")
        watched = {service: watch(service) for service in services}
        unknown = watch("tensorflow.serving.PredictionService")
        for states in watched.values():
            assert next(states).status == Health.SERVING
        assert next(unknown).status == Health.SERVICE_UNKNOWN
        (base / "1").rename(tmp_path / "1")
        for states in watched.values():
            assert next(states).status == Health.NOT_SERVING
        for service in services:
            request = health_pb2.HealthCheckRequest(service=service)
            assert health.Check(request, timeout=30).status == Health.NOT_SERVING
        (tmp_path / "1").rename(base / "1")
        for states in watched.values():
            assert next(states).status == Health.SERVING
        # The end is told, too, before the port is shut.
        server.send(signal.SIGTERM)
        for states in watched.values():
            assert next(states).status == Health.NOT_SERVING
    assert server.wait_for_exit() == 0


def test_a_flag_turns_health_off(start_server: Start, models: Path) -> None:
    server = start_server(
        *one_model(models, "half_plus_two"), "--enable_grpc_healthcheck_service=false"
    )
    with Client.of(server) as client:
        health = health_pb2_grpc.HealthStub(client.channel)
        code, _ = refused(lambda: health.Check(health_pb2.HealthCheckRequest(), timeout=30))
        assert code is Code.UNIMPLEMENTED
        assert client.predict("half_plus_two", {"x": floats(1.0)})["y"].tolist() == [2.5]
