"""Tells runs that are shorter than a hand-over from those that are not."""

from __future__ import annotations

from typing import Final

__all__ = ["Quickness"]

_QUICK_SECONDS: Final = 0.0005
_FORGETTING: Final = 1.02


class Quickness:
    """Whether runs of one kind take less than giving them to another thread and back.

    The fastest of the last ones says so: the others were waiting for the interpreter's
    lock. Until there was one they are not quick. Any thread may call it; of additions at
    the same moment one may be lost.
    """

    __slots__ = ("_fastest",)

    def __init__(self) -> None:
        self._fastest = float("inf")

    def add(self, seconds: float) -> None:
        """A run took this long."""
        self._fastest = min(seconds, self._fastest * _FORGETTING)

    @property
    def is_quick(self) -> bool:
        """Whether the next one is expected to be."""
        return self._fastest < _QUICK_SECONDS
