"""``tfs/…`` below Jupyter's address and login: requests go on to the model server unread.

Who may do what: reading is the action ``read``, asking a model ``execute``, and what
changes the served models ``write``; all on the resource ``tfs_notebook``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from http.client import responses
from typing import Any, Final, TypeVar, cast

from jupyter_server.auth import decorator
from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin
from tornado import httputil, web
from tornado.iostream import StreamClosedError

from tfs_notebook.jupyter.gateway import Gateway
from tfs_notebook.jupyter.upstream import Exchange, ModelServerGone

__all__ = ["RELAY_HANDLERS", "RESOURCE", "JsonErrors", "authorized"]

RESOURCE: Final = "tfs_notebook"

Verb = TypeVar("Verb", bound=Callable[..., Awaitable[None]])

# Those of one connection.
_HOP_BY_HOP: Final = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
# And what is between the user and Jupyter alone.
_NOT_SENT: Final = _HOP_BY_HOP | {
    "authorization",
    "cookie",
    "expect",
    "host",
    "origin",
    "referer",
    "x-xsrftoken",
}
_NOT_RETURNED: Final = _HOP_BY_HOP | {"date", "server"}
_JUPYTERS_ARGUMENTS: Final = frozenset(("token", "_xsrf", "no_track_activity"))
# A refused body of this size is read and dropped, so that the answer surely arrives and
# the connection can be used again.
_SMALL_BODY: Final = 64 * 1024
_RETRY_SECONDS: Final = 1
_FORBIDDEN: Final = 403
_UNAVAILABLE: Final = 503


def authorized(action: str) -> Callable[[Verb], Verb]:
    """Whether the user may, as Jupyter's authorizer says; only on leaf classes.

    Jupyter's decorator keeps for ever what it has been called with first.
    """
    return cast(
        "Callable[[Verb], Verb]", decorator.authorized(action=action, resource=RESOURCE)
    )


class JsonErrors(ExtensionHandlerMixin, APIHandler):
    """Errors as the model server writes them: ``{"error": text}``."""

    auth_resource = RESOURCE
    # Pages ask for the state every few seconds: that is no use of the server.
    _track_activity = False

    @property
    def gateway(self) -> Gateway:
        """The way to the model server."""
        return self.settings["tfs_notebook_gateway"]  # type: ignore[no-any-return]

    async def prepare(self, **_further: Any) -> None:  # noqa: ANN401 - Jupyter's
        """Let nobody in without a login, whatever the verb.

        Raises:
            HTTPError: 403; Tornado would answer 405 to a verb that there is not.
        """
        await super().prepare()
        if not self.current_user and self.request.method != "OPTIONS":
            raise web.HTTPError(_FORBIDDEN)

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ANN401 - Tornado's
        """Write the error."""
        error = (kwargs.get("exc_info") or (None, None))[1]
        text = error.get_message() if isinstance(error, web.HTTPError) else None
        reason = text or responses.get(status_code, "unknown error")
        if status_code == _FORBIDDEN and not self.current_user:
            reason = f"{reason}: log in, or send the header 'Authorization: token …'"
        if status_code == _UNAVAILABLE:
            self.set_header("Retry-After", str(_RETRY_SECONDS))
        self.finish(json.dumps({"error": reason}))


@web.stream_request_body
class _Relay(JsonErrors):
    """Passes a request on, its body in pieces.

    Tornado calls the verb when the body is there. That is too late to refuse it, so
    ``prepare`` calls the verb as well: the first time the request is opened, the second
    time it is answered.
    """

    _exchange: Exchange | None = None
    _opened = False
    _left = False
    _closes = False

    async def prepare(self, **further: Any) -> None:  # noqa: ANN401 - Jupyter's
        try:
            await super().prepare(**further)
            if self.request.method == "OPTIONS":
                return  # a browser's question before the request; Jupyter answers it
            self._limit_body()
            verb = getattr(self, (self.request.method or "").lower())
            await verb(*self.path_args)
        except web.HTTPError as error:
            if self._body_length() > _SMALL_BODY:
                self._closes = True
                raise
            self._refuse_later(error)

    def _refuse_later(self, error: web.HTTPError) -> None:
        async def refuse(*_: str) -> None:
            raise error

        # In the place of the verb that Tornado calls once the body is there.
        setattr(self, (self.request.method or "").lower(), refuse)

    def _body_length(self) -> int:
        length = self.request.headers.get("Content-Length")
        if length is None:
            chunked = "Transfer-Encoding" in self.request.headers
            return self.gateway.limits.max_body_bytes if chunked else 0
        return int(length) if length.isdecimal() else 0

    def _limit_body(self) -> None:
        limit = self.gateway.limits.max_body_bytes
        connection: Any = self.request.connection
        connection.set_max_body_size(max(limit, _SMALL_BODY))
        if self._body_length() > limit:
            raise web.HTTPError(
                413,
                "the request body has %d bytes; the limit is %d "
                "(TfsNotebookApp.max_body_bytes). Send the rows in several requests",
                self._body_length(),
                limit,
            )

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ANN401 - Tornado's
        """Write the error; Tornado closes a connection whose body is not read."""
        if self._closes:
            self.set_header("Connection", "close")
        super().write_error(status_code, **kwargs)

    async def data_received(self, chunk: bytes) -> None:
        if self._exchange is not None:
            await self._exchange.send(chunk)

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self._left = True
        if self._exchange is not None:
            self._exchange.close()

    def on_finish(self) -> None:
        if self._exchange is not None:
            self._exchange.close()
        super().on_finish()

    async def ask(self) -> None:
        """As ``pass_on``, and it counts as use of this Jupyter server."""
        self._track_activity = True
        with self.gateway.activity.predict():
            await self.pass_on()

    async def pass_on(self) -> None:
        """What every verb does: open the request, then answer it."""
        try:
            if not self._opened:
                self._opened = True
                self._exchange = await self._open()
            elif self._exchange is not None:
                await self._answer(self._exchange)
        except ModelServerGone as error:
            if not self._left:
                raise web.HTTPError(503, "%s", error) from None
        except asyncio.TimeoutError:
            seconds = self.gateway.limits.request_timeout
            raise web.HTTPError(
                504, "the model server has not answered within %g s", seconds
            ) from None

    async def _open(self) -> Exchange:
        headers = httputil.HTTPHeaders({"Host": "localhost"})
        named = self.request.headers.get("Connection", "").lower().split(",")
        dropped = _NOT_SENT | {name.strip() for name in named}
        for name, value in self.request.headers.get_all():
            if name.lower() not in dropped:
                headers.add(name, value)
        if self.request.method == "POST" and not self._body_length():
            headers["Content-Length"] = "0"
        return await self.gateway.open(self.request.method or "", self._target(), headers)

    def _target(self) -> str:
        path = self.request.path[len(self.base_url) + len("tfs") :]
        pairs = (pair for pair in self.request.query.split("&") if pair)
        kept = [pair for pair in pairs if pair.partition("=")[0] not in _JUPYTERS_ARGUMENTS]
        return f"{path}?{'&'.join(kept)}" if kept else path

    async def _answer(self, exchange: Exchange) -> None:
        timeout = self.gateway.limits.request_timeout
        exchange.end()
        status, headers = await asyncio.wait_for(exchange.head(), timeout)
        self.set_status(status)
        content_type = headers.get("Content-Type", "application/json")
        for name in {name for name, _ in headers.get_all()}:
            if name.lower() not in _NOT_RETURNED:
                self.clear_header(name)
                for value in headers.get_list(name):
                    self.add_header(name, value)
        try:
            async for piece in exchange.pieces():
                self.write(piece)
                await self.flush()
            await self.finish(set_content_type=content_type)
        except ModelServerGone:
            # Too late for a status: that the connection ends tells the client.
            connection: Any = self.request.connection
            connection.close()
        except StreamClosedError:
            self._left = True


class V1(_Relay):
    """TensorFlow Serving's API; all it posts are predictions of one kind or another."""

    @web.authenticated
    @authorized("read")
    async def get(self, _path: str) -> None:
        """Status and metadata."""
        await self.pass_on()

    @web.authenticated
    @authorized("execute")
    async def post(self, _path: str) -> None:
        """Predict, classify, regress."""
        await self.ask()


