"""Sends spoiled requests, and says what the server made of them."""

from __future__ import annotations

import re
import select
import socket
from collections import Counter
from contextlib import closing
from random import Random
from typing import Final

import grpc

from tests.fuzz.requests.corpus import CALLS, REQUESTS, Call, Request
from tests.fuzz.requests.mutations import (
    mutated_bytes,
    mutated_headers,
    mutated_json,
    mutated_message,
)
from tests.server_process import ServerProcess

__all__ = ["DOORS", "Fuzzer", "OurFault"]

_SECONDS: Final = 60.0
# An answer that comes later is not seen, which is no matter.
_PATIENCE: Final = 0.1
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([0-9]{3}) ")
_LENGTH: Final = re.compile(rb"\r\nContent-Length: ([0-9]+)\r\n", re.IGNORECASE)
_HEADS: Final = "HTTP heads"
DOORS: Final = (
    *dict.fromkeys(request.door for request in REQUESTS),
    *dict.fromkeys(call.door for call in CALLS),
    _HEADS,
)
# TensorFlow Serving's own word for types that have no JSON form.
_TOLERATED: Final = frozenset({501})
_OUR_CODES: Final = frozenset(
    {
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.DATA_LOSS,
    }
)
_MISTAKE: Final = "internal error"


class OurFault(AssertionError):
    """What must not come of any request: a crash, a hang, a 5xx that is the server's fault."""


