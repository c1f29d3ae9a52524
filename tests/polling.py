"""The one way the tests wait for what other threads and processes do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

_PAUSE_SECONDS: Final = 0.02

T = TypeVar("T")


def poll_until(
    probe: Callable[[], T],
    what: str,
    *,
    seconds: float = 60.0,
    details: Callable[[], str] = str,
) -> T:
    """Call ``probe`` until it gives something true, and return that.

    Args:
        probe: what to ask.
        what: what is waited for, for the error.
        seconds: how long.
        details: what to add to the error.

    Raises:
        TimeoutError: it did not come about in time.
    """
    deadline = time.monotonic() + seconds
    while not (found := probe()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s in vain until {what}\n{details()}")
        time.sleep(_PAUSE_SECONDS)
    return found
