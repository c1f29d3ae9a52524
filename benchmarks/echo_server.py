"""Empty echoes on the server's own stack, gRPC and REST, as a process.

What they leave out is all that the server adds: they answer every request with the
same bytes. ``python -m benchmarks.echo_server [SOCKET]`` writes its ports as a JSON line, and
for each line on its input how many requests each echo has answered.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from typing import Any

import grpc
import grpc.aio
import numpy as np
from tornado import httputil
from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from tfs_notebook.frontends.event_loop import new_event_loop
from tfs_notebook.frontends.grpc.options import server_options
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.predict import encode_predict_response

__all__: list[str] = []

_ANSWER = encode_predict_response(
    ModelReference("half_plus_two", 1, None, "serving_default"),
    {"y": np.array([2.5, 3.0, 4.5], np.float32)},
)
_BODY = b'{\n    "predictions": [2.5, 3.0, 4.5\n    ]\n}'
_START_LINE = httputil.ResponseStartLine("HTTP/1.1", 200, "OK")
# As the server has it (see cli/serve.py).
_SWITCH_INTERVAL_SECONDS = 0.0005
_CHUNK_BYTES = 256 * 1024


class _Answered:
    """How many requests each echo has answered."""

    grpc = 0
    rest = 0


async def _predict(
    request: bytes,  # noqa: ARG001 - gRPC's signature
    context: grpc.aio.ServicerContext[bytes, bytes],  # noqa: ARG001
) -> bytes:
    _Answered.grpc += 1
    return _ANSWER


class _Exchange(httputil.HTTPMessageDelegate):
    def __init__(self, connection: httputil.HTTPConnection) -> None:
        self._connection = connection
        self._chunks: list[bytes] = []

    def headers_received(
        self,
        start_line: httputil.RequestStartLine | httputil.ResponseStartLine,
        headers: httputil.HTTPHeaders,
    ) -> None:
        """Tornado's call."""

    def data_received(self, chunk: bytes) -> None:
        """Tornado's call."""
        self._chunks.append(chunk)

    def finish(self) -> None:
        """Tornado's call."""
        _Answered.rest += 1
        headers = httputil.HTTPHeaders()
        headers.add("Content-Type", "application/json")
        headers["Content-Length"] = str(len(_BODY))
        self._connection.write_headers(_START_LINE, headers, _BODY)
        self._connection.finish()


class _Echo(httputil.HTTPServerConnectionDelegate):
    def start_request(
        self,
        server_conn: object,  # noqa: ARG002 - Tornado names it
        request_conn: httputil.HTTPConnection,
    ) -> httputil.HTTPMessageDelegate:
        """Tornado's call."""
        assert isinstance(request_conn, HTTP1Connection)
        return _Exchange(request_conn)


async def _serve() -> None:
    options = list(server_options("").items())
    server = grpc.aio.server(options=options)
    handler: Any = grpc.method_handlers_generic_handler(
        "tensorflow.serving.PredictionService",
        {"Predict": grpc.unary_unary_rpc_method_handler(_predict)},
    )
    server.add_generic_rpc_handlers([handler])
    grpc_port = server.add_insecure_port("127.0.0.1:0")
    for path in sys.argv[1:]:
        server.add_insecure_port(f"unix:{path}")
    await server.start()
    sockets = bind_sockets(0, "127.0.0.1")
    HTTPServer(_Echo(), chunk_size=_CHUNK_BYTES).add_sockets(sockets)
    gc.collect()
    gc.freeze()
    _print({"grpc": grpc_port, "rest": sockets[0].getsockname()[1]})
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        _print({"grpc": _Answered.grpc, "rest": _Answered.rest})


def _print(answer: object) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    sys.setswitchinterval(_SWITCH_INTERVAL_SECONDS)
    new_event_loop().run_until_complete(_serve())
