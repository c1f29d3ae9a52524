"""A server of bytes: it sends what a test has it send, whatever it was asked."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["RawServer", "raw_server"]


class RawServer:
    """Takes connections, keeps what comes, and sends what a test has it send.

    Attributes:
        answer: the bytes of an answer; None to hang once the request is there.
        reads: whether it reads the body, too.
        heads: the first lines and headers it got.
    """

    def __init__(self) -> None:
        self.answer: bytes | None = b""
        self.heads: list[str] = []
        self.address = ""
        self.ended = threading.Event()

    def talk(self, handler: socketserver.StreamRequestHandler) -> None:
        head = b"".join(iter(handler.rfile.readline, b"\r\n"))
        self.heads.append(head.decode("latin-1"))
        if self.answer is None:
            self.ended.wait(30)
        else:
            handler.wfile.write(self.answer)

    def says(self, status: str, *headers: str, body: bytes = b"{}") -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        self.answer = "\r\n".join(lines).encode() + body


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_: object) -> None:
        """Whom it talks to hangs up."""


@contextmanager
def raw_server() -> Iterator[RawServer]:
    """One that runs until the block ends."""
    raw = RawServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            raw.talk(self)

    with _Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        raw.address = f"127.0.0.1:{server.server_address[1]}"
        try:
            yield raw
        finally:
            raw.ended.set()
            server.shutdown()
            thread.join()
