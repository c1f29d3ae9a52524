"""Requests through Jupyter: the same answers as from the model server itself."""

from __future__ import annotations

import gzip
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psutil
import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from tests.jupyter.jupyter_process import BASE_URL, TOKEN, JupyterProcess
from tests.metrics_page import Page


def direct(jupyter: JupyterProcess) -> httpx.Client:
    transport = httpx.HTTPTransport(uds=jupyter.connection()["rest_socket"])
    return httpx.Client(transport=transport, base_url="http://localhost/", timeout=60)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "v1/models", None),
        ("GET", "v1/models/half", None),
        ("GET", "v1/models/half/versions/1/metadata", None),
        ("POST", "v1/models/half:predict", {"instances": [1.0, 2.5, -3]}),
        ("POST", "v1/models/half/versions/1:predict", {"inputs": {"x": [1.0]}}),
        ("POST", "v1/models/half:predict", {"instances": ["no number"]}),
        ("POST", "v1/models/absent:predict", {"instances": [1]}),
        ("GET", "v2/health/live", None),
        ("GET", "v2/health/ready", None),
        ("GET", "v2/no/such/thing", None),
        ("GET", "predict?text=a%20b%2Bc", None),
        ("POST", "predict", {"text": "a"}),
    ],
)
def test_answers_are_those_of_the_model_server(
    jupyter: JupyterProcess, method: str, path: str, body: Any
) -> None:
    with direct(jupyter) as client:
        expected = client.request(method, path, json=body)
    relayed = jupyter.http.request(method, f"tfs/{path}", json=body)
    assert relayed.status_code == expected.status_code
    assert relayed.content == expected.content
    assert relayed.headers["Content-Type"] == expected.headers["Content-Type"]


def test_the_prediction_is_right(jupyter: JupyterProcess) -> None:
    assert jupyter.predict(1.0, 2.0, 5.0) == [2.5, 3.0, 4.5]


def test_the_page_of_metrics(jupyter: JupyterProcess) -> None:
    jupyter.predict(1.0)
    answer = jupyter.http.get("tfs/monitoring/prometheus/metrics")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain")
    counted = Page(answer.text).of(":tensorflow:serving:request_count")
    assert counted['model_name="half",status="OK"'] >= 1
    wrong = jupyter.http.get("tfs/monitoring/prometheus/metrics?a=b")
    assert (wrong.status_code, "Unexpected path: " in wrong.text) == (400, True)
    stranger = httpx.get(f"{jupyter.http.base_url}tfs/monitoring/prometheus/metrics")
    assert stranger.status_code in (302, 403)


def test_compressed_bodies_pass_both_ways(jupyter: JupyterProcess) -> None:
    body = gzip.compress(json.dumps({"instances": [1.0] * 500}).encode())
    response = jupyter.http.post(
        "tfs/v1/models/half:predict", content=body, headers={"Content-Encoding": "gzip"}
    )
    assert response.json() == {"predictions": [2.5] * 500}
    assert response.headers["Content-Encoding"] == "gzip"


def test_a_body_in_chunks_of_unknown_length(jupyter: JupyterProcess) -> None:
    pieces = iter([b'{"instances"', b": [1.0,", b" 2.0]}"])
    response = jupyter.http.post("tfs/v1/models/half:predict", content=pieces)
    assert response.json() == {"predictions": [2.5, 3.0]}


def test_what_is_between_the_user_and_jupyter_is_not_passed_on(
    jupyter: JupyterProcess,
) -> None:
    # The model server names a query field that it does not know.
    response = httpx.get(
        f"http://127.0.0.1:{jupyter.port}{BASE_URL}tfs/predict",
        params={"token": TOKEN, "_xsrf": "x", "wrong": "1"},
    )
    assert response.status_code == 400
    assert "wrong" in response.json()["error"]
    # It refuses pages of other origins; here it is Jupyter who knows which are its own.
    response = jupyter.http.get("tfs/v1/models/half", headers={"Origin": "https://hub.test"})
    assert response.status_code == 200