class RawText(_Relay):
    """Raw text in, the model's word for it out."""

    @web.authenticated
    @authorized("execute")
    async def get(self) -> None:
        """One text, in the query."""
        await self.ask()

    @web.authenticated
    @authorized("execute")
    async def post(self) -> None:
        """One text or many, in the body."""
        await self.ask()


class Inference(_Relay):
    """The Open Inference Protocol's predictions."""

    @web.authenticated
    @authorized("execute")
    async def post(self, _path: str) -> None:
        """Infer."""
        await self.ask()


class Index(_Relay):
    """The list of models, which the protocol asks for with POST."""

    @web.authenticated
    @authorized("read")
    async def post(self) -> None:
        """List."""
        await self.pass_on()


class Control(_Relay):
    """What changes the served models."""

    @web.authenticated
    @authorized("write")
    async def post(self, _path: str) -> None:
        """Load, unload, label, roll back."""
        await self.pass_on()


class Reading(_Relay):
    """All else that is asked for: health, metadata, statistics, events, metrics."""

    @web.authenticated
    @authorized("read")
    async def get(self, _path: str) -> None:
        """Read."""
        await self.pass_on()


RELAY_HANDLERS: Final[list[tuple[str, type[_Relay]]]] = [
    (r"tfs/(v1/.*)", V1),
    (r"tfs/predict", RawText),
    (r"tfs/v2/repository/index", Index),
    (r"tfs/(v2/repository/models/.*)", Control),
    (r"tfs/(v2/models/[^/]+(?:/versions/[^/]+)?/infer)", Inference),
    (r"tfs/(v2(?:/.*)?)", Reading),
    (r"tfs/(monitoring/.*)", Reading),
]
