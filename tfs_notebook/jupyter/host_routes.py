"""``tfs/status|log|start|stop|restart``: about the model server, not from it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from tornado import web

from tfs_notebook._version import __version__
from tfs_notebook.jupyter.access import JsonErrors, authorized
from tfs_notebook.jupyter.exchange import ModelServerGone
from tfs_notebook.jupyter.host import Host, resident_bytes

__all__ = ["HOST_HANDLERS"]

_LINES: Final = 200
_DOWN: Final = ("stopped", "quarantined")


class _AboutHost(JsonErrors):
    @property
    def host(self) -> Host:
        """The host.

        Raises:
            HTTPError: 503, there is none yet.
        """
        try:
            return self.gateway.running_host()
        except ModelServerGone as error:
            raise web.HTTPError(503, "%s", error) from None


class HostStatus(_AboutHost):
    """How it is with the model server."""

    @web.authenticated
    @authorized("read")
    async def get(self) -> None:
        """State, reason, pid, restarts, started, memory in bytes, version."""
        status = self.host.status
        memory = resident_bytes(status.pid)
        await self.finish({**asdict(status), "memory": memory, "version": __version__})


class HostLog(_AboutHost):
    """What the model server writes."""

    @web.authenticated
    @authorized("read")
    async def get(self) -> None:
        """The last lines; ``?lines=N`` says how many."""
        count = self.get_query_argument("lines", str(_LINES))
        if not (count.isascii() and count.isdigit()):
            raise web.HTTPError(400, "lines has to be a number, and is %r", count[:60])
        await self.finish({"lines": self.host.lines.last(int(count))})


class HostRestart(_AboutHost):
    """A fresh start, also out of quarantine."""

    @web.authenticated
    @authorized("write")
    async def post(self) -> None:
        """Answers at once, with 202; ``tfs/status`` tells how it goes."""
        host = self.host
        host.restart()
        self.set_status(202)
        await self.finish(asdict(host.status))


class HostStart(_AboutHost):
    """Start it again once it was stopped, or out of quarantine."""

    @web.authenticated
    @authorized("write")
    async def post(self) -> None:
        """As restart, and nothing where it runs already."""
        host = self.host
        if host.status.state in _DOWN:
            host.restart()
        self.set_status(202)
        await self.finish(asdict(host.status))


class HostStop(_AboutHost):
    """Stop it; its models come back with the next start."""

    @web.authenticated
    @authorized("write")
    async def post(self) -> None:
        """Answers at once, with 202; ``tfs/status`` tells how it goes."""
        host = self.host
        host.halt()
        self.set_status(202)
        await self.finish(asdict(host.status))


HOST_HANDLERS: Final[list[tuple[str, type[_AboutHost]]]] = [
    (r"tfs/status", HostStatus),
    (r"tfs/log", HostLog),
    (r"tfs/restart", HostRestart),
    (r"tfs/start", HostStart),
    (r"tfs/stop", HostStop),
]
