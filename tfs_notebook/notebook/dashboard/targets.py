"""Which server a dashboard looks at, and where that is now."""

from __future__ import annotations

from typing import Final, Protocol

from tfs_notebook.client import Client
from tfs_notebook.notebook.server_log import server_log
from tfs_notebook.notebook.session import SESSION, RunningServer
from tfs_notebook.wire.errors import FailedPrecondition

__all__ = ["TITLES", "ClientTarget", "SessionTarget", "Target", "running_server"]

TITLES: Final = {
    "jupyter": "Jupyter's model server",
    "kernel": "this kernel's own model server",
    "elsewhere": "the model server of another Jupyter",
}
"""Of servers by their kinds; translated where they are shown."""

_NONE: Final = "there is no model server here now; %tfs serve PATH starts one"


class Target(Protocol):
    """A server, wherever it may be by now."""

    def find(self) -> tuple[Client, str]:
        """A client of it, and what it is called; blocks for moments.

        Raises:
            ServingError: it is not there now.
        """

    def lines(self, count: int) -> tuple[str, ...] | None:
        """The newest lines that it has written; None if nobody can tell. Blocks.

        Raises:
            ServingError: they cannot be asked for now.
        """

    def close(self) -> None:
        """Hang up, where the client belongs to this; idempotent."""


class ClientTarget:
    """The server of one client.

    Args:
        client: of it.
        is_own: whether nobody else uses the client.
    """

    def __init__(self, client: Client, *, is_own: bool) -> None:
        self._client = client
        self._is_own = is_own

    def find(self) -> tuple[Client, str]:
        """See :class:`Target`."""
        return self._client, self._client.title or self._client.address

    def lines(self, count: int) -> tuple[str, ...] | None:  # noqa: ARG002 - of whatever server
        """See :class:`Target`."""
        return None

    def close(self) -> None:
        """See :class:`Target`."""
        if self._is_own:
            self._client.close()


class SessionTarget:
    """This Jupyter's model server or this kernel's: another one after each restart.

    Args:
        kind: ``"jupyter"`` or ``"kernel"``; None for the one that ``connect()`` takes.
    """

    def __init__(self, kind: str | None) -> None:
        self._kind = kind

    def find(self) -> tuple[Client, str]:
        """See :class:`Target`."""
        server = running_server(self._kind)
        if server is None:
            raise FailedPrecondition(_NONE)
        return SESSION.client(server), TITLES[server.kind]

    def lines(self, count: int) -> tuple[str, ...] | None:
        """See :class:`Target`."""
        server = running_server(self._kind)
        return None if server is None else server_log(count, server).lines

    def close(self) -> None:
        """See :class:`Target`; the clients are the session's."""


def running_server(kind: str | None) -> RunningServer | None:
    """The server of a kind as it is now, without waiting for one that is being restarted.

    Raises:
        Unavailable: Jupyter's does not answer.
    """
    if kind == "kernel":
        return SESSION.own()
    found = SESSION.all()
    if kind is None:
        return found[0] if found else None
    return next((one for one in found if one.kind != "kernel"), None)
