"""The end of the REST door: what is under way is finished, and what comes is refused."""

from __future__ import annotations

import http.client
import json
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.half_plus_two import ANSWER, BODY
from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text, is_listening

Start = Callable[..., ServerProcess]

LARGE = b'{"inputs": 3000000}'


@pytest.fixture
def served(models: Path, tmp_path: Path) -> str:
    config = tmp_path / "models.config"
    names = ("half_plus_two", "large_outputs", "slow")
    config.write_text(config_text({name: models / name for name in names}))
    return f"--model_config_file={config}"


@pytest.fixture
def connect(start_server: Start, served: str) -> Iterator[Callable[..., socket.socket]]:
    """Connections to one server, closed with the test."""
    opened: list[socket.socket] = []

    def open_one(server: ServerProcess) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", server.rest_port), 60)
        opened.append(connection)
        return connection

    yield open_one
    for connection in opened:
        connection.close()


def post(model: str, body: bytes, *headers: str) -> bytes:
    lines = [
        f"POST /v1/models/{model}:predict HTTP/1.1",
        "Host: localhost",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def answer(connection: socket.socket) -> tuple[http.client.HTTPResponse, bytes]:
    """The next answer, whole; raises if it is cut off."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response, response.read()


def terminate(server: ServerProcess) -> None:
    """Have it drain: its ports are shut already."""
    server.send(signal.SIGTERM)
    server.wait_for_log("draining")
    poll_until(lambda: not is_listening(server.rest_port), "the door is shut")


def test_a_large_answer_to_a_slow_reader_is_whole(
    start_server: Start, served: str, connect: Callable[..., socket.socket]
) -> None:
    server = start_server(served, "--shutdown_grace_seconds=60", "--access_log")
    connection = connect(server)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    connection.sendall(post("large_outputs", LARGE) + LARGE)
    # It has been answered, and most of the answer is still in the server.
    server.wait_for_log('"POST /v1/models/large_outputs:predict" 200 ')
    terminate(server)
    assert server.process.poll() is None
    response, body = answer(connection)
    assert response.status == 200
    assert len(json.loads(body)["outputs"]) == 3_000_000
    assert server.wait_for_exit() == 0
    assert "Traceback" not in server.log


def test_a_request_whose_body_arrives_is_answered(
    start_server: Start, served: str, connect: Callable[..., socket.socket]
) -> None:
    server = start_server(served, "--shutdown_grace_seconds=60")
    connection = connect(server)
    connection.sendall(post("half_plus_two", BODY, "Expect: 100-continue"))
    # Now the server has its head.
    assert connection.recv(100).startswith(b"HTTP/1.1 100")
    connection.sendall(BODY[:5])
    terminate(server)
    assert server.process.poll() is None
    connection.sendall(BODY[5:])
    response, body = answer(connection)
    assert (response.status, json.loads(body)) == (200, ANSWER)
    assert response.getheader("Connection") == "close"
    assert connection.recv(1) == b""
    assert server.wait_for_exit() == 0


def test_a_new_request_of_a_kept_connection_is_refused(
    start_server: Start, served: str, connect: Callable[..., socket.socket]
) -> None:
    server = start_server(served, "--shutdown_grace_seconds=60", "--access_log")
    kept, under_way = connect(server), connect(server)
    kept.sendall(post("half_plus_two", BODY) + BODY)
    assert answer(kept)[0].getheader("Connection") is None
    under_way.sendall(post("half_plus_two", BODY, "Expect: 100-continue"))
    assert under_way.recv(100).startswith(b"HTTP/1.1 100")
    terminate(server)
    # As many clients do it: the head in one piece, the body in another.
    kept.sendall(post("half_plus_two", BODY))
    kept.sendall(BODY)
    response, body = answer(kept)
    assert response.status == 503
    assert "shutting down" in json.loads(body)["error"]
    assert response.getheader("Connection") == "close"
    assert kept.recv(1) == b""
    under_way.sendall(BODY)
    assert answer(under_way)[0].status == 200
    assert server.wait_for_exit() == 0
    assert '"POST /v1/models/half_plus_two:predict" 503 ' in server.log


def test_answers_of_runs_under_way_close_their_connection(
    start_server: Start, served: str, connect: Callable[..., socket.socket]
) -> None:
    server = start_server(served, "--shutdown_grace_seconds=60")
    connection = connect(server)
    body = b'{"instances": [1.0]}'
    connection.sendall(post("slow", body, "Expect: 100-continue"))
    assert connection.recv(100).startswith(b"HTTP/1.1 100")
    connection.sendall(body)
    terminate(server)
    response, text = answer(connection)
    assert (response.status, json.loads(text)) == (200, {"predictions": [1.0]})
    assert response.getheader("Connection") == "close"
    assert server.wait_for_exit() == 0


@pytest.mark.parametrize("kind", ["a reader that has stopped", "a body that never comes"])
def test_the_grace_is_a_limit(
    start_server: Start, served: str, connect: Callable[..., socket.socket], kind: str
) -> None:
    server = start_server(served, "--shutdown_grace_seconds=0.5", "--access_log")
    connection = connect(server)
    if kind == "a reader that has stopped":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.sendall(post("large_outputs", LARGE) + LARGE)
        server.wait_for_log('"POST /v1/models/large_outputs:predict" 200 ')
    else:
        connection.sendall(post("half_plus_two", BODY, "Expect: 100-continue"))
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
    server.send(signal.SIGTERM)
    # Neither would ever end by itself.
    assert server.wait_for_exit() == 0


def test_clients_that_leave_do_not_hold_it_up(
    start_server: Start, served: str, connect: Callable[..., socket.socket]
) -> None:
    server = start_server(served, "--shutdown_grace_seconds=3600", "--access_log")
    reading = connect(server)
    reading.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    reading.sendall(post("large_outputs", LARGE) + LARGE)
    server.wait_for_log('"POST /v1/models/large_outputs:predict" 200 ')
    sending, malformed = connect(server), connect(server)
    sending.sendall(post("half_plus_two", BODY, "Expect: 100-continue"))
    assert sending.recv(100).startswith(b"HTTP/1.1 100")
    chunked = post("half_plus_two", b"").replace(
        b"Content-Length: 0", b"Transfer-Encoding: chunked\r\nExpect: 100-continue"
    )
    malformed.sendall(chunked)
    assert malformed.recv(100).startswith(b"HTTP/1.1 100")
    terminate(server)
    malformed.sendall(b"zz\r\n")
    for connection in (reading, sending):
        with closing(connection):
            pass
    # Long before the grace is over.
    assert server.wait_for_exit() == 0
