"""HTTP/1.1 to the model server's Unix socket: the pool of connections."""

from __future__ import annotations

import asyncio
import socket
from typing import Final

from tornado import httputil
from tornado.iostream import IOStream

from tfs_notebook.jupyter.exchange import CHUNK_BYTES, Exchange, ModelServerGone

__all__ = ["Upstream"]

_CLOSE_SECONDS: Final = 1.0


class Upstream:
    """A bounded pool of connections to one address; it belongs to the loop's thread.

    Args:
        address: the path of a Unix socket; where a subclass connects, what that takes.
        max_connections: so many requests are under way at once; others wait. What is
            fetched is not among them.

    Attributes:
        waiting: how many do.
        keeps_connections: whether one serves several requests, one after the other.
    """

    keeps_connections = True

    def __init__(self, address: str, max_connections: int) -> None:
        self.waiting = 0
        self._address = address
        self._free = asyncio.Semaphore(max_connections)
        self._idle: list[IOStream] = []
        self._open: dict[Exchange, bool] = {}
        self._readings: set[asyncio.Task[None]] = set()

    async def open(self, method: str, target: str, headers: httputil.HTTPHeaders) -> Exchange:
        """Send the head of a request; waits for a free connection.

        Raises:
            ModelServerGone: nobody listens.
        """
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        try:
            return await self._begin(method, target, headers, counted=True)
        except BaseException:
            self._free.release()
            raise

    async def fetch(
        self, target: str, *, timeout: float, method: str = "GET", body: bytes = b""
    ) -> tuple[int, bytes]:
        """A whole small request, and its status and body.

        It waits for no connection, nor does it keep others waiting: it is for what this
        process itself has to know of the model server, however busy that is.

        Raises:
            ModelServerGone: nobody answers.
            TimeoutError: nor in time (that of asyncio).
        """
        return await asyncio.wait_for(self._fetch(method, target, body), timeout)

    async def _fetch(self, method: str, target: str, body: bytes) -> tuple[int, bytes]:
        headers = httputil.HTTPHeaders({"Host": "localhost", "Content-Length": str(len(body))})
        exchange = await self._begin(method, target, headers, counted=False)
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

    async def close(self) -> None:
        """Close all connections, and wait until nothing reads any more; requests fail."""
        for exchange in list(self._open):
            exchange.close()
        self.drop_idle()
        if readings := set(self._readings):
            await asyncio.wait(readings, timeout=_CLOSE_SECONDS)
            for reading in readings:
                reading.cancel()

    async def _begin(
        self, method: str, target: str, headers: httputil.HTTPHeaders, *, counted: bool
    ) -> Exchange:
        stream = await self._stream()
        exchange = Exchange(stream, self._take_back)
        try:
            reading = exchange.send_head(method, target, headers)
        except BaseException:
            stream.close()
            raise
        self._open[exchange] = counted
        self._readings.add(reading)
        reading.add_done_callback(self._readings.discard)
        return exchange

    async def _stream(self) -> IOStream:
        while self._idle:
            stream = self._idle.pop()
            if not stream.closed():
                return stream
        return await self._connect()

    async def _connect(self) -> IOStream:
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(connection, self._address)
        except OSError as error:
            connection.close()
            raise ModelServerGone(f"the model server takes no connections: {error}") from None
        except BaseException:
            connection.close()
            raise
        return IOStream(connection, read_chunk_size=CHUNK_BYTES)

    def _take_back(self, exchange: Exchange, reusable: bool) -> None:
        if self._open.pop(exchange):
            self._free.release()
        stream = exchange.stream
        if reusable and self.keeps_connections and not stream.closed():
            # Tornado sees that the other side closes only while somebody asks to know.
            stream.set_close_callback(lambda: None)
            self._idle.append(stream)
        else:
            stream.close()
