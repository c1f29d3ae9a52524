"""HTTP's wire: requests in, whole bodies within a limit, responses out.

This sits on Tornado's HTTP server below its web framework, which would parse
form bodies (TF Serving's clients post JSON under ``x-www-form-urlencoded``) and
costs a third of a small request's time.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from functools import partial
from http.client import responses as reasons
from typing import Final

from tornado import httputil
from tornado.http1connection import HTTP1Connection

from tfs_notebook.frontends.access_log import new_request_id
from tfs_notebook.frontends.request_observer import ObservedRequest, RequestObserver
from tfs_notebook.frontends.rest.compression import (
    SMALLEST_COMPRESSED,
    Compressor,
    accepts_gzip,
)
from tfs_notebook.frontends.rest.errors import error_response, unforeseen_response
from tfs_notebook.frontends.rest.http import Handler, Headers, Request, Response
from tfs_notebook.frontends.rest.token import BODIES, RestToken
from tfs_notebook.frontends.span_facts import http_facts
from tfs_notebook.wire.errors import (
    ResourceExhausted,
    ServingError,
    Unauthenticated,
    Unavailable,
)

__all__ = ["LARGEST_LENGTH", "Connections"]

_log = logging.getLogger(__name__)

_TOO_LARGE: Final = 413
_CLIENT_CLOSED: Final = 499
_CLOSE: Final = (("Connection", "close"),)
LARGEST_LENGTH: Final = 2**63 - 1
"""A ``Content-Length`` beyond it is answered as this one."""
_MOST_DIGITS: Final = len(str(LARGEST_LENGTH))


class Connections(httputil.HTTPServerConnectionDelegate):
    """Feeds a handler with the requests of every connection of a server.

    Everything happens on the loop's thread.

    Args:
        handler: answers one request; it is cancelled if the client leaves.
        max_body_bytes: a larger body is answered with 413.
        request_ids: take ``X-Request-Id`` or make one, and send it back.
        observer: logs and traces each request; None for neither.
        compressor: compresses answers for clients that ask.
        further_headers: those of any answer to this target of a request, errors included.
        token: what is asked for over TCP, before a body is kept.
        is_public: whether a request with this method, path and head, and without a body, needs
            no token.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        max_body_bytes: int,
        request_ids: bool = False,
        compressor: Compressor | None = None,
        further_headers: Callable[[str], Headers] | None = None,
        token: RestToken | None = None,
        is_public: Callable[[str, str, httputil.HTTPHeaders], bool] | None = None,
        observer: RequestObserver | None = None,
    ) -> None:
        self.handler = handler
        self.max_body_bytes = max_body_bytes
        self.request_ids = request_ids
        self.observer = observer
        self.compressor = compressor
        self.further_headers = further_headers
        self.token = token
        self.is_public = is_public
        self.draining = False
        self._active: set[_Exchange] = set()
        self._idle = asyncio.Event()

    def start_request(
        self,
        server_conn: object,  # noqa: ARG002 - Tornado names it
        request_conn: httputil.HTTPConnection,
    ) -> httputil.HTTPMessageDelegate:
        """Tornado's call for each request that begins."""
        # Its only kind of connection on a server.
        assert isinstance(request_conn, HTTP1Connection)  # noqa: S101 - for the types
        return _Exchange(self, request_conn)

    def began(self, exchange: _Exchange) -> None:
        """Take note of a request whose head has come."""
        self._active.add(exchange)

    def ended(self, exchange: _Exchange) -> None:
        """Take note that its answer is on its way, whole, or its connection gone."""
        self._active.discard(exchange)
        if self.draining and not self._active:
            self._idle.set()

    async def drain(self, timeout: float) -> bool:
        """Wait until no request is under way, for at most ``timeout`` seconds.

        A request is under way from its head to the last byte of its answer. From
        now on new ones are answered with 503, and each answer is its
        connection's last.
        """
        self.draining = True
        if self._active:
            waiting = asyncio.ensure_future(self._idle.wait())
            await asyncio.wait({waiting}, timeout=timeout)
            waiting.cancel()
        return not self._active


