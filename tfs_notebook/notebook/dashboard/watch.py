"""Looks at a server again and again, also where it is lost and comes back."""

from __future__ import annotations

import time
from typing import Final

from tfs_notebook.client import Client
from tfs_notebook.client.observing import History, Observer
from tfs_notebook.notebook.dashboard.link import Link
from tfs_notebook.notebook.dashboard.targets import Target
from tfs_notebook.wire.errors import ServingError

__all__ = ["Watch"]

_SECONDS: Final = 3.0


class Watch:
    """Belongs to one thread, but for :attr:`link` and :attr:`client`.

    Args:
        target: which server; closed with :meth:`close`.
        kept_seconds: of history.
    """

    def __init__(self, target: Target, kept_seconds: float) -> None:
        self._target = target
        self._models: tuple[str, ...] = ()
        self.history: Final = History(kept_seconds)
        self.client: Client | None = None
        self._observer: Observer | None = None
        self.link = Link("…")

    def look(self, models: tuple[str, ...]) -> Link:
        """Look once; blocks for some seconds at most, and does not raise.

        Args:
            models: to look at where the server does not list them.
        """
        try:
            client, title = self._target.find()
            if client is not self.client or self._observer is None or models != self._models:
                self.client, self._observer = client, Observer(client, models)
                self._models = models
            self.history.add(self._observer.observe(_SECONDS))
        except ServingError as error:
            self.link = self._lost(error)
        else:
            self.link = Link(title, has_been_seen=True)
        return self.link

    def lines(self, count: int) -> tuple[str, ...] | None:
        """The newest lines that the server has written; None if nobody can tell. Blocks."""
        try:
            return self._target.lines(count)
        except ServingError as error:
            return (error.message,)

    def close(self) -> None:
        """Hang up, where nobody else uses the client; any thread, idempotent."""
        self._target.close()

    def _lost(self, error: ServingError) -> Link:
        since = time.time() if self.link.lost_since is None else self.link.lost_since
        return Link(self.link.title, since, error.message, self.link.has_been_seen)
