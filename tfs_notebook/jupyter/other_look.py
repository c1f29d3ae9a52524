"""``tfs/servers`` and ``tfs/servers/NAME``: which other servers there are, and of what kind."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final
from urllib.parse import unquote

from tornado import web
from tornado.httputil import HTTPHeaders

from tfs_notebook.jupyter.access import JsonErrors, authorized
from tfs_notebook.jupyter.allowed_servers import TRAIT, AllowedServer
from tfs_notebook.jupyter.other_answer import (
    OtherAnswer,
    OtherServerFault,
    told_faults,
    whole_answer,
)
from tfs_notebook.jupyter.other_servers import OtherServers

__all__ = ["OtherServerKind", "OtherServerList"]

# Where the Open Inference Protocol has a server tell its name; TensorFlow Serving has none.
_NAMED_AT: Final = "v2"
_OURS: Final = "tfs_notebook"
_OK: Final = 200
_FAILED: Final = 500


class OtherServerList(JsonErrors):
    """Which there are."""

    @web.authenticated
    @authorized("read")
    async def get(self) -> None:
        """Names and addresses, which of them want a token, and the trait that allows them."""
        servers: OtherServers = self.settings["tfs_notebook_servers"]
        found = [
            {
                "name": one.name,
                "address": one.address,
                "has_token": bool(one.files.token_file),
            }
            for one in servers
        ]
        await self.finish({"servers": found, "trait": TRAIT})


class OtherServerKind(JsonErrors):
    """Of what kind one is.

    Asked here because a browser writes each 404 into its console, also one that is an answer.
    """

    @web.authenticated
    @authorized("read")
    async def get(self, name: str) -> None:
        """``ours`` or ``serving``; null with the reason while it does not answer."""
        servers: OtherServers = self.settings["tfs_notebook_servers"]
        try:
            server = servers.find(unquote(name))
        except LookupError as error:
            raise web.HTTPError(403, "%s", error.args[0]) from None
        try:
            kind, problem = await _kind_of(servers, server), ""
        except OtherServerFault as fault:
            kind, problem = None, str(fault)
        await self.finish({"kind": kind, "problem": problem})


async def _kind_of(servers: OtherServers, server: AllowedServer) -> str:
    with told_faults(server, servers.limits):
        answer = await _ask(servers, server)
    if answer.status >= _FAILED:
        # A proxy's before it, usually.
        raise OtherServerFault(f"{server.address} answers with {answer.status}")
    is_ours = answer.status == _OK and _name_in(answer.body) == _OURS
    return "ours" if is_ours else "serving"


async def _ask(servers: OtherServers, server: AllowedServer) -> OtherAnswer:
    headers = HTTPHeaders({"Host": server.netloc, "Connection": "close"})
    opened = servers.upstream(server).open("GET", server.target(_NAMED_AT), headers)
    exchange = await asyncio.wait_for(opened, servers.limits.timeout)
    try:
        exchange.end()
        return await whole_answer(servers, server, exchange)
    finally:
        exchange.close()


def _name_in(body: bytes) -> Any:  # noqa: ANN401 - whatever it is
    try:
        document = json.loads(body)
    except ValueError:
        return None
    return document.get("name") if isinstance(document, dict) else None
