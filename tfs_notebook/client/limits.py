"""What bounds a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["ChunkRows", "Limits"]

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
