"""A small collector of spans: OTLP over HTTP, on a port of this machine."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.polling import poll_until


@dataclass
class Received:
    """A span, and what the package says of the server."""

    span: Any
    resource: dict[str, Any]

    @property
    def attributes(self) -> dict[str, Any]:
        return _values(self.span.attributes)

    @property
    def trace(self) -> str:
        return str(self.span.trace_id.hex())


class Collector:
    """What has come, and until then the wait for it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._spans: list[Received] = []
        self._lock = threading.Lock()

    def take(self, body: bytes) -> None:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            about = _values(resource.resource.attributes)
            spans = [
                Received(span, about) for one in resource.scope_spans for span in one.spans
            ]
            with self._lock:
                self._spans += spans

    @property
    def spans(self) -> list[Received]:
        with self._lock:
            return list(self._spans)

    def trace(self, trace_id: str, *names: str) -> dict[str, Received]:
        """The spans of a trace by the ends of their names, when these have all come."""
        found: dict[str, Received] = {}

        def complete() -> bool:
            for one in self.spans:
                if one.trace == trace_id:
                    found[one.span.name] = one
            return all(name in found for name in names)

        poll_until(complete, f"{names} have come", details=lambda: str(sorted(found)))
        return found


def _values(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector while the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            if self.path == "/v1/traces":
                collector.take(body)
            self.send_response(200 if self.path == "/v1/traces" else 404)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector = Collector(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()
