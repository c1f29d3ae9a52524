"""HTTP/1.1 to the model server's Unix socket, with bodies in pieces both ways.

This sits on Tornado's own connections, which parse and frame; here are the pool, and
what holds a fast side back for a slow one.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from tornado import httputil
from tornado.http1connection import HTTP1Connection, HTTP1ConnectionParameters
from tornado.iostream import IOStream, StreamClosedError

__all__ = ["Exchange", "ModelServerGone", "Upstream"]

_NO_LIMIT: Final = 2**63 - 1
_CHUNK_BYTES: Final = 256 * 1024
_CLOSE_SECONDS: Final = 1.0
_OK: Final = 200


class ModelServerGone(Exception):
    """The model server takes no connection, or has closed one without an answer."""


class Upstream:
    """A bounded pool of connections to one socket; it belongs to the loop's thread.

    Args:
        path: of the socket.
        max_connections: so many requests are under way at once; others wait.
    """

    def __init__(self, path: str, max_connections: int) -> None:
        self._path = path
        self._free = asyncio.Semaphore(max_connections)
        self._idle: list[IOStream] = []
        self._open: set[Exchange] = set()
        self._readings: set[asyncio.Task[None]] = set()

    async def open(self, method: str, target: str, headers: httputil.HTTPHeaders) -> Exchange:
        """Send the head of a request; waits for a free connection.

        Raises:
            ModelServerGone: nobody listens.
        """
        await self._free.acquire()
        try:
            exchange = Exchange(self, await self._stream())
        except BaseException:
            self._free.release()
            raise
        self._open.add(exchange)
        exchange.send_head(method, target, headers)
        return exchange

    async def fetch(
        self, target: str, *, timeout: float, method: str = "GET", body: bytes = b""
    ) -> tuple[int, bytes]:
        """A whole small request, and its status and body.

        Raises:
            ModelServerGone: nobody answers.
            TimeoutError: nor in time (that of asyncio).
        """
        return await asyncio.wait_for(self._fetch(method, target, body), timeout)

    async def _fetch(self, method: str, target: str, body: bytes) -> tuple[int, bytes]:
        headers = httputil.HTTPHeaders({"Host": "localhost", "Content-Length": str(len(body))})
        exchange = await self.open(method, target, headers)
        try:
            if body:
                await exchange.send(body)
            exchange.end()
            status, _ = await exchange.head()
            return status, b"".join([piece async for piece in exchange.pieces()])
        finally:
            exchange.close()

    def drop_idle(self) -> None:
        """Close the connections that nobody uses: the server behind them has ended."""
        while self._idle:
            self._idle.pop().close()

    def note_reading(self, reading: asyncio.Task[None]) -> None:
        """An exchange reads its answer; :meth:`close` sees that it does not for ever."""
        self._readings.add(reading)
        reading.add_done_callback(self._readings.discard)

    async def close(self) -> None:
        """Close all connections, and wait until nothing reads any more; requests fail."""
        for exchange in list(self._open):
            exchange.close()
        self.drop_idle()
        if readings := set(self._readings):
            await asyncio.wait(readings, timeout=_CLOSE_SECONDS)
            for reading in readings:
                reading.cancel()

    async def _stream(self) -> IOStream:
        while self._idle:
            stream = self._idle.pop()
            if not stream.closed():
                return stream
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(connection, self._path)
        except OSError as error:
            connection.close()
            raise ModelServerGone(f"the model server takes no connections: {error}") from None
        except BaseException:
            connection.close()
            raise
        return IOStream(connection, read_chunk_size=_CHUNK_BYTES)

    def take_back(self, exchange: Exchange, stream: IOStream, *, whole: bool) -> None:
        """An exchange has ended; if it is whole, another may use its connection."""
        self._open.discard(exchange)
        self._free.release()
        if whole and not stream.closed():
            # Tornado sees that the other side closes only while somebody asks to know.
            stream.set_close_callback(lambda: None)
            self._idle.append(stream)
        else:
            stream.close()


class Exchange(httputil.HTTPMessageDelegate):
    """One request and its response. ``send`` → ``end`` → ``head`` → ``pieces``; ``close``."""

    def __init__(self, owner: Upstream, stream: IOStream) -> None:
        self._owner = owner
        self._stream = stream
        parameters = HTTP1ConnectionParameters(max_body_size=_NO_LIMIT, chunk_size=_CHUNK_BYTES)
        self._connection = HTTP1Connection(stream, True, parameters)
        self._head: asyncio.Future[tuple[int, httputil.HTTPHeaders]] = (
            asyncio.get_running_loop().create_future()
        )
        # One piece at a time: what nobody takes is not read from the socket.
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        self._whole = False
        self._reusable = False
        self._closed = False

    def send_head(self, method: str, target: str, headers: httputil.HTTPHeaders) -> None:
        """Send the request's line and headers, and begin to wait for the answer."""
        line = httputil.RequestStartLine(method, target, "HTTP/1.1")
        with suppress(StreamClosedError):
            self._connection.write_headers(line, headers)
        self._reading = asyncio.ensure_future(self._read())
        self._owner.note_reading(self._reading)

    async def send(self, piece: bytes) -> None:
        """Send a piece of the body; waits until the socket has taken it.

        If the server has answered and closed already, the piece is dropped: the answer
        says why.
        """
        with suppress(StreamClosedError):
            await self._connection.write(piece)

    def end(self) -> None:
        """The body is complete."""
        with suppress(StreamClosedError):
            self._connection.finish()

    async def head(self) -> tuple[int, httputil.HTTPHeaders]:
        """Wait for the response's status and headers.

        Raises:
            ModelServerGone: it ended, or the exchange was closed.
        """
        return await asyncio.shield(self._head)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The response's body.

        Raises:
            ModelServerGone: it ended in the middle.
        """
        while not self._closed and (piece := await self._pieces.get()) is not None:
            yield piece
        if not self._whole:
            raise ModelServerGone("the model server ended in the middle of its answer")

    def close(self) -> None:
        """Be done with it, whatever its state; idempotent."""
        if self._closed:
            return
        self._closed = True
        reusable = self._whole and self._reusable and self._reading.done()
        # The reading ends by itself once its connection has closed and nothing holds it up.
        while not self._pieces.empty():
            self._pieces.get_nowait()
        self._pieces.put_nowait(None)
        self._fail()
        self._owner.take_back(self, self._stream, whole=reusable)

    def headers_received(
        self,
        start_line: httputil.RequestStartLine | httputil.ResponseStartLine,
        headers: httputil.HTTPHeaders,
    ) -> None:
        """Tornado's call for the head of the response."""
        assert isinstance(start_line, httputil.ResponseStartLine)  # noqa: S101 - for the types
        if start_line.code >= _OK and not self._head.done():
            self._reusable = headers.get("Connection", "").lower() != "close"
            self._head.set_result((start_line.code, headers))

    async def data_received(self, chunk: bytes) -> None:
        """Tornado's call for a piece of the body."""
        if not self._closed:
            await self._pieces.put(chunk)

    def finish(self) -> None:
        """Tornado's call at the end of the response."""
        self._whole = True

    def on_connection_close(self) -> None:
        """Tornado's call when the connection ends before the response does."""

    async def _read(self) -> None:
        try:
            await self._connection.read_response(self)
        except StreamClosedError:
            pass
        finally:
            self._fail()
        if not self._closed:
            await self._pieces.put(None)

    def _fail(self) -> None:
        if not self._head.done():
            gone = ModelServerGone("the model server ended before it answered")
            self._head.set_exception(gone)
            self._head.exception()  # nobody may be waiting for it
