"""A model server that answers as a test tells it: real sockets, and no model."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from tornado import web
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.netutil import bind_unix_socket

__all__ = ["Answer", "ScriptedServer"]

Answer = Callable[[web.RequestHandler], Awaitable[None]]


class ScriptedServer:
    """A :class:`~tfs_notebook.jupyter.run.Run` that keeps every request it gets.

    Attributes:
        requests: whole ones, in their order; probes of its health are left out.
        left: how many requests had nobody left to answer.
        answer: what it does; a test may exchange it at any time.
    """

    def __init__(self, path: Path) -> None:
        self.requests: list[HTTPServerRequest] = []
        self.left = 0
        self.answer: Answer = _nothing
        self.pid: int | None = None
        self._path = path
        self._ended: asyncio.Future[str] = asyncio.Future()
        self._server: HTTPServer | None = None

    async def start(self) -> None:
        scripted = self

        class Handler(web.RequestHandler):
            async def _any(self) -> None:
                if self.request.path != "/v2/health/live":
                    scripted.requests.append(self.request)
                    await scripted.answer(self)

            get = post = _any

            def on_connection_close(self) -> None:
                scripted.left += 1

        application = web.Application([(r".*", Handler)], log_function=lambda _: None)
        self._server = HTTPServer(application, max_buffer_size=2**28)
        self._server.add_socket(bind_unix_socket(str(self._path)))
        self.pid = 0

    async def ended(self) -> str:
        return await asyncio.shield(self._ended)

    async def stop(self, _grace: float) -> None:
        if self._server is not None:
            self._server.stop()
            await self._server.close_all_connections()


async def _nothing(handler: web.RequestHandler) -> None:
    handler.write({})
