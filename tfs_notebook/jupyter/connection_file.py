"""How kernels find the model server of their Jupyter server: a private file.

``tfs-notebook-<pid>.json`` in Jupyter's runtime directory, where ``pid`` is the Jupyter
server's. It holds a token, so it is 0600 and appears whole.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal

from jupyter_core.paths import jupyter_runtime_dir, secure_write

from tfs_notebook.jupyter.liveness import is_running, listens

__all__ = [
    "Connection",
    "ConnectionFile",
    "connection_files",
    "live_connections",
    "path_of",
    "remove",
    "write",
]

_PREFIX: Final = "tfs-notebook-"


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a Jupyter server's model server is.

    Attributes:
        pid: of the Jupyter server.
        server_pid: of the model server; the same when it is in the same process.
        host: whether that is a child process or a thread of the Jupyter server.
        rest_socket: path of the Unix socket of REST.
        grpc_socket: path of the Unix socket of gRPC.
        grpc_address: ``host:port`` of gRPC over TCP, where it was asked for.
        grpc_token: what gRPC over TCP asks for.
        url: of the relay, with a slash at its end: ``http://…/tfs/``.
        token: of the Jupyter server, for the relay; empty where it has none to give.
        version: of this package, there.
        started: when, in seconds since the epoch.
    """

    pid: int
    server_pid: int
    host: Literal["child", "thread"]
    rest_socket: str
    grpc_socket: str
    grpc_address: str | None
    grpc_token: str | None
    url: str
    token: str
    version: str
    started: float


def path_of(pid: int) -> Path:
    """The file of the Jupyter server with this process id."""
    return Path(jupyter_runtime_dir()) / f"{_PREFIX}{pid}.json"


def write(connection: Connection) -> Path:
    """Write the file of a Jupyter server, readable by its user alone. Blocks."""
    path = path_of(connection.pid)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    with secure_write(str(unfinished)) as file:
        json.dump(asdict(connection), file, indent=2)
    unfinished.replace(path)
    return path


def remove(pid: int) -> None:
    """Remove the file of a Jupyter server, if it is there. Blocks."""
    path_of(pid).unlink(missing_ok=True)


def live_connections() -> list[Connection]:
    """The model servers of this user's Jupyter servers, the newest first; blocks.

    Files of processes that have ended are removed. A model server that does not
    take connections at the moment (it is being restarted, say) is left out.
    """
    found = []
    for file in connection_files():
        if file.state == "stale":
            file.path.unlink(missing_ok=True)
        elif file.state == "live" and file.connection is not None:
            found.append(file.connection)
    return sorted(found, key=lambda connection: connection.started, reverse=True)


@dataclass(frozen=True, slots=True)
class ConnectionFile:
    """A connection file as it lies there.

    Attributes:
        path: of the file.
        connection: what it says; None if it cannot be read.
        state: ``live``; ``silent`` if its Jupyter server runs and the model server takes
            no connections; ``stale`` if the Jupyter server has ended; or ``unreadable``.
    """

    path: Path
    connection: Connection | None
    state: Literal["live", "silent", "stale", "unreadable"]


def connection_files() -> list[ConnectionFile]:
    """All connection files of this user, by name; removes nothing, and blocks."""
    return [
        _looked_at(path)
        for path in sorted(Path(jupyter_runtime_dir()).glob(f"{_PREFIX}*.json"))
    ]


def _looked_at(path: Path) -> ConnectionFile:
    connection = _read(path)
    if connection is None:
        return ConnectionFile(path, None, "unreadable")
    if not is_running(connection.pid):
        return ConnectionFile(path, connection, "stale")
    answers = listens(connection.rest_socket)
    return ConnectionFile(path, connection, "live" if answers else "silent")


def _read(path: Path) -> Connection | None:
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
        return Connection(**{field.name: document[field.name] for field in fields(Connection)})
    except (OSError, ValueError, KeyError, TypeError):
        return None
