"""What a request and a response are: HTTP without its wire."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tornado import httputil

__all__ = ["JSON", "Handler", "Headers", "Request", "Response"]

Headers: TypeAlias = tuple[tuple[str, str], ...]

JSON: Final[Headers] = (("Content-Type", "application/json"),)


@dataclass(slots=True)
class Request:
    """One request, whole.

    Attributes:
        method: ``GET``, ``POST`` …
        path: percent-encoded, without query and fragment.
        query: what follows the ``?``, percent-encoded; bytes as Latin-1.
        headers: names are case-insensitive.
        body: exactly as sent, not inflated.
        over_unix_socket: whether it came over the socket that only its user can open.
        peer: the address that it came from; empty on that socket.
    """

    method: str
    path: str
    query: str
    headers: httputil.HTTPHeaders
    body: bytes
    over_unix_socket: bool = False
    peer: str = ""


@dataclass(slots=True)
class Response:
    """One response; ``headers`` come before those HTTP itself needs."""

    status: int
    body: bytes = b""
    headers: Headers = field(default=JSON)


Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
"""Answers a request; it, and what is awaited, may raise what is a ``ServingError``."""