def test_fifty_slow_predictions_leave_jupyter_alone(jupyter: JupyterProcess) -> None:
    def slow(_: int) -> int:
        return jupyter.http.post(
            "tfs/v1/models/slow:predict", json={"instances": [0.15]}, timeout=60
        ).status_code

    limits = httpx.Limits(max_connections=60)
    with ThreadPoolExecutor(50) as pool, httpx.Client(limits=limits) as asking:
        answers = [pool.submit(slow, number) for number in range(50)]
        # How soon is the benchmark jupyter_relay's to say.
        meanwhile = 0
        while not all(answer.done() for answer in answers):
            response = asking.get(
                f"http://127.0.0.1:{jupyter.port}{BASE_URL}api/status",
                headers={"Authorization": f"token {TOKEN}"},
            )
            meanwhile += not all(answer.done() for answer in answers)
            assert response.status_code == 200
    assert [answer.result() for answer in answers] == [200] * 50
    assert meanwhile > 5


def test_a_large_body_is_not_held(jupyter: JupyterProcess) -> None:
    if jupyter.status()["pid"] == jupyter.process.pid:
        pytest.skip("the model server itself, which holds bodies, is in the same process")
    process = psutil.Process(jupyter.process.pid)
    before = process.memory_info().rss
    peak = before
    piece = b" " * 1024 * 1024

    def body() -> Any:
        nonlocal peak
        yield b'{"instances": [1.0]'
        for _ in range(64):
            yield piece
            peak = max(peak, process.memory_info().rss)
        yield b"}"

    response = jupyter.http.post("tfs/v1/models/half:predict", content=body())
    assert response.json() == {"predictions": [2.5]}
    assert peak - before < 16 * 1024 * 1024


def test_a_large_answer_comes_back_whole(jupyter: JupyterProcess, models: Any) -> None:
    # As many numbers go back as come in.
    numbers = [0.5] * 200_000
    response = jupyter.http.post("tfs/v1/models/half:predict", json={"instances": numbers})
    assert response.json()["predictions"] == [2.25] * 200_000


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(
    jupyter: JupyterProcess,
) -> None:
    with socket.create_connection(("127.0.0.1", jupyter.port), 10) as connection:
        connection.sendall(
            f"POST {BASE_URL}tfs/v1/models/half:predict HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: token {TOKEN}\r\nContent-Length: {2**40}\r\n\r\n".encode()
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_errors_are_json_and_say_what_to_do(jupyter: JupyterProcess) -> None:
    url = f"http://127.0.0.1:{jupyter.port}{BASE_URL}tfs/v1/models/half:predict"
    response = httpx.post(url, json={"instances": [1.0]})
    assert response.status_code == 403
    assert "Authorization: token" in response.json()["error"]


def test_the_log_can_be_read(jupyter: JupyterProcess) -> None:
    lines = jupyter.http.get("tfs/log").json()["lines"]
    assert any("Running gRPC ModelServer" in line for line in lines)
    assert jupyter.http.get("tfs/log?lines=1").json()["lines"] == lines[-1:]
    assert jupyter.http.get("tfs/log?lines=0").json()["lines"] == []
    assert jupyter.http.get("tfs/log?lines=-1").status_code == 400


def test_the_status(jupyter: JupyterProcess) -> None:
    status = jupyter.status()
    in_process = jupyter.connection()["host"] == "thread"
    assert status["state"] == "ready"
    assert status["reason"] == ""
    assert (status["pid"] == jupyter.process.pid) is in_process
    assert status["memory"] > 50_000_000
    assert status["started"] == pytest.approx(time.time(), abs=600)


def test_the_connection_file(jupyter: JupyterProcess) -> None:
    connection = jupyter.connection()
    assert connection["pid"] == jupyter.process.pid
    assert connection["server_pid"] == jupyter.status()["pid"]
    assert connection["token"] == TOKEN
    assert connection["grpc_address"] is None
    response = httpx.get(
        connection["url"] + "v1/models/half",
        headers={"Authorization": f"token {connection['token']}"},
    )
    assert response.status_code == 200


def test_a_kernel_starts_beside_it(jupyter: JupyterProcess) -> None:
    jupyter.predict(1.0)
    kernel = jupyter.http.post("api/kernels", content=json.dumps({"name": "python3"}))
    assert kernel.status_code == 201, kernel.text
    name = kernel.json()["id"]
    client = BlockingKernelClient(connection_file=str(jupyter.runtime / f"kernel-{name}.json"))
    client.load_connection_file()
    client.start_channels(hb=False)
    try:
        client.wait_for_ready(timeout=60)
        reply = client.execute("1 + 1", reply=True, timeout=60)
    finally:
        client.stop_channels()
    assert reply["content"]["status"] == "ok"
    assert jupyter.predict(1.0) == [2.5]
    assert jupyter.http.delete(f"api/kernels/{name}").status_code == 204
