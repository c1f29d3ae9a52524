"""HTTP/1.1 to another machine's model server: a connection for each request."""

from __future__ import annotations

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
        server = self._server
        # Made where the loop runs.
        self._client = self._client or TCPClient()
        tls = await self.credentials.tls()
        try:
            return await self._client.connect(
                server.host, server.port, ssl_options=tls, timeout=_CONNECT_SECONDS
            )
        except ssl.SSLError as error:
            raise ModelServerGone(
                f"it cannot be trusted ({error}); 'ca' of this server in {TRAIT} names a file "
                "with the authorities to believe"
            ) from None
        except (OSError, StreamClosedError, ConnectTimeout) as error:
            reason = str(error) or f"no connection within {_CONNECT_SECONDS:g} s"
            raise ModelServerGone(f"it takes no connections: {reason}") from None
