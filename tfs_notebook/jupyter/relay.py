"""``tfs/…`` below Jupyter's address and login: requests go on to the model server unread."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from tornado import web
from tornado.iostream import StreamClosedError

from tfs_notebook.jupyter.access import JsonErrors
from tfs_notebook.jupyter.exchange import Exchange, ModelServerGone
from tfs_notebook.jupyter.forwarding import (
    body_length,
    forwarded_headers,
    forwarded_target,
    returned_headers,
)

__all__ = ["Relay"]

# A refused body of this size is read and dropped, so that the answer surely arrives and
# the connection can be used again.
_SMALL_BODY: Final = 64 * 1024


@web.stream_request_body
class Relay(JsonErrors):
    """Passes a request on, its body in pieces.

    Tornado calls the verb when the body is there. That is too late to refuse it, so
    ``prepare`` calls the verb as well: the first time the request is opened, the second
    time it is answered.
    """

    has_left = False
    """Whether the client has."""

    _exchange: Exchange | None = None
    _opened = False
    _closes = False

    async def prepare(self, **further: Any) -> None:  # noqa: ANN401 - Jupyter's
        """Open the request, or refuse it.

        Raises:
            HTTPError: why it is refused; if its body is small, once that is read.
        """
        try:
            await super().prepare(**further)
            if self.request.method == "OPTIONS":
                return  # a browser's question before the request; Jupyter answers it
            self._limit_body()
            verb = getattr(self, (self.request.method or "").lower())
            await verb(*self.path_args)
        except web.HTTPError as error:
            if not self._body_is_small():
                self._closes = True
                raise
            self._refuse_later(error)

    def _refuse_later(self, error: web.HTTPError) -> None:
        async def refuse(*_: str) -> None:
            raise error

        # In the place of the verb that Tornado calls once the body is there.
        setattr(self, (self.request.method or "").lower(), refuse)

    def _body_is_small(self) -> bool:
        try:
            length = body_length(self.request.headers)
        except web.HTTPError:
            return False
        return length is not None and length <= _SMALL_BODY

    def body_limit(self) -> tuple[int, str]:
        """How many bytes a request may have, and which trait says so."""
        return self.gateway.limits.max_body_bytes, "TfsNotebookApp.max_body_bytes"

    def _limit_body(self) -> None:
        limit, trait = self.body_limit()
        connection: Any = self.request.connection
        connection.set_max_body_size(max(limit, _SMALL_BODY))
        length = body_length(self.request.headers)
        if length is not None and length > limit:
            raise web.HTTPError(
                413,
                "the request body has %d bytes or more; the limit is %d (%s). Send the rows "
                "in several requests",
                length,
                limit,
                trait,
            )

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ANN401 - Tornado's
        """Write the error; Tornado closes a connection whose body is not read."""
        if self._closes:
            self.set_header("Connection", "close")
        super().write_error(status_code, **kwargs)

    async def data_received(self, chunk: bytes) -> None:
        """Tornado's call for a piece of the body; no more is read before it is sent."""
        # What other verbs bring is dropped.
        if self._exchange is not None and self.request.method == "POST":
            await self._exchange.send(chunk)

    def on_connection_close(self) -> None:
        """Tornado's call when the client has left: drop what it has asked for."""
        super().on_connection_close()
        self.has_left = True
        self.close_exchange()

    def on_finish(self) -> None:
        """Tornado's call when the answer is written: the connection is for others."""
        self.close_exchange()
        super().on_finish()

    def close_exchange(self) -> None:
        """Be done with the model server; may be repeated."""
        if self._exchange is not None:
            self._exchange.close()

    async def ask(self) -> None:
        """As ``pass_on``, and it counts as use of this Jupyter server."""
        self._track_activity = True
        with self.gateway.activity.predict():
            await self.pass_on()

    async def relay(self) -> None:
        """Open the request the first time, answer it the second.

        Raises:
            ModelServerGone: nobody answers.
            TimeoutError: not in time (that of asyncio).
        """
        if not self._opened:
            self._opened = True
            self._exchange = await self.open()
            if self.has_left:  # while it waited for a connection: nobody else would close it
                self._exchange.close()
        elif self._exchange is not None:
            await self.answer(self._exchange)

    async def pass_on(self) -> None:
        """What every verb does."""
        try:
            await self.relay()
        except ModelServerGone as error:
            if not self.has_left:
                raise web.HTTPError(503, "%s", error) from None
        except asyncio.TimeoutError:
            seconds = self.gateway.limits.request_timeout
            raise web.HTTPError(
                504, "the model server has not answered within %g s", seconds
            ) from None

    async def open(self) -> Exchange:
        """Send the head of the request on."""
        return await self.gateway.open(
            self.request.method or "",
            forwarded_target(self.request, f"{self.base_url}tfs"),
            forwarded_headers(self.request),
        )

    async def answer(self, exchange: Exchange) -> None:
        """Send the answer back, as it comes."""
        timeout = self.gateway.limits.request_timeout
        exchange.end()
        status, headers = await asyncio.wait_for(exchange.head(), timeout)
        self.set_status(status)
        content_type = headers.get("Content-Type", "application/json")
        returned = list(returned_headers(headers))
        for name, _ in returned:
            self.clear_header(name)
        for name, value in returned:
            self.add_header(name, value)
        begun = False
        try:
            async for piece in exchange.pieces():
                begun = True
                self.write(piece)
                await self.flush()
            await self.finish(set_content_type=content_type)
        except ModelServerGone:
            if not begun:
                raise
            # Too late for a status: that the connection ends tells the client.
            connection: Any = self.request.connection
            connection.close()
        except StreamClosedError:
            self.has_left = True
