"""``tfs/servers``: other model servers, which are read and asked, and never changed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final
from urllib.parse import unquote

from tornado import web
from tornado.iostream import StreamClosedError

from tfs_notebook.jupyter.access import JsonErrors, authorized
from tfs_notebook.jupyter.allowed_servers import TRAIT, AllowedServer
from tfs_notebook.jupyter.exchange import Exchange
from tfs_notebook.jupyter.forwarding import (
    forwarded_target,
    headers_elsewhere,
    headers_from_elsewhere,
)
from tfs_notebook.jupyter.other_answer import OtherServerFault, told_faults, whole_answer
from tfs_notebook.jupyter.other_look import OtherServerKind, OtherServerList
from tfs_notebook.jupyter.other_paths import WITH_QUERY, is_allowed
from tfs_notebook.jupyter.other_servers import OtherServers
from tfs_notebook.jupyter.relay import Relay

__all__ = ["OTHER_SERVER_HANDLERS"]

# Nothing that a browser would run at Jupyter's address.
_CONTENT_TYPES: Final = ("application/json", "text/plain")
_PLAIN: Final = "text/plain; charset=utf-8"


class OtherServer(Relay):
    """Passes a request on to another server, without anything of who asks."""

    @web.authenticated
    @authorized("read")
    async def get(self, _name: str, _path: str) -> None:
        """Status, metadata, metrics; of a server of ours what its panel shows, too."""
        await self.pass_on()

    @web.authenticated
    @authorized("execute")
    async def post(self, _name: str, _path: str) -> None:
        """Predict."""
        await self.ask()

    @property
    def servers(self) -> OtherServers:
        """The way to them."""
        return self.settings["tfs_notebook_servers"]  # type: ignore[no-any-return]

    def body_limit(self) -> tuple[int, str]:
        """As of any relay."""
        return self.servers.limits.max_bytes, f"{TRAIT}_max_bytes"

    async def pass_on(self) -> None:
        """What every verb does; the errors name the server."""
        server = self._server()
        try:
            with told_faults(server, self.servers.limits):
                await self.relay()
        except OtherServerFault as fault:
            if not self.has_left:
                raise web.HTTPError(fault.status, "%s", fault) from None

    async def data_received(self, chunk: bytes) -> None:
        """Tornado's call for a piece of the body; who takes none in time is left."""
        timeout = self.servers.limits.timeout
        try:
            await asyncio.wait_for(super().data_received(chunk), timeout)
        except asyncio.TimeoutError:
            self.close_exchange()

    async def open(self) -> Exchange:
        """Send the head of the request, if it is one of those that may be sent."""
        server, path, query = self._server(), *self._path()
        method = self.request.method or ""
        if not is_allowed(method, path):
            raise web.HTTPError(
                404,
                "%s of another server is not asked for from here: only the status, metadata "
                "and predictions of its models, its metrics, and what a server of "
                "tfs_notebook tells of itself",
                f"{method} /{path[:200]}",
            )
        asked = f"?{query}" if query and path in WITH_QUERY else ""
        opened = self.servers.upstream(server).open(
            method,
            f"{server.target(path)}{asked}",
            headers_elsewhere(self.request, server.netloc),
        )
        return await asyncio.wait_for(opened, self.servers.limits.timeout)

    async def answer(self, exchange: Exchange) -> None:
        """Send the answer back, once it is there as a whole."""
        exchange.end()
        answer = await whole_answer(self.servers, self._server(), exchange)
        self.set_status(answer.status)
        for name, value in headers_from_elsewhere(answer.headers):
            self.set_header(name, value)
        told = answer.headers.get("Content-Type", _CONTENT_TYPES[0])
        kind = told.partition(";")[0].strip().lower()
        content_type = told if kind in _CONTENT_TYPES else _PLAIN
        with suppress(StreamClosedError):  # the client has left
            await self.finish(answer.body, set_content_type=content_type)

    def _server(self) -> AllowedServer:
        name = unquote(self._parts()[0])
        try:
            return self.servers.find(name)
        except LookupError as error:
            raise web.HTTPError(403, "%s", error.args[0]) from None

    def _path(self) -> tuple[str, str]:
        path, _, query = self._parts()[1].partition("?")
        return path, query

    def _parts(self) -> tuple[str, str]:
        target = forwarded_target(self.request, f"{self.base_url}tfs/servers/")
        name, _, rest = target.partition("/")
        return name, rest


OTHER_SERVER_HANDLERS: Final[list[tuple[str, type[JsonErrors]]]] = [
    (r"tfs/servers", OtherServerList),
    (r"tfs/servers/([^/]+)", OtherServerKind),
    (r"tfs/servers/([^/]+)/(.*)", OtherServer),
]
