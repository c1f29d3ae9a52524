"""REST over TCP with a token: no path is left out, and the Unix socket is."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import tfs_notebook
from tests.frontends.repository_client import socket_directory
from tests.server_process import ServerProcess
from tfs_notebook.wire.errors import Unauthenticated

TOKEN, CONTROL = "s3cret", "c0ntrol"
PREDICT = "/v1/models/m:predict"
METRICS = "/monitoring/prometheus/metrics"
PATHS = [
    "/v1/models",
    "/v1/models/m",
    "/v1/models/m/metadata",
    "/v2",
    "/v2/health/live",
    "/v2/health/ready",
    "/v2/models/m",
    "/v2/repository/overview",
    METRICS,
]


@pytest.fixture(scope="module")
def guarded(
    tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path
) -> Iterator[tuple[ServerProcess, Path]]:
    directory = tmp_path_factory.mktemp("rest_token")
    for name, token in (("token", TOKEN), ("control", CONTROL)):
        (directory / name).touch(0o600)
        (directory / name).write_text(f"{token}\n")
    (directory / "monitoring").write_text("prometheus_config { enable: true }")
    with socket_directory() as sockets:
        flags = [
            "--model_name=m",
            f"--model_base_path={half_plus_two.parent}",
            f"--rest_api_token_file={directory / 'token'}",
            "--model_control=explicit",
            f"--model_control_token_file={directory / 'control'}",
            f"--monitoring_config_file={directory / 'monitoring'}",
            f"--rest_api_socket_path={sockets / 'rest.sock'}",
            "--rest_api_enable_cors_support",
        ]
        with ServerProcess(directory, flags) as process:
            yield process, sockets / "rest.sock"


@pytest.fixture(scope="module")
def tcp(guarded: tuple[ServerProcess, Path]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=guarded[0].url, timeout=60) as client:
        yield client


def bearer(token: str, scheme: str = "Bearer") -> dict[str, str]:
    return {"Authorization": f"{scheme} {token}"}


@pytest.mark.parametrize("path", [*PATHS, "/nowhere"])
@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN]
)
def test_over_tcp_nothing_goes_without_it(
    tcp: httpx.Client, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = tcp.get(path, headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    text = response.json()["error"]
    assert "Authorization: Bearer TOKEN, with the token of the file that" in text
    assert "--rest_api_token_file" in text
    assert TOKEN not in response.text


def test_with_it_and_over_the_socket_everything_does(
    tcp: httpx.Client, guarded: tuple[ServerProcess, Path]
) -> None:
    transport = httpx.HTTPTransport(uds=str(guarded[1]))
    with httpx.Client(transport=transport, base_url="http://localhost") as unix:
        for path in PATHS:
            assert unix.get(path).status_code == 200, path
            for scheme in ("Bearer", "bearer"):
                assert tcp.get(path, headers=bearer(TOKEN, scheme)).status_code == 200, path
    answer = tcp.post(PREDICT, json={"instances": [1.0]}, headers=bearer(TOKEN))
    assert answer.json() == {"predictions": [2.5]}


def test_metrics_at_the_path_of_the_page_ask_for_it_too(
    tmp_path: Path, half_plus_two: Path
) -> None:
    (tmp_path / "token").touch(0o600)
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "monitoring").write_text('prometheus_config { enable: true path: "/" }')
    flags = [
        "--model_name=m",
        f"--model_base_path={half_plus_two.parent}",
        f"--rest_api_token_file={tmp_path / 'token'}",
        f"--monitoring_config_file={tmp_path / 'monitoring'}",
    ]
    browser = {"Accept": "text/html"}
    with ServerProcess(tmp_path, flags) as process:
        for method in ("GET", "HEAD"):
            refused = httpx.request(method, f"{process.url}/", headers=browser, timeout=60)
            assert refused.status_code == 401
        answer = httpx.get(f"{process.url}/", headers=browser | bearer(TOKEN), timeout=60)
        assert "tfs_notebook_model_version_state" in answer.text


def test_changes_of_models_ask_for_the_other_token(tcp: httpx.Client) -> None:
    for verb in ("pin", "unpin"):
        path = f"/v2/repository/models/m/{verb}"
        assert tcp.post(path, json={}).status_code == 401
        assert tcp.post(path, json={}, headers=bearer(TOKEN)).status_code == 403
        assert tcp.post(path, json={}, headers=bearer(CONTROL)).status_code == 200
    # Who has it may also ask what there is.
    assert tcp.get("/v1/models", headers=bearer(CONTROL)).status_code == 200


def test_a_browser_may_ask_whether_it_may_ask(tcp: httpx.Client) -> None:
    origin = {"Origin": "https://page.example"}
    response = tcp.options(PREDICT, headers=origin)
    assert response.status_code == 200
    assert "Authorization" in response.headers["Access-Control-Allow-Headers"]
    assert tcp.request("OPTIONS", PREDICT, headers=origin, content=b"{}").status_code == 401


def test_a_body_without_the_token_is_not_kept(guarded: tuple[ServerProcess, Path]) -> None:
    # It is answered when the body has come, on a connection that goes on.
    body = b"x" * 100_000
    with socket.create_connection(("127.0.0.1", guarded[0].rest_port), timeout=60) as raw:
        for _ in range(2):
            raw.sendall(
                f"POST {PREDICT} HTTP/1.1\r\nHost: localhost\r\n"
                f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            received = b""
            while b"rest_api_token_file" not in received:
                piece = raw.recv(65536)
                assert piece, received
                received += piece
            assert received.startswith(b"HTTP/1.1 401 ")


def test_our_client(guarded: tuple[ServerProcess, Path]) -> None:
    with tfs_notebook.connect(guarded[0].url, token=TOKEN) as client:
        assert client["m"].predict([1.0]).tolist() == [2.5]  # type: ignore[union-attr]
    client = tfs_notebook.connect(guarded[0].url)
    with client, pytest.raises(Unauthenticated, match="--rest_api_token_file"):
        client["m"].predict([1.0])
