"""The servers that a person here may want to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from IPython import get_ipython

from tfs_notebook.client import Client
from tfs_notebook.notebook.dashboard.targets import (
    TITLES,
    ClientTarget,
    SessionTarget,
    Target,
    running_server,
)
from tfs_notebook.notebook.serving import connect
from tfs_notebook.wire.errors import ServingError

__all__ = ["Server", "at_address", "of_client", "of_session", "offered_servers"]


@dataclass(frozen=True, slots=True)
class Server:
    """One of them.

    Attributes:
        key: the same for the same server.
        title: what it is called; English where it is one of ``TITLES``.
        target: gives where it is; who asks for it closes it.
    """

    key: str
    title: str
    target: Callable[[], Target]


def of_session(kind: str) -> Server:
    """This Jupyter's or this kernel's, wherever that is by then.

    Args:
        kind: of ``RunningServer``.
    """
    # In a script there is none of "this" Jupyter, and the newest of another one is taken.
    wanted = None if kind == "elsewhere" else kind
    return Server(kind, TITLES[kind], partial(SessionTarget, wanted))


def of_client(client: Client, variable: str = "") -> Server:
    """That of a client, which stays open.

    Args:
        client: of it.
        variable: that holds it.
    """
    title = client.title or client.address
    shown = f"{title} ({variable})" if variable else title
    return Server(_key(client), shown, partial(ClientTarget, client, is_own=False))


def at_address(address: str) -> Server:
    """That at an address.

    Raises:
        InvalidArgument: it is none.
    """
    with connect(address) as client:
        key = _key(client)
    return Server(key, address, lambda: ClientTarget(connect(address), is_own=True))


def _key(client: Client) -> str:
    return f"{client.address} {client.access.rest_address}"


def offered_servers(others: Iterable[Server]) -> list[Server]:
    """This Jupyter's, this kernel's, others, and those of clients in variables; each once.

    Blocks for moments; any thread may call it.

    Args:
        others: that are known already.
    """
    found = [of_session(kind) for kind in ("jupyter", "kernel") if _is_there(kind)]
    found += [*others, *_of_variables()]
    return list({one.key: one for one in reversed(found)}.values())[::-1]


def _is_there(kind: str) -> bool:
    try:
        found = running_server(kind)
    except ServingError:  # Jupyter's is being restarted
        return True
    return found is not None and found.kind == kind


def _of_variables() -> list[Server]:
    shell: Any = get_ipython()
    # A copy, made at once: cells go on while this runs.
    names: dict[str, object] = {} if shell is None else dict(shell.user_ns)
    return [
        of_client(value, name)
        for name, value in names.items()
        # Those with a title are of this Jupyter, or of this kernel.
        if isinstance(value, Client) and not name.startswith("_")
        if not value.title and not value.is_closed
    ]
