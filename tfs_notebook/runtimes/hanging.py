"""Whether any run hangs in this process, as runtimes have to know it."""

from __future__ import annotations

from collections import deque
from typing import Final

__all__ = ["HangingRuns", "hanging_runs"]


class HangingRuns:
    """How many there are; true while there is one. Any thread may call it.

    One that hangs may hold a thread of a pool that all sessions of a runtime share, for
    ever. With as many of them as the pool has threads no model would run any more. So
    while there is one, nothing else should rely on such a pool.
    """

    __slots__ = ("_runs",)

    def __init__(self) -> None:
        # To append and to pop is atomic.
        self._runs: deque[None] = deque()

    def add(self) -> None:
        """One more has been found."""
        self._runs.append(None)

    def remove(self) -> None:
        """One of them has ended after all."""
        self._runs.pop()

    def __bool__(self) -> bool:
        return bool(self._runs)


hanging_runs: Final = HangingRuns()
"""Those of this process: its sessions share their pools, whichever server they are of."""
