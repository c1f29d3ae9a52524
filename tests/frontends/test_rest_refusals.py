"""What the REST door cannot understand, or fails at: answered all the same."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from tests.frontends.rest_requests import PREDICT, connect, raw
from tests.half_plus_two import BODY
from tests.polling import poll_until
from tests.server_process import ServerProcess
from tfs_notebook.frontends.rest.connections import Connections
from tfs_notebook.frontends.rest.http import Request, Response


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "http://[x]", "//[", "["])
@pytest.mark.parametrize("path", ["/v1/models", "/v2/health/ready", "/nowhere"])
def test_origins_that_are_no_urls(http: httpx.Client, origin: str, path: str) -> None:
    response = http.get(path, headers={"Origin": origin}, timeout=60)
    assert response.status_code == 403
    assert "may not call this server" in response.json()["error"]


def test_hosts_that_are_no_names(http: httpx.Client) -> None:
    for host in ("[", "[x]", "]["):
        assert http.get("/v1/models", headers={"Host": host}, timeout=60).status_code == 403


@pytest.mark.parametrize("digits", [19, 20, 4300, 4301, 5000, 60_000])
def test_lengths_that_nobody_can_send(server: ServerProcess, digits: int) -> None:
    head = (
        f"POST {PREDICT} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {'9' * digits}\r\n\r\n"
    )
    answer = raw(server, head.encode())
    assert answer.startswith(b"HTTP/1.1 413 ")
    body = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert "the limit is 536870912 (--rest_api_max_body_bytes)" in body["error"]


def test_lengths_with_leading_zeros(server: ServerProcess) -> None:
    for zeros, status in ((30, b"200"), (5000, b"400")):
        length = f"{'0' * zeros}{len(BODY)}"
        head = f"POST {PREDICT} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n"
        answer = raw(server, head.encode() + b"Connection: close\r\n\r\n" + BODY)
        assert answer.startswith(b"HTTP/1.1 " + status)
    assert "Uncaught exception" not in server.log


async def exchange(connections: Connections, data: bytes) -> bytes:
    """Send bytes to a server of these connections; what comes until it closes."""
    server = HTTPServer(connections)
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    try:
        reader, writer = await asyncio.open_connection(*sockets[0].getsockname())
        writer.write(data)
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await writer.wait_closed()
        return answer
    finally:
        server.stop()
        await server.close_all_connections()


async def test_an_exception_that_escapes_the_handler(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(request: Request) -> Response:
        raise RuntimeError("unforeseen")

    connections = Connections(fail, max_body_bytes=100)
    answer = await exchange(connections, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"\r\nConnection: close\r\n" in answer
    assert b"internal error" in answer
    assert await connections.drain(0)
    [record] = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert record.exc_info is not None
    assert "unforeseen" in str(record.exc_info[1])


async def test_a_response_that_cannot_be_written(caplog: pytest.LogCaptureFixture) -> None:
    async def answer_badly(request: Request) -> Response:
        return Response(200, b"", (("X-Two", "lines\r\nX-Forged: 1"),))

    connections = Connections(answer_badly, max_body_bytes=100)
    answer = await exchange(connections, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b"Forged" not in answer
    assert await connections.drain(0)


def test_a_client_that_leaves_is_logged_with_its_request_id(
    start_server: Callable[..., ServerProcess], models: Path
) -> None:
    server = start_server(
        f"--model_base_path={models / 'slow'}", "--model_name=slow", "--access_log",
        "--request_ids",
    )  # fmt: skip
    body = b'{"instances": [3.0]}'
    with closing(connect(server)) as connection:
        connection.sendall(
            b"POST /v1/models/slow:predict HTTP/1.1\r\nHost: localhost\r\n"
            b"X-Request-Id: mine-7\r\nExpect: 100-continue\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body)
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        connection.sendall(body)
    poll_until(lambda: " 499 " in server.log, "the log has it", details=lambda: server.log)
    [line] = [line for line in server.log.splitlines() if " 499 " in line]
    assert line.endswith(" mine-7")
