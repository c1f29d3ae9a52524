"""Which model server this kernel uses, and what it has served there."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from tfs_notebook.client import Client
from tfs_notebook.client.control import ModelControl
from tfs_notebook.jupyter.connection_file import Connection, live_connections, path_of
from tfs_notebook.jupyter.socket_directory import directories_of
from tfs_notebook.wire.errors import FailedPrecondition, ServingError, Unavailable
from tfs_notebook.wire.model_spec import ModelReference

if TYPE_CHECKING:
    from tfs_notebook.notebook.kernel_server import KernelServer

__all__ = ["SESSION", "RunningServer", "Session", "keep_grpc_quiet"]

_COMMON: Final = "and the kernel's own"
_RESTART_SECONDS: Final = 20.0
_PAUSE_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A model server that a kernel can use.

    Attributes:
        kind: whose it is: this Jupyter server's, this kernel's own, or another Jupyter
            server's of this user.
        pid: the process it is in.
        grpc_address: for predict.
        rest_address: for control.
    """

    kind: Literal["jupyter", "kernel", "elsewhere"]
    pid: int
    grpc_address: str
    rest_address: str

    @property
    def expression(self) -> str:
        """What gives a client of it."""
        return f'tfs_notebook.connect("{self.kind}")'

    @property
    def title(self) -> str:
        """Whose it is, in words."""
        whose = {
            "jupyter": "Jupyter's model server",
            "kernel": "this kernel's own model server",
            "elsewhere": "the model server of another Jupyter",
        }
        return f"{whose[self.kind]} (process {self.pid})"

    @property
    def directory(self) -> Path:
        """Its private directory, which holds its sockets and goes with it."""
        return Path(self.rest_address.removeprefix("http+unix:")).parent


