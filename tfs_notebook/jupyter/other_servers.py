"""The model servers that are looked at beside Jupyter's own: which, how, with what limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tfs_notebook.jupyter.allowed_servers import AllowedServer, AllowedServers
from tfs_notebook.jupyter.tcp_upstream import TcpUpstream

__all__ = ["OtherLimits", "OtherServers"]

# Answers are held whole, so that their end is known before they begin.
_CONNECTIONS: Final = 8


@dataclass(frozen=True, slots=True)
class OtherLimits:
    """For each request to another server.

    Attributes:
        max_bytes: of its body, and of the answer's.
        timeout: seconds until all of the answer is there, and for each piece of the body.
    """

    max_bytes: int
    timeout: float


class OtherServers:
    """Leads to them; everything is on Jupyter's loop.

    Args:
        allowed: those and no others.
        limits: of each request.
    """

    def __init__(self, allowed: AllowedServers, limits: OtherLimits) -> None:
        self.limits = limits
        self._allowed = allowed
        self._upstreams: dict[str, TcpUpstream] = {}

    def __iter__(self) -> Iterator[AllowedServer]:
        return iter(self._allowed)

    def find(self, name: str) -> AllowedServer:
        """As :meth:`AllowedServers.find`."""
        return self._allowed.find(name)

    def upstream(self, server: AllowedServer) -> TcpUpstream:
        """The way to one of them; a few requests at once, others wait."""
        found = self._upstreams.get(server.name)
        if found is None:
            found = self._upstreams[server.name] = TcpUpstream(server, _CONNECTIONS)
        return found

    async def close(self) -> None:
        """Close all connections; requests under way fail."""
        for upstream in self._upstreams.values():
            await upstream.close()
