"""Puts the parts together: host, relay, events and connection file of one Jupyter server."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

from jupyter_server.utils import url_path_join

from tfs_notebook._version import __version__
from tfs_notebook.jupyter import connection_file
from tfs_notebook.jupyter.connection_file import Connection
from tfs_notebook.jupyter.events import Events
from tfs_notebook.jupyter.gateway import Activity, Gateway, Limits
from tfs_notebook.jupyter.host import Host, Status
from tfs_notebook.jupyter.host_routes import HOST_HANDLERS
from tfs_notebook.jupyter.launch import LaunchOptions, launch, prepare_flags
from tfs_notebook.jupyter.log_lines import LogLines
from tfs_notebook.jupyter.model_directory import DIRECTORY_HANDLERS
from tfs_notebook.jupyter.other_relay import OTHER_SERVER_HANDLERS
from tfs_notebook.jupyter.other_servers import OtherServers
from tfs_notebook.jupyter.relay_routes import RELAY_HANDLERS
from tfs_notebook.jupyter.socket_directory import SocketDirectory
from tfs_notebook.jupyter.supervision import RestartPolicy
from tfs_notebook.jupyter.upstream import Upstream
from tfs_notebook.wire.errors import ServingError

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__ = ["Embedding", "connection_token", "relay_url"]

# A start waits for its models' first loads for five minutes at most, and a bit.
_START_SECONDS: Final = 330.0
_LEVELS: Final = {"restarting": logging.WARNING, "quarantined": logging.ERROR}
_HUB_PREFIX: Final = "JUPYTERHUB_SERVICE_PREFIX"
_LAST_ACTIVITY: Final = "tfs_notebook_last_activity"
_ANY_ADDRESS: Final = frozenset(("0.0.0.0", "::", ""))  # noqa: S104 - to be replaced


class Embedding:
    """A model server in a Jupyter server; everything is on Jupyter's loop.

    Making it opens nothing.
    """

    def __init__(
        self,
        serverapp: ServerApp,
        options: LaunchOptions,
        limits: Limits,
        servers: OtherServers,
        *,
        max_crashes: int,
        crash_window: float,
        memory_limit: int,
    ) -> None:
        self._serverapp = serverapp
        self._options = options
        self._policy = RestartPolicy(max_crashes, crash_window)
        self._memory_limit = memory_limit
        self._events: Events | None = None
        self._directory: SocketDirectory | None = None
        self._starting: asyncio.Task[None] | None = None
        self._logged = ""
        self.gateway = Gateway(limits, Activity(self._used))
        self.servers = servers
        self.handlers: list[tuple[str, Any]] = [
            *HOST_HANDLERS,
            *DIRECTORY_HANDLERS,
            *OTHER_SERVER_HANDLERS,
            *RELAY_HANDLERS,
        ]

    def start(self) -> None:
        """Begin to start the model server; waits for nothing."""
        if self._starting is None:
            self._starting = asyncio.ensure_future(self._start())

    async def stop(self) -> None:
        """Stop relaying, end the model server, remove what it left. Idempotent."""
        await self.servers.close()
        if self._starting is None:
            return
        await self._starting
        if self._events is not None:
            self._events.leave()
        if self.gateway.host is not None:
            await self.gateway.host.stop()
        await asyncio.to_thread(_remove_own_file)
        if self._directory is not None:
            await asyncio.to_thread(self._directory.remove)

    async def _start(self) -> None:
        try:
            await asyncio.to_thread(_remove_stale_files)
            directory = await asyncio.to_thread(SocketDirectory)
            self._directory = directory
            flags = await asyncio.to_thread(prepare_flags, self._options, directory)
            assert self._serverapp.event_logger is not None  # noqa: S101 - for the types
            self._events = Events(self._serverapp.event_logger)
        except (ServingError, OSError) as error:
            # An OSError names the file.
            reason = error.message if isinstance(error, ServingError) else str(error)
            self.gateway.obstacle = f"the model server is not started: {reason}"
            self._serverapp.log.error("tfs_notebook: %s", self.gateway.obstacle)  # noqa: TRY400
            return
        lines = LogLines()
        host = Host(
            lambda: launch(self._options, flags, directory, lines),
            Upstream(str(directory.rest_socket), self.gateway.limits.max_connections),
            policy=self._policy,
            listener=self._changed,
            lines=lines,
            grace=self._options.shutdown_grace_seconds,
            start_timeout=_START_SECONDS,
            memory_limit=self._memory_limit,
        )
        self.gateway.host = host
        host.start()

    async def _changed(self, status: Status) -> None:
        self._log(status)
        assert self._events is not None  # noqa: S101 - made before the host
        assert self.gateway.host is not None  # noqa: S101
        if status.state == "ready":
            await self._make_known(status)
            self._events.follow(self.gateway.host.upstream)
        else:
            self._events.leave()
        self._events.tell(status)

    async def _make_known(self, status: Status) -> None:
        try:
            await asyncio.to_thread(connection_file.write, self._connection(status))
        except OSError as error:
            self._serverapp.log.warning(
                "tfs_notebook: kernels will not find the model server, since its connection "
                "file cannot be written: %s. `tfs-notebook doctor` looks further",
                error,
            )

    def _log(self, status: Status) -> None:
        told = f"tfs_notebook: the model server is {status.state}"
        told += f": {status.reason}" if status.reason else ""
        if told != self._logged:
            level = _LEVELS.get(status.state, logging.INFO)
            self._serverapp.log.log(level, "%s", told)
            self._logged = told

    def _connection(self, status: Status) -> Connection:
        assert self._directory is not None  # noqa: S101 - there is a host
        port = self._options.grpc_port
        return Connection(
            pid=os.getpid(),
            server_pid=status.pid or os.getpid(),
            host="thread" if self._options.in_process else "child",
            rest_socket=str(self._directory.rest_socket),
            grpc_socket=str(self._directory.grpc_socket),
            grpc_address=f"127.0.0.1:{port}" if port else None,
            grpc_token=self._directory.grpc_token.read_text() if port else None,
            url=relay_url(self._serverapp),
            token=connection_token(self._serverapp),
            version=__version__,
            started=status.started or time.time(),
        )

    def _used(self, when: datetime) -> None:
        self._serverapp.web_app.settings[_LAST_ACTIVITY] = when


def _remove_stale_files() -> None:
    # Of those that could not; one with this very process id is of a process that had it
    # before. What cannot be removed keeps nobody from starting.
    with suppress(OSError):
        connection_file.live_connections()
    _remove_own_file()


def _remove_own_file() -> None:
    with suppress(OSError):
        connection_file.remove(os.getpid())


def connection_token(serverapp: ServerApp) -> str:
    """What the connection file says; on a Hub each kernel has a token of its own."""
    if _HUB_PREFIX in os.environ:
        return ""
    return serverapp.identity_provider.token or ""


def relay_url(serverapp: ServerApp) -> str:
    """Where the relay is, for processes of this machine: ``http://…/tfs/``."""
    parts = urlsplit(serverapp.connection_url)
    netloc = parts.netloc
    if parts.hostname is not None and parts.hostname in _ANY_ADDRESS:
        netloc = f"127.0.0.1:{parts.port}"
    base = os.environ.get(_HUB_PREFIX) or serverapp.base_url
    return urlunsplit((parts.scheme, netloc, url_path_join(base, "tfs/"), "", ""))