class Fuzzer:
    """A client of one server; a context manager.

    Attributes:
        seen: how often which answer came, by door and status.
    """

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._channel = grpc.insecure_channel(server.grpc_address)
        self._connection: socket.socket | None = None
        self.seen: Counter[tuple[str, str]] = Counter()

    def __enter__(self) -> Fuzzer:
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()
        self._disconnect()

    def send(self, door: str, random: Random) -> None:
        """Send one spoiled request to a door.

        Raises:
            OurFault: see there.
        """
        if door == _HEADS:
            self._send_head(random.choice(REQUESTS), random)
            return
        calls = [call for call in CALLS if call.door == door]
        if calls:
            self._call(random.choice(calls), random)
            return
        self._send(random.choice([one for one in REQUESTS if one.door == door]), random)

    # -- gRPC -----------------------------------------------------------------

    def _call(self, call: Call, random: Random) -> None:
        spoil = mutated_message if random.random() < 0.8 else mutated_bytes
        data = spoil(call.data, random)
        ask = self._channel.unary_unary(call.method, None, None)
        try:
            ask(data, timeout=_SECONDS)
        except grpc.RpcError as error:
            code, text = error.code(), error.details() or ""
            if code in _OUR_CODES or _MISTAKE in text:
                raise OurFault(f"{call.method} of {data!r}: {code} {text}") from None
            self.seen[call.door, code.name] += 1
        else:
            self.seen[call.door, "OK"] += 1

    # -- HTTP -----------------------------------------------------------------

    def _send(self, request: Request, random: Random) -> None:
        """One with a spoiled body, query or header, and a head that frames it well."""
        path, headers, body = request.path, list(request.headers), request.body
        how = random.random()
        if how < 0.15:
            headers = mutated_headers(headers, random)
        elif how < 0.25 or not body:
            path = _spoiled_path(path, random)
        elif how < 0.65 and request.json_bytes:
            head = mutated_json(body[: request.json_bytes], random)
            tail = body[request.json_bytes :]
            body = head + tail
            if tail and random.random() < 0.7:
                headers = [(name, str(len(head))) for name, _ in headers]
        else:
            body = mutated_bytes(body, random)
        # Those that frame are for the heads.
        headers = [
            (name, value)
            for name, value in headers
            if name not in ("Content-Length", "Transfer-Encoding", "Expect")
        ]
        lines = [f"{request.method} {path} HTTP/1.1", f"Content-Length: {len(body)}"]
        if not any(name == "Host" for name, _ in headers):
            lines.append("Host: localhost")
        lines += [f"{name}: {value}" for name, value in headers]
        whole = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body
        status = self._answer(request, whole)
        self._judge(request.door, status, whole)

    def _answer(self, request: Request, whole: bytes) -> int | None:
        for attempt in (0, 1):
            fresh = self._connection is None
            try:
                return self._exchange(whole)
            except TimeoutError:
                raise OurFault(f"{request.door}: no answer to {whole!r}") from None
            except OSError as error:
                # The server may have closed what was kept alive.
                self._disconnect()
                if attempt or (fresh and not self._is_alive()):
                    raise OurFault(f"{request.door}: {error} after {whole!r}") from None
        raise AssertionError

    def _exchange(self, whole: bytes) -> int | None:
        if self._connection is None:
            self._connection = self._connect()
        self._connection.sendall(whole)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._received()
        head, _, body = received.partition(b"\r\n\r\n")
        status = _STATUS.match(head)
        length = _LENGTH.search(head + b"\r\n")
        size = 0 if length is None else int(length[1])
        while len(body) < size:
            body += self._received()
        if b"onnection: close" in head or length is None or len(body) > size:
            self._disconnect()
        return None if status is None else int(status[1])

    def _received(self) -> bytes:
        assert self._connection is not None
        piece = self._connection.recv(1 << 16)
        if not piece:
            raise ConnectionResetError("closed")
        return piece

    def _connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._server.rest_port), _SECONDS)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send_head(self, request: Request, random: Random) -> None:
        """One whose every byte may be spoiled, on a connection of its own."""
        headers = [("Host", "localhost"), ("Content-Length", str(len(request.body)))]
        headers += request.headers
        if random.random() < 0.5:
            headers = mutated_headers(headers, random)
        lines = [f"{request.method} {request.path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
        whole = (mutated_bytes(head, random) if random.random() < 0.8 else head) + request.body
        received = b""
        with closing(self._connect()) as connection:
            try:
                connection.sendall(whole)
                if select.select([connection], [], [], _PATIENCE)[0]:
                    received += connection.recv(1 << 16)
                # Who waits for more of a body is told that there is none.
                connection.shutdown(socket.SHUT_WR)
                while piece := connection.recv(1 << 16):
                    received += piece
            except TimeoutError:
                raise OurFault(f"the connection stays open after {whole!r}") from None
            except OSError:
                pass
        statuses = [int(match[1]) for match in _STATUS.finditer(received)]
        for status in statuses:
            self._judge(_HEADS, status, whole)
        if not statuses:
            self._judge(_HEADS, None, whole)

    def _judge(self, door: str, status: int | None, whole: bytes) -> None:
        if status is not None and status >= 500 and status not in _TOLERATED:
            raise OurFault(f"{door}: {status} to {whole!r}")
        self.seen[door, "closed" if status is None else str(status)] += 1

    # -- afterwards -------------------------------------------------------------

    def _is_alive(self) -> bool:
        return self._server.process.poll() is None

    def check_server(self) -> None:
        """See that the server lives, answers, and has not logged a mistake of its own.

        Raises:
            OurFault: it does not.
        """
        if not self._is_alive():
            raise OurFault(f"the server has ended:\n{self._server.log[-3000:]}")
        good = next(one for one in REQUESTS if one.door == "v1 rows")
        line = f"POST {good.path} HTTP/1.1\r\nHost: localhost\r\n"
        head = f"{line}Content-Length: {len(good.body)}\r\n\r\n".encode()
        self._disconnect()
        if (status := self._exchange(head + good.body)) != 200:
            raise OurFault(f"a good request is answered with {status}")
        for mistake in ("unforeseen", "Traceback (most recent call last)"):
            if mistake in self._server.log:
                at = self._server.log.index(mistake)
                raise OurFault(f"the log has: {self._server.log[at : at + 3000]}")


def _spoiled_path(path: str, random: Random) -> str:
    spoiled = mutated_bytes(path.encode(), random).decode("latin-1")
    # What would end the line is for the heads.
    return re.sub(r"[\s\x00]", "x", spoiled) or "/"
