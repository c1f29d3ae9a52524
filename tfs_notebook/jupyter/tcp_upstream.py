"""HTTP/1.1 to another machine's model server: a connection for each request."""

from __future__ import annotations

import asyncio
import ssl
from typing import Final

from tornado import httputil
from tornado.iostream import IOStream, StreamClosedError
from tornado.tcpclient import TCPClient
from tornado.util import TimeoutError as ConnectTimeout

from tfs_notebook.jupyter.allowed_servers import TRAIT, AllowedServer
from tfs_notebook.jupyter.exchange import Exchange, ModelServerGone
from tfs_notebook.jupyter.other_credentials import OtherCredentials
from tfs_notebook.jupyter.upstream import Upstream

__all__ = ["TcpUpstream"]

_CONNECT_SECONDS: Final = 5.0
# OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH.
_OTHER_NAME: Final = (62, 64)


class TcpUpstream(Upstream):
    """Leads to one configured address and nowhere else; it belongs to the loop's thread.

    Args:
        server: where to.
        max_connections: so many requests are under way at once; others wait.

    Attributes:
        credentials: of this server; each request has its token.
    """

    keeps_connections = False

    def __init__(self, server: AllowedServer, max_connections: int) -> None:
        super().__init__(server.address, max_connections)
        self.credentials = OtherCredentials(server)
        self._server = server
        self._client: TCPClient | None = None

    async def _begin(
        self, method: str, target: str, headers: httputil.HTTPHeaders, *, counted: bool
    ) -> Exchange:
        if (token := await self.credentials.token()) is not None:
            headers = headers.copy()
            headers["Authorization"] = f"Bearer {token}"
        return await super()._begin(method, target, headers, counted=counted)

    async def _connect(self) -> IOStream:
        # Made where the loop runs.
        self._client = self._client or TCPClient()
        tls = await self.credentials.tls()
        try:
            return await self._reach(self._client, tls)
        except ssl.SSLError as error:
            raise ModelServerGone(f"it cannot be trusted ({error}); {_cure(error)}") from None
        except (OSError, StreamClosedError, ConnectTimeout, asyncio.TimeoutError) as error:
            told = getattr(error, "real_error", None) or error
            reason = str(told) or f"no connection within {_CONNECT_SECONDS:g} s"
            raise ModelServerGone(f"it takes no connections: {reason}") from None

    async def _reach(self, client: TCPClient, tls: ssl.SSLContext | None) -> IOStream:
        server, limit = self._server, _CONNECT_SECONDS
        if tls is None or not server.server_name:
            return await client.connect(
                server.host, server.port, ssl_options=tls, timeout=limit
            )
        # What tornado does, but for the name that the certificate has to have.
        stream = await client.connect(server.host, server.port, timeout=limit)
        encrypted = stream.start_tls(False, tls, server_hostname=server.server_name)
        return await asyncio.wait_for(encrypted, limit)


def _cure(error: ssl.SSLError) -> str:
    if getattr(error, "verify_code", None) in _OTHER_NAME:
        return f"'server_name' of this server in {TRAIT} tells which name its certificate has"
    return f"'ca' of this server in {TRAIT} names a file with the authorities to believe"
