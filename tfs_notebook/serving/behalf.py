"""On whose behalf models are asked, where what is asked asks others in turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, NamedTuple

__all__ = ["CLIENT", "NOBODY", "Behalf", "current_behalf", "on_nobodys_behalf"]


class Behalf(NamedTuple):
    """Who is behind a request.

    Attributes:
        key: what the choice of a version sticks to where that goes by weights.
        is_clients: whether it is a client's, which is counted, logged and copied; warm-ups
            and copies are nobody's.
    """

    key: str | None = None
    is_clients: bool = True


CLIENT: Final = Behalf()
NOBODY: Final = Behalf(is_clients=False)

_CURRENT: Final[ContextVar[Behalf]] = ContextVar("behalf", default=CLIENT)


@contextmanager
def on_nobodys_behalf() -> Iterator[None]:
    """What is run on this thread meanwhile is no client's request, nor what that asks."""
    token = _CURRENT.set(NOBODY)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current_behalf() -> Behalf:
    """On whose behalf this thread runs a model."""
    return _CURRENT.get()
