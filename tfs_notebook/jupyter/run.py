"""What the host asks of a run of the model server, be it a process or a thread."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Run"]


class Run(Protocol):
    """One life of the model server: ``start`` → ``ended`` or ``stop``, once.

    Everything is called on the host's loop, and blocks nothing.
    """

    @property
    def pid(self) -> int | None:
        """The process it is in; None before it has started."""

    async def start(self) -> None:
        """Set it going, without waiting until it answers.

        Raises:
            OSError: it cannot be.
        """

    async def ended(self) -> str:
        """Wait until it has ended by itself, and say why."""

    async def stop(self, grace: float) -> None:
        """End it: requests under way have ``grace`` seconds. May be repeated."""
