"""What the model server has written, as ``%tfs logs`` shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Final

from tfs_notebook.client.address import parse_address
from tfs_notebook.client.http_door import HttpDoor
from tfs_notebook.client.text_tables import preformatted
from tfs_notebook.jupyter.connection_file import Connection, live_connections
from tfs_notebook.notebook.session import SESSION, RunningServer
from tfs_notebook.wire.errors import Internal

__all__ = ["ServerLog", "server_log"]

_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class ServerLog:
    """The last lines of a model server.

    Attributes:
        title: whose it is.
        lines: the oldest first.
    """

    title: str
    lines: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join([self.title, *self.lines])

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.title)}</p>{preformatted(chr(10).join(self.lines))}"


def server_log(count: int, server: RunningServer | None = None) -> ServerLog:
    """The newest lines; blocks for a moment.

    Of Jupyter's model server what it writes, over Jupyter's own address; this kernel's
    writes nothing, so that it is the last changes of its versions.

    Args:
        count: how many lines at most.
        server: of which one; by default the one that this kernel uses.

    Raises:
        FailedPrecondition: there is no server.
        ServingError: it cannot be asked.
    """
    server = server or SESSION.require()
    connection = _connection(server)
    if connection is None:
        return ServerLog(f"{server.title}: changes of versions", _events(server, count))
    door = HttpDoor(parse_address(connection.url.rstrip("/")), connection.token)
    try:
        answer = door.get(f"/log?lines={count}", timeout=_SECONDS)
    finally:
        door.close()
    try:
        return ServerLog(server.title, tuple(map(str, answer["lines"])))
    except (LookupError, TypeError):
        raise Internal(f"this is no log: {str(answer)[:100]}") from None


def _connection(server: RunningServer) -> Connection | None:
    for one in live_connections():
        if server.rest_address == f"http+unix:{one.rest_socket}":
            return one
    return None


def _events(server: RunningServer, count: int) -> tuple[str, ...]:
    door = HttpDoor(parse_address(server.rest_address))
    try:
        answer = door.get("/v2/repository/events", timeout=_SECONDS)
    finally:
        door.close()
    try:
        return tuple(map(_line, answer["events"][-count:]))
    except (LookupError, TypeError, ValueError) as error:
        raise Internal(f"these are no events: {error!r}") from None


def _line(event: Mapping[str, Any]) -> str:
    when = datetime.fromtimestamp(float(event["time"])).astimezone()
    error = f" ({event['error']})" if event["error"] else ""
    return (
        f"{when:%Y-%m-%d %H:%M:%S} {event['model']} version {event['version']} "
        f"{event['state']}{error}"
    )
