"""Limits on what one client may ask, so that it leaves something to the others."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from tfs_notebook.config import ServerConfig
from tfs_notebook.wire.errors import ResourceExhausted

__all__ = ["IN_FLIGHT", "RATE", "ClientLimits", "LimitReached", "TokenBucket"]

IN_FLIGHT: Final = "in_flight"
RATE: Final = "rate"

# Some MB. Whoever is forgotten begins anew, with a full bucket.
_MOST_CLIENTS: Final = 10_000

Clock = Callable[[], float]


class LimitReached(ResourceExhausted):
    """A client has asked for more than it may.

    Attributes:
        retry_after: seconds after which the same request may succeed.
    """

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(slots=True)
class TokenBucket:
    """Holds a token for each request that may be made at once; they come back with time.

    Attributes:
        rate: tokens that come a second.
        most: that it holds.
        tokens: in it, at that time; it begins full.
        updated: seconds of a clock that never goes back.
    """

    rate: float
    most: float
    tokens: float
    updated: float

    def wait(self, now: float) -> float:
        """Take a token; or leave it as it is and say how many seconds there will be none."""
        self.tokens = min(self.most, self.tokens + (now - self.updated) * self.rate)
        self.updated = now
        if self.tokens >= 1.0:
            self.tokens -= 1.0
            return 0.0
        return (1.0 - self.tokens) / self.rate


@dataclass(slots=True)
class _Client:
    in_flight: int = 0
    bucket: TokenBucket | None = None


@dataclass(slots=True)
class ClientLimits:
    """Counts what each client asks. Belongs to the thread of a loop; its doors share one.

    Attributes:
        most_in_flight: requests of a client under way at once; 0 for no limit.
        rate: requests of a client a second, in the long run; 0 for no limit.
        burst: requests that a client may make at once after a pause.
        most_clients: that are remembered; the one not heard of for longest is forgotten
            first, unless something of it is under way.
        refused: how many requests were refused, by reason: ``in_flight`` or ``rate``.
            Any thread may read it.
    """

    most_in_flight: int
    rate: float
    burst: int = 1
    most_clients: int = _MOST_CLIENTS
    clock: Clock = time.monotonic
    refused: dict[str, int] = field(default_factory=lambda: {IN_FLIGHT: 0, RATE: 0})
    _clients: OrderedDict[str, _Client] = field(default_factory=OrderedDict)

    @classmethod
    def of(cls, config: ServerConfig) -> ClientLimits | None:
        """What the flags say; None if they say nothing."""
        rate, most = config.client_requests_per_second, config.max_requests_per_client
        if not (rate or most):
            return None
        return cls(most, rate, config.client_request_burst or max(1, math.ceil(rate)))

    @contextmanager
    def taken(self, client: str, *, waits: bool = False) -> Iterator[None]:
        """Have a request of this client under way for the length of the block.

        Args:
            client: its name.
            waits: whether it does nothing but wait, so that it does not count as under way.

        Raises:
            LimitReached: it is one too many.
        """
        one = self._clients.get(client)
        if one is None:
            one = self._new(client)
        else:
            self._clients.move_to_end(client)
        self._check(one, waits=waits)
        if waits:
            yield
            return
        one.in_flight += 1
        try:
            yield
        finally:
            one.in_flight -= 1

    def __len__(self) -> int:
        return len(self._clients)

    def in_flight(self) -> Mapping[str, int]:
        """What is under way, by client."""
        return {name: one.in_flight for name, one in self._clients.items() if one.in_flight}

    def _new(self, client: str) -> _Client:
        while len(self._clients) >= self.most_clients and self._forget_one():
            pass
        bucket = None
        if self.rate:
            bucket = TokenBucket(self.rate, self.burst, self.burst, self.clock())
        one = self._clients[client] = _Client(bucket=bucket)
        return one

    def _forget_one(self) -> bool:
        for name, one in self._clients.items():
            if not one.in_flight:
                del self._clients[name]
                return True
        return False

    def _check(self, one: _Client, *, waits: bool) -> None:
        # First what costs no token: a refused request is not to count against its client.
        if self.most_in_flight and one.in_flight >= self.most_in_flight and not waits:
            self.refused[IN_FLIGHT] += 1
            raise LimitReached(
                f"{one.in_flight} requests of this client are under way, which is as many as "
                "--max_requests_per_client allows; wait for an answer before the next request",
                1.0,
            )
        if one.bucket is not None and (seconds := one.bucket.wait(self.clock())):
            self.refused[RATE] += 1
            raise LimitReached(
                f"this client asks more than {self.rate:g} requests a second, which is what "
                f"--client_requests_per_second allows; try again in {seconds:.3g} s",
                seconds,
            )
