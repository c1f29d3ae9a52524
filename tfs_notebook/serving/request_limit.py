"""A limit on the predictions that are under way at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tfs_notebook.wire.errors import Unavailable

__all__ = ["RequestLimit"]


class RequestLimit:
    """Refuses what is too many, so that what is under way is answered in time.

    Belongs to the thread of a loop; all doors on that loop share one.
    """

    def __init__(self, most: int) -> None:
        """Let at most this many be under way."""
        self._most = most
        self._under_way = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Be one of them for the length of the block.

        Raises:
            Unavailable: there are as many as there may be.
        """
        if self._under_way >= self._most:
            raise Unavailable(
                f"{self._under_way} requests are under way, which is as many as "
                "--max_requests_in_flight allows; try again"
            )
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