class Session:
    """What one kernel process knows of model servers. Any thread may use it.

    ``JPY_PARENT_PID`` names the Jupyter server that started this kernel; if that has a
    model server, it is the one to use. Otherwise the kernel has its own.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._kernel: KernelServer | None = None
        self._clients: dict[str, Client] = {}
        self._controls: dict[str, ModelControl] = {}
        self.served: dict[str, set[str]] = {}
        self.before_call: Callable[[RunningServer, ModelReference], None] = _nothing
        """Called by clients of the kernel's own server before each prediction, and may refuse
        it."""

    def find(self, *, patience: float = _RESTART_SECONDS) -> RunningServer | None:
        """The server to use, if there is one. Blocks for some milliseconds, mostly.

        Args:
            patience: seconds to wait for this Jupyter's if it does not answer: it may be
                being restarted.

        Raises:
            Unavailable: this Jupyter's model server does not answer.
        """
        return self._jupyters(patience) or self._own() or self._elsewhere()

    def all(self, *, patience: float = 0.0) -> list[RunningServer]:
        """All that a person here may mean, the one to use first; raises as :meth:`find`."""
        found = [self._jupyters(patience), self._own()]
        return [one for one in found if one is not None] or [
            one for one in [self._elsewhere()] if one is not None
        ]

    def require(self, kind: str | None = None) -> RunningServer:
        """As :meth:`find`.

        Args:
            kind: ``"jupyter"`` or ``"kernel"``: that one and no other.

        Raises:
            FailedPrecondition: there is none; the text says what to do.
            Unavailable: this Jupyter's model server does not answer.
        """
        if kind is not None:
            return self._require_kind(kind)
        found = self.find()
        if found is None:
            raise FailedPrecondition(
                "there is no model server here yet. Start one with %tfs serve PATH, or "
                'tfs_notebook.serve(PATH); or name one: tfs_notebook.connect("localhost:8500")'
            )
        return found

    def _require_kind(self, kind: str) -> RunningServer:
        found = self._own() if kind == "kernel" else self._jupyters(_RESTART_SECONDS)
        if found is None and kind == "jupyter":
            found = self._elsewhere()
        if found is None:
            whose = "this kernel" if kind == "kernel" else "this Jupyter"
            others = "".join(f"; there is {one.title}" for one in self.all())
            raise FailedPrecondition(f"{whose} has no model server of its own{others}")
        return found

    def ensure(self) -> RunningServer:
        """This Jupyter's model server, else the kernel's own, started if need be. Blocks.

        Raises:
            ServingError: it could not be started.
        """
        with self._lock:
            return self._jupyters(_RESTART_SECONDS) or self.ensure_own()

    def own(self) -> RunningServer | None:
        """The kernel's own model server, if it runs."""
        return self._own()

    def ensure_own(self) -> RunningServer:
        """The kernel's own model server, started if need be; as :meth:`ensure`."""
        with self._lock:
            found = self._own()
            if found is not None:
                return found
            keep_grpc_quiet()
            from tfs_notebook.notebook.kernel_server import (  # noqa: PLC0415 - brings gRPC
                KernelServer,
            )

            server = KernelServer()
            server.start()
            self._kernel = server
            return _of_kernel(server)

    def server_of(self, name: str) -> RunningServer:
        """As :meth:`require`; the kernel's own beside Jupyter's if it has served the name."""
        own = self._own()
        if own is not None and name in self.served.get(own.rest_address, ()):
            return own
        return self.require()

    def client(self, server: RunningServer) -> Client:
        """The one client of a server; nobody else closes it."""
        return self._client(server, server.grpc_address)

    def common_client(self) -> Client:
        """The client of the server to use; what this kernel has served by itself is its own.

        Raises:
            ServingError: as :meth:`require`.
        """
        server = self.require()
        if server.kind == "kernel":
            return self.client(server)
        return self._client(server, f"{server.grpc_address} {_COMMON}", self._own_client)

    def _client(
        self,
        server: RunningServer,
        key: str,
        elsewhere: Callable[[str], Client | None] | None = None,
    ) -> Client:
        with self._lock:
            found = self._clients.get(key)
            if found is None or found.is_closed:
                keep_grpc_quiet()
                found = Client(
                    server.grpc_address,
                    rest_address=server.rest_address,
                    title=server.title,
                    expression=server.expression,
                    neighbours=partial(self._beside, server),
                    elsewhere=elsewhere,
                    before=partial(self._before, server) if server.kind == "kernel" else None,
                )
                self._clients[key] = found
            return found

    def _before(self, server: RunningServer, model: ModelReference) -> None:
        self.before_call(server, model)

    def _own_client(self, name: str) -> Client | None:
        own = self._own()
        if own is None or name not in self.served.get(own.rest_address, ()):
            return None
        return self.client(own)

    def _beside(self, server: RunningServer) -> dict[str, Client]:
        try:
            others = [one for one in self.all() if one != server]
        except ServingError:  # Jupyter's is being restarted
            return {}
        return {one.expression: self.client(one) for one in others}

    def control(self, server: RunningServer) -> ModelControl:
        """What changes a server."""
        with self._lock:
            found = self._controls.get(server.rest_address)
            if found is None:
                found = self._controls[server.rest_address] = ModelControl(server.rest_address)
            return found

    def stop_own(self) -> bool:
        """Stop the kernel's own server, if it runs; returns whether it did. Blocks."""
        with self._lock:
            server, self._kernel = self._kernel, None
            if server is None or not server.is_running:
                return False
            running = _of_kernel(server)
            self.served.pop(running.rest_address, None)
            client = self._clients.pop(running.grpc_address, None)
            control = self._controls.pop(running.rest_address, None)
        for one in (client, control):
            if one is not None:
                one.close()
        server.stop()
        return True

    def _own(self) -> RunningServer | None:
        server = self._kernel
        return _of_kernel(server) if server is not None and server.is_running else None

    def _jupyters(self, patience: float) -> RunningServer | None:
        parent = _jupyter_pid()
        if parent is None:
            return None
        deadline = time.monotonic() + patience
        while True:
            for connection in live_connections():
                if connection.pid == parent:
                    return _of_connection(connection, "jupyter")
            # The directory is there before the file, which waits until there is an answer.
            if not path_of(parent).exists() and not directories_of(parent):
                return None
            if time.monotonic() > deadline:
                raise Unavailable(
                    "this Jupyter has a model server, but it does not answer: it is being "
                    "started, or cannot be. Its log says more (tfs/log below Jupyter's "
                    "address); `tfs-notebook doctor` looks further"
                )
            time.sleep(_PAUSE_SECONDS)

    def _elsewhere(self) -> RunningServer | None:
        # A kernel has a Jupyter, or whatever started it, of its own; a script has not.
        if _jupyter_pid() is not None:
            return None
        found = live_connections()
        return _of_connection(found[0], "elsewhere") if found else None


def _nothing(_server: RunningServer, _model: ModelReference) -> None:
    """Nobody minds."""


def keep_grpc_quiet() -> None:
    """Have gRPC tell nothing but errors, if nobody has said otherwise."""
    # Read when gRPC is imported. Else each "!command" in a cell, being a fork, shows a
    # line of information about gRPC's threads.
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")


def _of_kernel(server: KernelServer) -> RunningServer:
    return RunningServer("kernel", os.getpid(), server.grpc_address, server.rest_address)


def _of_connection(
    connection: Connection, kind: Literal["jupyter", "elsewhere"]
) -> RunningServer:
    return RunningServer(
        kind,
        connection.server_pid,
        f"unix:{connection.grpc_socket}",
        f"http+unix:{connection.rest_socket}",
    )


def _jupyter_pid() -> int | None:
    text = os.environ.get("JPY_PARENT_PID", "")
    return int(text) if text.isdecimal() else None


SESSION: Final = Session()
"""This process's."""
