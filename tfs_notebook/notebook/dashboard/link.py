"""Whether the server is there."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Link"]


@dataclass(frozen=True, slots=True)
class Link:
    """How it stands with the server.

    Attributes:
        title: which it is.
        lost_since: seconds since the epoch; None while it answers.
        error: why it does not.
        has_been_seen: whether it ever answered.
    """

    title: str
    lost_since: float | None = None
    error: str = ""
    has_been_seen: bool = False
