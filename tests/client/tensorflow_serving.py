"""A server that seems to be TensorFlow Serving: its REST paths, and a page of metrics."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from tests.server_process import ServerProcess

__all__ = ["tensorflow_serving"]


@contextmanager
def tensorflow_serving(behind: ServerProcess) -> Iterator[tuple[str, list[str]]]:
    """A server with TensorFlow Serving's paths and no others; gives address and requests."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.path)
            known = self.path.startswith(("/v1/models/", "/monitoring/"))
            answer = httpx.get(behind.url + (self.path if known else "/nothing"))
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()
