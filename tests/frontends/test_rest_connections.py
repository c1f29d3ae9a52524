"""HTTP itself: connections, bodies, noise, and clients that are slow or gone."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import closing

import httpx
import numpy as np
import pytest

from tests.frontends.rest_requests import PREDICT, connect, raw, request_head
from tests.half_plus_two import ANSWER, BODY
from tests.server_process import ServerProcess


def test_the_headers_of_an_answer(http: httpx.Client) -> None:
    response = http.post(PREDICT, content=BODY)
    names = {name.lower() for name in response.headers}
    assert names <= {"content-type", "content-length"}
    assert response.headers["content-length"] == str(len(response.content))


def test_connections_are_kept(server: ServerProcess) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.rest_port)) as connection:
        sockets = set()
        for _ in range(5):
            connection.request("POST", PREDICT, BODY)
            assert json.loads(connection.getresponse().read()) == ANSWER
            sockets.add(id(connection.sock))
        # An error keeps the connection too.
        connection.request("POST", PREDICT, b"{")
        assert connection.getresponse().read()
        connection.request("GET", "/nowhere")
        assert connection.getresponse().read()
        sockets.add(id(connection.sock))
        assert len(sockets) == 1


def test_http_1_0(server: ServerProcess) -> None:
    received = raw(server, request_head(len(BODY), version=b"1.0") + BODY)
    assert received.startswith(b"HTTP/1.1 200 OK")
    assert json.loads(received.partition(b"\r\n\r\n")[2]) == ANSWER


def test_a_chunked_body(http: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        for start in range(0, len(BODY), 3):
            yield BODY[start : start + 3]

    assert http.post(PREDICT, content=pieces()).json() == ANSWER


def test_a_body_sent_byte_by_byte(server: ServerProcess) -> None:
    pieces = [BODY[index : index + 1] for index in range(len(BODY))]
    received = raw(server, request_head(len(BODY), b"Connection: close"), *pieces)
    assert json.loads(received.partition(b"\r\n\r\n")[2]) == ANSWER


def test_expect_100_continue(server: ServerProcess) -> None:
    with closing(connect(server)) as connection:
        connection.sendall(request_head(len(BODY), b"Expect: 100-continue"))
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        connection.sendall(BODY)
        assert connection.recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "noise",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"NONSENSE\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1e9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=["tls", "nonsense", "short", "negative", "float", "two lengths", "chunk", "long", "h2"],
)
def test_noise_on_the_wire(server: ServerProcess, http: httpx.Client, noise: bytes) -> None:
    with closing(connect(server)) as connection:
        connection.sendall(noise)
        connection.settimeout(0.5)
        try:
            received = connection.recv(100)
        except (ConnectionError, TimeoutError):
            received = b""
    assert not received.startswith(b"HTTP/1.1 200")
    assert http.post(PREDICT, content=BODY).json() == ANSWER


def test_cut_connections(server: ServerProcess, http: httpx.Client) -> None:
    for head in (request_head(1_000_000), request_head(None, b"Transfer-Encoding: chunked")):
        for piece in (b"", b"{", b"5\r\nab"):
            connection = connect(server)
            connection.sendall(head + piece)
            connection.close()
    # One that leaves while its model runs.
    slow = b'{"instances": [0.4]}'
    head = request_head(len(slow)).replace(b"half_plus_two", b"slow")
    connection = connect(server)
    connection.sendall(head + slow)
    connection.close()
    assert http.post(PREDICT, content=BODY).json() == ANSWER


def test_pipelined_requests_are_answered_in_order(server: ServerProcess) -> None:
    bodies = [b'{"instances": [%d]}' % number for number in range(3)]
    heads = [request_head(len(body)) for body in bodies[:-1]]
    heads.append(request_head(len(bodies[-1]), b"Connection: close"))
    received = raw(server, b"".join(map(b"".join, zip(heads, bodies, strict=True))))
    answers = [
        part.partition(b"\n    ]")[0] for part in received.split(b'"predictions": [')[1:]
    ]
    assert answers == [b"2.0", b"2.5", b"3.0"]


def test_slow_runs_do_not_hold_up_others(http: httpx.Client, server: ServerProcess) -> None:
    done = threading.Event()

    def run_slowly() -> None:
        httpx.post(f"{server.url}/v1/models/slow:predict", content=b'{"instances": [3.0]}')
        done.set()

    thread = threading.Thread(target=run_slowly)
    thread.start()
    for _ in range(20):
        assert http.post(PREDICT, content=BODY).json() == ANSWER
    assert not done.is_set()
    thread.join()


def test_answers_larger_than_a_socket_takes_at_once(http: httpx.Client) -> None:
    response = http.post("/v1/models/large_outputs:predict", content=b'{"inputs": 2000000}')
    values = response.json()["outputs"]
    assert len(values) == 2_000_000
    assert np.array_equal(values[-3:], [1999997.0, 1999998.0, 1999999.0])


def test_a_client_that_reads_slowly_holds_up_nobody(
    server: ServerProcess, http: httpx.Client
) -> None:
    body = b'{"inputs": 2000000}'
    head = request_head(len(body)).replace(b"half_plus_two", b"large_outputs")
    with closing(connect(server)) as connection:
        connection.sendall(head + body)
        assert connection.recv(10)
        for _ in range(10):
            assert http.post(PREDICT, content=BODY).json() == ANSWER
