"""What malloc keeps of freed memory, and how it is made to give it back."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Final

__all__ = ["limit_malloc_arenas", "return_freed_memory"]

_M_ARENA_MAX: Final = -8  # of glibc's malloc.h


def return_freed_memory() -> None:
    """Make malloc give back what it holds of freed memory; blocks, without the GIL.

    glibc keeps freed pages until it is asked: after the unload of a large model,
    or of gRPC messages of many megabytes, that is most of them. Elsewhere this
    does nothing. Any thread may call it.
    """
    trim = _libc_function("malloc_trim")
    if trim is not None:
        trim(0)


def limit_malloc_arenas() -> None:
    """Let malloc have no more arenas than there are CPUs, and at least two.

    By default glibc has eight a CPU, and threads that come and go, as those that
    load models do, leave a part of each of them behind. For a process of our own,
    before its first thread; ``MALLOC_ARENA_MAX`` in the environment goes before.
    Elsewhere than with glibc this does nothing.
    """
    mallopt = _libc_function("mallopt")
    if mallopt is not None and "MALLOC_ARENA_MAX" not in os.environ:
        mallopt(_M_ARENA_MAX, max(2, os.cpu_count() or 1))


def _libc_function(name: str) -> ctypes._NamedFuncPointer | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
