"""What the access log says of gRPC calls, whichever way they end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import numpy as np
import pytest

from tests.frontends.official import predict_request
from tests.polling import poll_until
from tests.server_process import ServerProcess

METHOD = "/tensorflow.serving.PredictionService/Predict"


@pytest.fixture(scope="module")
def logging_server(
    models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    flags = [f"--model_base_path={models / 'slow'}", "--model_name=slow", "--access_log"]
    directory = tmp_path_factory.mktemp("logging")
    with ServerProcess(directory, [*flags, "--request_ids"]) as process:
        yield process


@pytest.fixture
def call(logging_server: ServerProcess) -> Iterator[grpc.UnaryUnaryMultiCallable[bytes, bytes]]:
    with grpc.insecure_channel(logging_server.grpc_address) as channel:
        yield channel.unary_unary(METHOD, None, None)


def request(seconds: float, model: str = "slow") -> bytes:
    array = np.array([seconds], np.float32)
    data: bytes = predict_request(model, {"seconds": array}).SerializeToString()
    return data


def logged_status(server: ServerProcess, request_id: str) -> str:
    def line() -> str:
        return next((each for each in server.log.splitlines() if each.endswith(request_id)), "")

    found = poll_until(line, "the log has it", details=lambda: server.log)
    return found.partition(f'gRPC "{METHOD}" ')[2].split()[0]


def test_answers_and_errors(
    call: grpc.UnaryUnaryMultiCallable[bytes, bytes], logging_server: ServerProcess
) -> None:
    call(request(0.0), metadata=(("x-request-id", "id-good"),))
    with pytest.raises(grpc.RpcError):
        call(request(0.0, "nobody"), metadata=(("x-request-id", "id-bad"),))
    assert logged_status(logging_server, "id-good") == "OK"
    assert logged_status(logging_server, "id-bad") == "NOT_FOUND"


@pytest.mark.parametrize("seconds", [0.3, 0.7771, 1.2345])
def test_calls_whose_time_is_up(
    call: grpc.UnaryUnaryMultiCallable[bytes, bytes],
    logging_server: ServerProcess,
    seconds: float,
) -> None:
    name = f"id-late-{seconds}"
    with pytest.raises(grpc.RpcError) as raised:
        call(request(3.0), timeout=seconds, metadata=(("x-request-id", name),))
    assert raised.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert logged_status(logging_server, name) == "DEADLINE_EXCEEDED"


@pytest.mark.parametrize("timeout", [None, 60.0])
def test_calls_that_are_cancelled(logging_server: ServerProcess, timeout: float | None) -> None:
    name = f"id-cancelled-{timeout}"
    with grpc.insecure_channel(logging_server.grpc_address) as channel:
        # Of a stream the head is seen before the answer, though there is but one.
        call = channel.unary_stream(METHOD, None, None)(
            request(3.0), timeout=timeout, metadata=(("x-request-id", name),)
        )
        # The id is sent back as soon as the call is taken up.
        assert ("x-request-id", name) in [tuple(pair) for pair in call.initial_metadata()]
        call.cancel()  # type: ignore[no-untyped-call]
        assert logged_status(logging_server, name) == "CANCELLED"
