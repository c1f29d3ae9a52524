"""gRPC itself: health, deadlines, large messages, many clients, sockets, ids."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import grpc
import httpx
import numpy as np
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.at_once import at_once
from tests.frontends.official import (
    Client,
    Code,
    arrays,
    predict_request,
    refused,
    typed,
    types_pb2,
)
from tests.models.inputs import floats
from tests.polling import poll_until
from tests.server_process import ServerProcess


def test_health(client: Client) -> None:
    health = health_pb2_grpc.HealthStub(client.channel)
    for service in ("", "ModelService", "PredictionService"):
        response = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=60)
        assert response.status == health_pb2.HealthCheckResponse.SERVING
    code, _ = refused(
        lambda: health.Check(health_pb2.HealthCheckRequest(service="nothing"), timeout=60)
    )
    assert code == Code.NOT_FOUND


def test_health_follows_the_models(
    start_server: Callable[..., ServerProcess], tmp_path: Path, half_plus_two: Path
) -> None:
    base = tmp_path / "later"
    server = start_server(f"--model_base_path={base}", "--model_name=later")
    with grpc.insecure_channel(server.grpc_address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        watched = iter(health.Watch(health_pb2.HealthCheckRequest(), timeout=60))
        assert next(watched).status == health_pb2.HealthCheckResponse.NOT_SERVING
        base.mkdir()
        (base / "1").symlink_to(half_plus_two)
        assert next(watched).status == health_pb2.HealthCheckResponse.SERVING


def test_messages_of_200_mb_pass_both_ways(client: Client) -> None:
    content = np.arange(50_000_000, dtype=np.float32).tobytes()
    sent = typed(types_pb2.DT_FLOAT, [50_000_000], tensor_content=content)
    request = predict_request("identities", {"x": sent}, signature="float")
    call = client.channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
    response = call(request.SerializeToString(), timeout=60)
    # The list is packed, so the numbers lie in the answer as they lay in the request.
    assert content in response


def test_large_answers(client: Client) -> None:
    got = client.predict("large_outputs", {"count": np.int32(3_000_000)})["values"]
    assert np.array_equal(got, np.arange(3_000_000, dtype=np.float32))
    got = client.predict("large_outputs", {"count": np.int32(300_000)}, signature="text")[
        "values"
    ]
    assert got.tolist() == [b"%d" % number for number in range(300_000)]


def slow_runs_ended(server: ServerProcess) -> int:
    url = f"{server.url}/v2/models/slow/stats"
    (counted,) = httpx.get(url, timeout=30).raise_for_status().json()["model_stats"]
    number: int = counted["inference_count"]
    return number


def test_a_deadline_is_answered_while_the_run_goes_on(
    server: ServerProcess, client: Client
) -> None:
    before = slow_runs_ended(server)
    request = predict_request("slow", {"seconds": floats(3.0)})
    code, _ = refused(lambda: client.prediction.Predict(request, timeout=0.2))
    assert code == Code.DEADLINE_EXCEEDED
    assert slow_runs_ended(server) == before
    assert client.predict("half_plus_two", {"x": floats(1.0)})["y"].tolist() == [2.5]


def test_a_cancelled_call_hurts_nobody(client: Client) -> None:
    request = predict_request("slow", {"seconds": floats(0.5)})
    call = client.prediction.Predict.future(request)
    call.cancel()
    assert client.predict("half_plus_two", {"x": floats(1.0)})["y"].tolist() == [2.5]


def test_connections_cut_in_the_middle(server: ServerProcess, client: Client) -> None:
    request = predict_request("slow", {"seconds": floats(0.5)})
    for _ in range(5):
        with Client.of(server) as another:
            another.prediction.Predict.future(request)
    assert client.predict("half_plus_two", {"x": floats(1.0)})["y"].tolist() == [2.5]


def test_slow_runs_do_not_hold_up_others(client: Client) -> None:
    slow = client.prediction.Predict.future(predict_request("slow", {"seconds": floats(3.0)}))
    for number in range(20):
        got = client.predict("half_plus_two", {"x": floats(number)})
        assert got["y"].tolist() == [number / 2 + 2]
    assert not slow.done()
    assert arrays(slow.result())["seconds"].tolist() == [3.0]


def test_many_clients_at_once(server: ServerProcess) -> None:
    def work(seed: int) -> None:
        with Client.of(server) as client:
            for turn in range(50):
                x = np.full(seed + 1, turn, np.float32)
                got = client.predict("half_plus_two", {"x": x})
                assert got["y"].tolist() == (x / 2 + 2).tolist()

    at_once(16, work)


def test_unix_socket(
    start_server: Callable[..., ServerProcess], tmp_path: Path, models: Path
) -> None:
    socket_path = tmp_path / "g.sock"
    server = start_server(
        f"--grpc_socket_path={socket_path}",
        "--model_name=m",
        f"--model_base_path={models / 'half_plus_two'}",
        port=0,
    )
    assert socket_path.is_socket()
    assert socket_path.stat().st_mode & 0o777 == 0o600
    with Client(f"unix:{socket_path}") as client:
        assert client.predict("m", {"x": floats(1.0)})["y"].tolist() == [2.5]
    server.stop()
    assert not socket_path.exists()


def test_request_ids(
    start_server: Callable[..., ServerProcess], models: Path, tmp_path: Path
) -> None:
    server = start_server(
        "--request_ids", "--access_log", "--model_name=m",
        f"--model_base_path={models / 'half_plus_two'}",
    )  # fmt: skip
    with Client.of(server) as client:
        request = predict_request("m", {"x": floats(1.0)})
        metadata = (("x-request-id", "mine-1"),)
        _, call = client.prediction.Predict.with_call(request, metadata=metadata)
        assert ("x-request-id", "mine-1") in call.initial_metadata()
        _, call = client.prediction.Predict.with_call(request)
        made = dict(call.initial_metadata())["x-request-id"]
        assert len(made) == 32
        refused(lambda: client.predict("nobody", {}))
    poll_until(
        lambda: "NOT_FOUND" in server.log, "the access log has all", details=lambda: server.log
    )
    lines = [line for line in server.log.splitlines() if "PredictionService/Predict" in line]
    assert "mine-1" in lines[0]
    assert " OK " in lines[0]
    assert made in lines[1]
