"""HTTP itself: requests in, whole bodies within a limit, responses out.

This sits on Tornado's HTTP server below its web framework, which would parse
form bodies (TF Serving's clients post JSON under ``x-www-form-urlencoded``) and
costs a third of a small request's time.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http.client import responses as reasons
from typing import Final

from tornado import httputil

from tfs_notebook.frontends.access_log import log_access, new_request_id

__all__ = ["JSON", "Connections", "Handler", "Request", "Response"]

_log = logging.getLogger(__name__)

JSON: Final = (("Content-Type", "application/json"),)
_CLIENT_CLOSED: Final = 499


@dataclass(slots=True)
class Request:
    """One request, whole.

    Attributes:
        method: ``GET``, ``POST`` …
        path: percent-encoded, without query and fragment.
        query: what follows the ``?``, percent-encoded; bytes as Latin-1.
        headers: names are case-insensitive.
        body: exactly as sent, not inflated.
    """

    method: str
    path: str
    query: str
    headers: httputil.HTTPHeaders
    body: bytes


@dataclass(slots=True)
class Response:
    """One response; ``headers`` come before those HTTP itself needs."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = field(default=JSON)


Handler = Callable[[Request], Awaitable[Response]]


class Connections(httputil.HTTPServerConnectionDelegate):
    """Feeds a handler with the requests of every connection of a server.

    Everything happens on the loop's thread.

    Args:
        handler: answers one request; it does not raise, and it is cancelled if
            the client leaves.
        too_large: answers, by length, a body over the limit.
        max_body_bytes: the limit.
        request_ids: take ``X-Request-Id`` or make one, and send it back.
        access_log: log a line a request.
    """

    def __init__(
        self,
        handler: Handler,
        too_large: Callable[[int], Response],
        *,
        max_body_bytes: int,
        request_ids: bool = False,
        access_log: bool = False,
    ) -> None:
        self.handler = handler
        self.too_large = too_large
        self.max_body_bytes = max_body_bytes
        self.request_ids = request_ids
        self.access_log = access_log
        self.active: set[asyncio.Task[None]] = set()

    def start_request(
        self,
        server_conn: object,  # noqa: ARG002 - Tornado names it
        request_conn: httputil.HTTPConnection,
    ) -> httputil.HTTPMessageDelegate:
        """Tornado's call for each request that begins."""
        return _Exchange(self, request_conn)

    async def drain(self, timeout: float) -> bool:
        """Wait until no request is under way, for at most ``timeout`` seconds."""
        if self.active:
            await asyncio.wait(set(self.active), timeout=timeout)
        return not self.active


class _Exchange(httputil.HTTPMessageDelegate):
    """One request and its response."""

    def __init__(self, owner: Connections, connection: httputil.HTTPConnection) -> None:
        self._owner = owner
        self._connection = connection
        self._chunks: list[bytes] = []
        self._received = 0
        self._answered = False

    def headers_received(
        self,
        start_line: httputil.RequestStartLine | httputil.ResponseStartLine,
        headers: httputil.HTTPHeaders,
    ) -> None:
        assert isinstance(start_line, httputil.RequestStartLine)  # noqa: S101 - for the types
        self._method, self._target = start_line.method, start_line.path
        self._headers = headers
        self._started = time.perf_counter()
        length = headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > self._owner.max_body_bytes:
            self._refuse(int(length))

    def data_received(self, chunk: bytes) -> None:
        self._received += len(chunk)
        if self._received > self._owner.max_body_bytes:
            self._refuse(self._received)
        elif not self._answered:
            self._chunks.append(chunk)

    def finish(self) -> None:
        if self._answered:
            return
        task = asyncio.ensure_future(self._answer())
        self._owner.active.add(task)
        task.add_done_callback(self._answered_or_failed)
        set_close_callback = getattr(self._connection, "set_close_callback", None)
        if set_close_callback is not None:
            set_close_callback(task.cancel)

    def _answered_or_failed(self, task: asyncio.Task[None]) -> None:
        self._owner.active.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _log.error("%s %s was not answered", self._method, self._target, exc_info=error)

    def on_connection_close(self) -> None:
        self._chunks.clear()

    def _refuse(self, length: int) -> None:
        if not self._answered:
            self._chunks.clear()
            response = self._owner.too_large(length)
            response.headers += (("Connection", "close"),)
            self._send(response)

    async def _answer(self) -> None:
        chunks, self._chunks = self._chunks, []
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        del chunks
        path, _, query = self._target.partition("#")[0].partition("?")
        try:
            response = await self._owner.handler(
                Request(self._method, path, query, self._headers, body)
            )
        except asyncio.CancelledError:
            self._report(_CLIENT_CLOSED, "")
            raise
        self._send(response)

    def _send(self, response: Response) -> None:
        self._answered = True
        headers = httputil.HTTPHeaders()
        for name, value in response.headers:
            headers.add(name, value)
        headers["Content-Length"] = str(len(response.body))
        request_id = ""
        if self._owner.request_ids:
            request_id = headers["X-Request-Id"] = new_request_id(
                self._headers.get("X-Request-Id")
            )
        reason = reasons.get(response.status, "Unknown")
        start_line = httputil.ResponseStartLine("HTTP/1.1", response.status, reason)
        try:
            body = b"" if self._method == "HEAD" else response.body
            self._connection.write_headers(start_line, headers, body)
            self._connection.finish()
        except OSError as error:
            _log.debug("the client left before its answer: %s", error)
        self._report(response.status, request_id)

    def _report(self, status: int, request_id: str) -> None:
        if self._owner.access_log:
            context = getattr(self._connection, "context", None)
            log_access(
                getattr(context, "remote_ip", None) or "unix",
                "REST",
                f"{self._method} {self._target}",
                str(status),
                time.perf_counter() - self._started,
                request_id,
            )
