"""The same work on many threads that begin together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def at_once(threads: int, work: Callable[[int], T]) -> list[T]:
    """Call ``work(0)``, ``work(1)`` … at once; gives what they return, or raises."""
    barrier = threading.Barrier(threads)

    def begin(index: int) -> T:
        barrier.wait()
        return work(index)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(begin, range(threads)))
