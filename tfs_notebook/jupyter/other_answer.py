"""The answer of another model server: whole, within limits, and what it may not be."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from tornado.httputil import HTTPHeaders

from tfs_notebook.jupyter.allowed_servers import TRAIT, AllowedServer
from tfs_notebook.jupyter.exchange import Exchange, ModelServerGone
from tfs_notebook.jupyter.forwarding import body_length
from tfs_notebook.jupyter.other_credentials import CredentialsFault
from tfs_notebook.jupyter.other_servers import OtherLimits, OtherServers

__all__ = ["OtherAnswer", "OtherServerFault", "told_faults", "whole_answer"]

_REDIRECTS: Final = range(300, 400)
_WANTS_LOGIN: Final = (401, 403)
_BAD_GATEWAY: Final = 502
_GATEWAY_TIMEOUT: Final = 504


class OtherServerFault(Exception):
    """Another server cannot be asked, or its answer is not to be shown; the text says why.

    Attributes:
        status: of HTTP, for who asks.
    """

    def __init__(self, text: str, status: int = _BAD_GATEWAY) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class OtherAnswer:
    """What came back."""

    status: int
    headers: HTTPHeaders
    body: bytes


@contextmanager
def told_faults(server: AllowedServer, limits: OtherLimits) -> Iterator[None]:
    """What goes wrong inside is raised as :class:`OtherServerFault`, in words for users."""
    try:
        yield
    except CredentialsFault as fault:
        raise OtherServerFault(f"{server.address} is not asked: {fault}") from None
    except ModelServerGone as gone:
        asks = "Is this the address of its REST API"
        if server.is_secure and not server.files.client_certificate:
            asks += f", and does it want no 'client_certificate' ({TRAIT})"
        raise OtherServerFault(f"{server.address}: {gone}. {asks}?") from None
    except asyncio.TimeoutError:
        raise OtherServerFault(
            f"{server.address} has not answered within {limits.timeout:g} s "
            f"({TRAIT}_timeout_seconds)",
            _GATEWAY_TIMEOUT,
        ) from None


async def whole_answer(
    servers: OtherServers, server: AllowedServer, exchange: Exchange
) -> OtherAnswer:
    """Wait for an answer to a request that is complete.

    Raises:
        OtherServerFault: it leads elsewhere, wants to know who asks, is too large, or has
            this server's token in it.
        CredentialsFault: the token has gone meanwhile.
        ModelServerGone: it ended in the middle.
        TimeoutError: it is not there in time (that of asyncio).
    """
    return await asyncio.wait_for(_answer(servers, server, exchange), servers.limits.timeout)


async def _answer(
    servers: OtherServers, server: AllowedServer, exchange: Exchange
) -> OtherAnswer:
    status, headers = await exchange.head()
    if status in _REDIRECTS:
        raise OtherServerFault(
            f"{server.address} answers with {status}, which leads elsewhere and is not "
            f"followed. Put the address that it leads to in {TRAIT}"
        )
    body = await _whole_body(exchange, headers, server, servers.limits.max_bytes)
    if status in _WANTS_LOGIN:
        raise OtherServerFault(_login_wanted(server, status))
    token = await servers.upstream(server).credentials.token()
    if token is not None and token.encode() in body:
        raise OtherServerFault(
            f"the answer of {server.address} has the token in it that Jupyter has sent, and is "
            "not shown"
        )
    return OtherAnswer(status, headers, body)


def _login_wanted(server: AllowedServer, status: int) -> str:
    refused = f"{server.address} answers with {status}: "
    if server.files.token_file:
        return (
            f"{refused}it does not take the token of the 'token_file' that it has in {TRAIT}, "
            "or not for this. Whoever runs Jupyter puts another into that file"
        )
    return (
        f"{refused}it wants to know who asks. Whoever runs Jupyter names a file with a token "
        f"for it in {TRAIT}: {{'address': '{server.address}', 'token_file': …}}"
    )


async def _whole_body(
    exchange: Exchange, headers: HTTPHeaders, server: AllowedServer, limit: int
) -> bytes:
    too_large = OtherServerFault(
        f"the answer of {server.address} has more than {limit} bytes ({TRAIT}_max_bytes)"
    )
    if (body_length(headers) or 0) > limit:
        raise too_large
    pieces, length = [], 0
    async for piece in exchange.pieces():
        length += len(piece)
        if length > limit:
            raise too_large
        pieces.append(piece)
    return b"".join(pieces)