class _Exchange(httputil.HTTPMessageDelegate):
    """One request and its response."""

    def __init__(self, owner: Connections, connection: HTTP1Connection) -> None:
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
        self._seen: ObservedRequest | None = None
        if (observer := self._owner.observer) is not None:
            self._seen = self._observed(observer)
        self._request_id = ""
        if self._owner.request_ids:
            self._request_id = new_request_id(headers.get("X-Request-Id"))
        self._refusal = self._why_not()
        self._owner.began(self)
        length = headers.get("Content-Length", "").lstrip("0")
        if length.isdecimal():
            # int() takes no more than some thousand digits.
            size = int(length) if len(length) <= _MOST_DIGITS else LARGEST_LENGTH
            if size > self._owner.max_body_bytes:
                self._refuse_body(size)

    def data_received(self, chunk: bytes) -> None:
        self._received += len(chunk)
        if self._received > self._owner.max_body_bytes:
            self._refuse_body(self._received)
        elif not self._answered and self._refusal is None:
            self._chunks.append(chunk)

    def finish(self) -> None:
        if self._answered:
            return
        if self._refusal is not None:
            # Not before its body has come: to close on one that is still sending
            # resets the connection, and then no answer arrives.
            self._refuse_with(self._refusal)
            return
        request = self._request()
        try:
            # The loop itself does not keep it.
            if self._seen is None:
                self._answer = asyncio.ensure_future(self._owner.handler(request))
            else:
                with self._seen.current():
                    self._answer = asyncio.ensure_future(self._owner.handler(request))
        except Exception as error:  # noqa: BLE001 - the door is the last place to see it
            self._refuse(request, error)
            return
        self._answer.add_done_callback(partial(self._send_answer, request))
        self._connection.set_close_callback(self._client_left)

    def _why_not(self) -> ServingError | None:
        if self._owner.draining:
            return Unavailable("the server is shutting down; send the request to another one")
        if (token := self._owner.token) is not None and not self._is_over_unix_socket:
            if self._is_public():
                return None
            try:
                token.check(self._method, self._headers)
            except Unauthenticated as error:
                return error
        return None

    def _is_public(self) -> bool:
        if (is_public := self._owner.is_public) is None or BODIES & self._headers.keys():
            return False
        path = self._target.partition("#")[0].partition("?")[0]
        return is_public(self._method, path, self._headers)

    @property
    def _is_over_unix_socket(self) -> bool:
        context = getattr(self._connection, "context", None)
        return getattr(context, "address_family", None) == socket.AF_UNIX

    def _request(self) -> Request:
        chunks, self._chunks = self._chunks, []
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        path, _, query = self._target.partition("#")[0].partition("?")
        over_socket = self._is_over_unix_socket
        context = getattr(self._connection, "context", None)
        peer = "" if over_socket else getattr(context, "remote_ip", "")
        return Request(self._method, path, query, self._headers, body, over_socket, peer)

    def _client_left(self) -> None:
        self._answer.cancel()

    def on_connection_close(self) -> None:
        self._chunks.clear()
        self._owner.ended(self)

    def _refuse_body(self, length: int) -> None:
        if self._answered:
            return
        self._chunks.clear()
        limit = self._owner.max_body_bytes
        response = error_response(
            ResourceExhausted(
                f"the request body has {length} bytes or more; the limit is {limit} "
                "(--rest_api_max_body_bytes). Send the rows in several requests"
            )
        )
        response.status = _TOO_LARGE
        self._send(response, last=True)

    def _send_answer(self, request: Request, answer: asyncio.Future[Response]) -> None:
        response = self._response(request, answer)
        if response is None:
            return
        compressor = self._owner.compressor
        if (
            compressor is None
            or len(response.body) < SMALLEST_COMPRESSED
            or not accepts_gzip(request.headers.get("Accept-Encoding", ""))
        ):
            self._send_response(request, response)
            return
        self._answer = asyncio.ensure_future(compressor.compressed(response))
        self._answer.add_done_callback(partial(self._send_compressed, request))

    def _send_compressed(self, request: Request, answer: asyncio.Future[Response]) -> None:
        response = self._response(request, answer)
        if response is not None:
            self._send_response(request, response)

    def _response(self, request: Request, answer: asyncio.Future[Response]) -> Response | None:
        """What to send; None when the client has left, or was told of an error instead."""
        if answer.cancelled():
            self._report(_CLIENT_CLOSED, 0)
            self._owner.ended(self)
            return None
        error = answer.exception()
        if error is not None:
            self._refuse(request, error)
            return None
        return answer.result()

    def _send_response(self, request: Request, response: Response) -> None:
        try:
            self._send(response)
        except Exception as mistake:  # noqa: BLE001 - a header that cannot be written, say
            self._refuse(request, mistake)

    def _refuse(self, request: Request, error: BaseException) -> None:
        if isinstance(error, ServingError):
            self._refuse_with(error)
            return
        if self._seen is not None:
            self._seen.error = str(error)
        response = unforeseen_response(request, error)
        if self._answered:
            self._connection.close()
            self._owner.ended(self)
        else:
            self._send(response, last=True)

    def _refuse_with(self, error: ServingError) -> None:
        if self._seen is not None:
            self._seen.error = error.message
        self._send(error_response(error))

    def _send(self, response: Response, *, last: bool = False) -> None:
        """Send the answer; the connection's last one, if told or while draining."""
        last = last or self._owner.draining
        headers = httputil.HTTPHeaders()
        for name, value in response.headers + (_CLOSE if last else ()):
            headers.add(name, value)
        if (further := self._owner.further_headers) is not None:
            headers.update(further(self._target))
        headers["Content-Length"] = str(len(response.body))
        if self._request_id:
            headers["X-Request-Id"] = self._request_id
        reason = reasons.get(response.status, "Unknown")
        start_line = httputil.ResponseStartLine("HTTP/1.1", response.status, reason)
        body = b"" if self._method == "HEAD" else response.body
        written = self._connection.write_headers(start_line, headers, body)
        self._answered = True
        try:
            self._connection.finish()
        except OSError as error:
            _log.debug("the client left before its answer: %s", error)
        self._report(response.status, len(body))
        if written.done():
            self._written(last=last)
        else:
            written.add_done_callback(lambda _: self._written(last=last))

    def _written(self, *, last: bool) -> None:
        # The system has all of it by now; Tornado drops what it still holds of an
        # answer when it closes.
        if last:
            self._connection.close()
        self._owner.ended(self)

    def _observed(self, observer: RequestObserver) -> ObservedRequest:
        context = getattr(self._connection, "context", None)
        scheme = getattr(context, "protocol", None) or "http"
        return observer.begin(
            "REST",
            f"{self._method} {self._target}",
            getattr(context, "remote_ip", None) or "unix",
            self._headers.get,
            partial(http_facts, self._method, self._target, scheme),
        )

    def _report(self, status: int, sent: int) -> None:
        if self._seen is not None:
            self._seen.end(str(status), self._received, sent, self._request_id)
            self._seen = None
