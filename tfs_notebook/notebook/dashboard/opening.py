"""``tfs_notebook.dashboard()``: which server, which model, which language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tfs_notebook.client import Client
from tfs_notebook.notebook.dashboard.dashboard import Dashboard
from tfs_notebook.notebook.dashboard.servers import (
    Server,
    at_address,
    of_client,
    of_session,
)
from tfs_notebook.notebook.dashboard.words import Words
from tfs_notebook.notebook.session import SESSION
from tfs_notebook.notebook.widgets.translation import translator
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["dashboard"]

_QUICKEST_SECONDS = 0.1
_INTERVAL_SECONDS = 0.5


def dashboard(
    name: str | None = None,
    *,
    server: Client | Literal["jupyter", "kernel"] | str | None = None,  # noqa: PYI051 - both to be read
    models: Sequence[str] = (),
    language: str | None = None,
    interval: float = _INTERVAL_SECONDS,
) -> Dashboard:
    """A model server as a widget: its models, their last minutes, and what can be done.

    ::

        tfs_notebook.dashboard("spam")
        tfs_notebook.dashboard(server=tfs_notebook.connect("localhost:8500", token="…"))

    It asks while it is displayed, also while a cell is busy; ``close()`` ends it.

    Args:
        name: the model to look at more closely at first; by default all together.
        server: a client, an address, ``"jupyter"`` or ``"kernel"``; by default the one that
            ``connect()`` takes, or that has the model. Jupyter's and the kernel's are found
            again after a restart.
        models: to look at, where the server lists none: TensorFlow Serving.
        language: ``"en"`` or ``"zh_CN"``; by default what the environment says.
        interval: seconds between two looks.

    Raises:
        InvalidArgument: the interval is too short, or it is no address.
        FailedPrecondition: there is no server here yet.
        Unavailable: Jupyter's model server does not answer.
    """
    if not interval >= _QUICKEST_SECONDS:
        raise InvalidArgument(f"interval is at least {_QUICKEST_SECONDS} s; got {interval!r}")
    words = Words(translator(language))
    named = tuple(dict.fromkeys([*models, *([name] if name is not None else [])]))
    return Dashboard(_server(server, name), words, model=name, models=named, interval=interval)


def _server(server: Client | str | None, name: str | None) -> Server:
    if isinstance(server, Client):
        return of_client(server)
    if server in ("jupyter", "kernel"):
        return of_session(SESSION.require(server).kind)
    if server is not None:
        return at_address(server)
    found = SESSION.require() if name is None else SESSION.server_of(name)
    return of_session(found.kind)
