"""``--client_requests_per_second`` and ``--max_requests_per_client``: both doors, one count."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest

from tests.half_plus_two import ANSWER, BODY
from tests.metrics_page import PATH, Page
from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text
from tfs_notebook.wire.messages import GetModelStatusRequest

BURST = 5
AT_ONCE = 2
STATUS = "/tensorflow.serving.ModelService/GetModelStatus"


@pytest.fixture(scope="module")
def server(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Takes five requests of a client, and hardly another one in the time of a test."""
    directory = tmp_path_factory.mktemp("limited")
    served = {name: models / name for name in ("half_plus_two", "hangs")}
    config = directory / "models.config"
    config.write_text(config_text(served))
    monitoring = directory / "monitoring.config"
    monitoring.write_text("prometheus_config { enable: true }")
    with ServerProcess(
        directory,
        [
            f"--model_config_file={config}",
            f"--monitoring_config_file={monitoring}",
            f"--rest_api_socket_path={directory / 'rest.sock'}",
            "--allowed_unsafe_ops=ReadFile",
            "--client_requests_per_second=0.001",
            f"--client_request_burst={BURST}",
            f"--max_requests_per_client={AT_ONCE}",
            "--trusted_proxies=127.0.0.1",
        ],
    ) as process:
        yield process


@pytest.fixture
def client() -> str:
    """The address of a client that has not asked yet, as a proxy says it."""
    return f"2001:db8:{uuid.uuid4().hex[:4]}:{uuid.uuid4().hex[:4]}::1"


def ask(server: ServerProcess, client: str) -> httpx.Response:
    return httpx.post(
        f"{server.url}/v1/models/half_plus_two:predict",
        content=BODY,
        headers={"X-Forwarded-For": client},
        timeout=60,
    )


def _method(channel: grpc.Channel, path: str) -> Any:
    return channel.unary_unary(path, bytes, bytes)


def ask_grpc(server: ServerProcess, client: str) -> tuple[grpc.StatusCode, str]:
    request = GetModelStatusRequest()
    request.model_spec.name = "half_plus_two"
    with grpc.insecure_channel(server.grpc_address) as channel:
        try:
            _method(channel, STATUS)(
                request.SerializeToString(), metadata=(("x-forwarded-for", client),), timeout=60
            )
        except grpc.RpcError as error:
            return error.code(), error.details() or ""
    return grpc.StatusCode.OK, ""


def refused(server: ServerProcess, reason: str) -> float:
    page = Page(httpx.get(server.url + PATH, timeout=60).text)
    return page[f'tfs_notebook_client_limit_refusals_total{{reason="{reason}"}}']


def under_way(server: ServerProcess, model: str) -> int:
    transport = httpx.HTTPTransport(uds=str(server.directory / "rest.sock"))
    with httpx.Client(transport=transport, base_url="http://localhost", timeout=60) as http:
        [found] = http.get(f"/v2/models/{model}/stats").json()["model_stats"]
    return sum(one["in_flight"] for one in found["signatures"].values())


def test_both_doors_count_together(server: ServerProcess, client: str) -> None:
    before = refused(server, "rate")
    for _ in range(BURST - 1):
        assert ask(server, client).json() == ANSWER
    assert ask_grpc(server, client)[0] is grpc.StatusCode.OK
    answer = ask(server, client)
    assert answer.status_code == httpx.codes.TOO_MANY_REQUESTS
    assert 900 < int(answer.headers["Retry-After"]) <= 1000
    text = answer.json()["error"]
    assert "0.001 requests a second" in text
    assert "--client_requests_per_second" in text
    code, details = ask_grpc(server, client)
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "--client_requests_per_second" in details
    assert refused(server, "rate") == before + 2


def test_health_metrics_and_the_socket_have_no_limit(
    server: ServerProcess, client: str
) -> None:
    headers = {"X-Forwarded-For": client}
    health = grpc.insecure_channel(server.grpc_address)
    with health:
        check = _method(health, "/grpc.health.v1.Health/Check")
        for _ in range(BURST + 1):
            for path in ("/v2/health/live", "/v2/health/ready", PATH):
                answer = httpx.get(server.url + path, headers=headers, timeout=60)
                assert answer.status_code == httpx.codes.OK
            check(b"", metadata=(("x-forwarded-for", client),), timeout=60)
    transport = httpx.HTTPTransport(uds=str(server.directory / "rest.sock"))
    with httpx.Client(transport=transport, base_url="http://localhost", timeout=60) as http:
        for _ in range(BURST + 1):
            answer = http.post("/v1/models/half_plus_two:predict", content=BODY)
            assert answer.json() == ANSWER
    assert ask(server, client).json() == ANSWER


def test_who_waits_for_events_may_ask_meanwhile(server: ServerProcess, client: str) -> None:
    # As a web page does, and one more in another tab.
    headers = {"X-Forwarded-For": client}
    events = f"{server.url}/v2/repository/events"
    now = httpx.get(events, params={"after": 0}, timeout=60).json()["next"]
    head = (
        f"GET /v2/repository/events?after={now}&timeout=60 HTTP/1.1\r\nHost: localhost\r\n"
        f"X-Forwarded-For: {client}\r\n\r\n"
    )
    with ExitStack() as stack:
        for _ in range(AT_ONCE):
            address = ("127.0.0.1", server.rest_port)
            waiting = stack.enter_context(socket.create_connection(address, timeout=60))
            waiting.sendall(head.encode())

        def are_spent() -> bool:
            url = f"{server.url}/v2/models/half_plus_two/ready"
            answers.append(httpx.get(url, headers=headers, timeout=60))
            return answers[-1].status_code == httpx.codes.TOO_MANY_REQUESTS

        answers: list[httpx.Response] = []
        poll_until(are_spent, "its tokens are used up")
        assert len(answers) > 1
        assert "--client_requests_per_second" in answers[-1].text


def test_who_waits_for_answers_gets_no_more_of_them(server: ServerProcess, client: str) -> None:
    def hang() -> httpx.Response:
        return httpx.post(
            f"{server.url}/v1/models/hangs:predict",
            json={"instances": [-1.0]},
            headers={"X-Forwarded-For": client},
            timeout=60,
        )

    with ThreadPoolExecutor(AT_ONCE) as threads:
        hanging = [threads.submit(hang) for _ in range(AT_ONCE)]
        # Over the socket, which has no limit: whoever asked meanwhile would spend its tokens.
        poll_until(lambda: under_way(server, "hangs") == AT_ONCE, "both are under way")
        answer = ask(server, client)
        assert "--max_requests_per_client" in answer.text
        assert answer.status_code == httpx.codes.TOO_MANY_REQUESTS
        assert answer.headers["Retry-After"] == "1"
        assert refused(server, "in_flight") >= 1
        let_go = {"signature_name": "let_go", "instances": [1.0, 1.0]}
        url = f"{server.url}/v1/models/hangs:predict"
        assert httpx.post(url, json=let_go, timeout=60).status_code == httpx.codes.OK
        assert [one.result(60).status_code for one in hanging] == [httpx.codes.OK] * AT_ONCE
