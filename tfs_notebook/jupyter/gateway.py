"""What the handlers below ``tfs/`` share: the host, the limits, and when it was used."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final

from tornado import httputil

from tfs_notebook.jupyter.exchange import Exchange, ModelServerGone
from tfs_notebook.jupyter.host import Host

__all__ = ["Activity", "Gateway", "Limits"]

_QUEUE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Limits:
    """The relay's limits, all of them.

    Attributes:
        max_connections: requests on their way to the model server at once. One more
            waits up to 30 s for one of them to end, and is answered with 503 then.
        max_body_bytes: of a request; a larger one is answered with 413.
        request_timeout: seconds the model server may take, once it has the whole
            request, until it answers; else 504. The model server's own limit for a
            prediction is usually shorter (``rest_api_timeout_in_ms``).
    """

    max_connections: int
    max_body_bytes: int
    request_timeout: float


class Activity:
    """When somebody has last asked a model, and whether an answer is still due.

    Args:
        used: is told the time.
    """

    def __init__(self, used: Callable[[datetime], None]) -> None:
        self._used = used
        self._under_way = 0
        self.last: datetime | None = None

    @property
    def under_way(self) -> bool:
        """Whether a prediction is being relayed."""
        return self._under_way > 0

    @contextmanager
    def predict(self) -> Iterator[None]:
        """A prediction is under way until the block ends."""
        self._under_way += 1
        self._now()
        try:
            yield
        finally:
            self._under_way -= 1
            self._now()

    def _now(self) -> None:
        self.last = datetime.now(timezone.utc)
        self._used(self.last)


class Gateway:
    """Leads to the model server; everything is on Jupyter's loop.

    Attributes:
        limits: of the relay.
        activity: of its users.
        host: once there is one.
        obstacle: why there is none.
    """

    def __init__(self, limits: Limits, activity: Activity) -> None:
        self.limits = limits
        self.activity = activity
        self.host: Host | None = None
        self.obstacle = "the model server has not been started yet"

    def running_host(self) -> Host:
        """The host.

        Raises:
            ModelServerGone: there is none, with the reason.
        """
        if self.host is None:
            raise ModelServerGone(self.obstacle)
        return self.host

    async def open(self, method: str, target: str, headers: httputil.HTTPHeaders) -> Exchange:
        """Begin a request to the model server.

        Raises:
            ModelServerGone: it is not ready, with the reason, or all connections are busy.
        """
        host = self.running_host()
        if host.status.state != "ready":
            raise ModelServerGone(host.status.reason)
        try:
            return await asyncio.wait_for(
                host.upstream.open(method, target, headers), _QUEUE_SECONDS
            )
        except asyncio.TimeoutError:
            raise ModelServerGone(
                f"all {self.limits.max_connections} connections to the model server are busy "
                "(TfsNotebookApp.max_connections)"
            ) from None
