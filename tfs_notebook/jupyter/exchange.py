"""One request to the model server and its response, with bodies in pieces both ways.

This sits on Tornado's own connections, which parse and frame; here is what holds a fast
side back for a slow one, and what ends well whichever side breaks off.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final

from tornado import httputil
from tornado.http1connection import HTTP1Connection, HTTP1ConnectionParameters
from tornado.iostream import IOStream, StreamClosedError

__all__ = ["CHUNK_BYTES", "Exchange", "ModelServerGone"]

CHUNK_BYTES: Final = 256 * 1024
"""So much of a body is in hand at once, about."""

_NO_LIMIT: Final = 2**63 - 1
_OK: Final = 200


class ModelServerGone(Exception):
    """The model server takes no connection, or has closed one without an answer."""


class _Handoff:
    """A piece at a time from the side that reads to the side that writes, on one loop."""

    def __init__(self) -> None:
        self._piece: bytes | None = None
        self._over = False
        # Only one of the two can be waiting: there is a piece, or there is none.
        self._changed = asyncio.Event()

    async def put(self, piece: bytes) -> None:
        """Hand over a piece once the one before is taken; dropped when it is over."""
        while self._piece is not None and not self._over:
            await self._change()
        if not self._over:
            self._piece = piece
            self._changed.set()

    async def get(self) -> bytes | None:
        """Take the next piece; None when it is over."""
        while self._piece is None and not self._over:
            await self._change()
        piece, self._piece = self._piece, None
        self._changed.set()
        return piece

    def end(self) -> None:
        """There will be no further piece."""
        self._over = True
        self._changed.set()

    def drop(self) -> None:
        """Nobody wants one any more."""
        self._piece = None
        self.end()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()


class Exchange(httputil.HTTPMessageDelegate):
    """``send_head`` → ``send`` → ``end`` → ``head`` → ``pieces``; ``close`` at any time.

    Everything is on the loop's thread.

    Args:
        stream: the connection; nobody else uses it meanwhile.
        closed: told once that this is closed, and whether the connection can serve
            another request.
    """

    def __init__(self, stream: IOStream, closed: Callable[[Exchange, bool], None]) -> None:
        self.stream = stream
        self._tell_closed = closed
        parameters = HTTP1ConnectionParameters(max_body_size=_NO_LIMIT, chunk_size=CHUNK_BYTES)
        self._connection = HTTP1Connection(stream, True, parameters)
        self._head: asyncio.Future[tuple[int, httputil.HTTPHeaders]] = (
            asyncio.get_running_loop().create_future()
        )
        # What nobody takes is not read from the socket.
        self._pieces = _Handoff()
        self._whole = False
        self._reusable = False
        self._closed = False

    def send_head(
        self, method: str, target: str, headers: httputil.HTTPHeaders
    ) -> asyncio.Task[None]:
        """Send the request's line and headers, and begin to read the answer.

        Returns:
            the task that reads; it ends soon after :meth:`close`.
        """
        line = httputil.RequestStartLine(method, target, "HTTP/1.1")
        with suppress(StreamClosedError):
            self._connection.write_headers(line, headers)
        self._reading = asyncio.ensure_future(self._read())
        return self._reading

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
        while (piece := await self._pieces.get()) is not None:
            yield piece
        if not self._whole:
            raise ModelServerGone("the model server ended in the middle of its answer")

    def close(self) -> None:
        """Be done with it, whatever its state; idempotent."""
        if self._closed:
            return
        self._closed = True
        reusable = self._whole and self._reusable and self._reading.done()
        self._pieces.drop()
        self._fail()
        self._tell_closed(self, reusable)

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
        await self._pieces.put(chunk)

    def finish(self) -> None:
        """Tornado's call at the end of the response."""
        self._whole = True

    def on_connection_close(self) -> None:
        """Tornado's call when the connection ends before the response does."""

    async def _read(self) -> None:
        try:
            with suppress(StreamClosedError):
                await self._connection.read_response(self)
        finally:
            self._fail()
            self._pieces.end()

    def _fail(self) -> None:
        if not self._head.done():
            gone = ModelServerGone("the model server ended before it answered")
            self._head.set_exception(gone)
            self._head.exception()  # nobody may be waiting for it
