"""What bounds a request."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Final, Literal, SupportsFloat, SupportsIndex, TypeAlias

from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["ChunkRows", "Limits", "checked_chunk_rows", "checked_seconds"]

# Longer ones, an infinite one say, are no time of a clock to gRPC and to sockets.
_LONGEST_SECONDS: Final = 365 * 86_400.0

ChunkRows: TypeAlias = "int | Literal['auto'] | None"
"""Rows to send at a time; None or 0 for all at once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a request may take, and how large it may be.

    Attributes:
        timeout: seconds for each answer.
        wait: seconds for a model that is being loaded.
        chunk_rows: how many rows to send at a time.
    """

    timeout: float
    wait: float
    chunk_rows: ChunkRows = "auto"


def checked_seconds(what: str, seconds: object) -> float:
    """A time to wait for an answer, a year at most.

    Raises:
        InvalidArgument: it is no number above 0.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, SupportsFloat):
        raise InvalidArgument(f"{what}= is a number of seconds, not {seconds!r}")
    number = float(seconds)
    if not number > 0:
        raise InvalidArgument(f"{what}= has to be more than 0 seconds, and is {number:g}")
    return min(number, _LONGEST_SECONDS)


def checked_chunk_rows(rows: object) -> ChunkRows:
    """Rows to send at a time, as they were asked for.

    Raises:
        InvalidArgument: it is none of what may be said.
    """
    if rows is None or rows == "auto":
        return rows
    if isinstance(rows, bool) or not isinstance(rows, SupportsIndex):
        raise InvalidArgument(f"chunk_rows= is a number, 'auto' or None, not {rows!r}")
    number = operator.index(rows)
    if number < 0:
        raise InvalidArgument(f"chunk_rows= is a number of rows, not {number}")
    return number
