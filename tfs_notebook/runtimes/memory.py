"""Giving freed memory back to the system."""

from __future__ import annotations

import ctypes
import sys

__all__ = ["return_freed_memory"]


def return_freed_memory() -> None:
    """Make malloc give back what it holds of freed memory; blocks, without the GIL.

    glibc keeps freed pages until it is asked: after the unload of a large model,
    or of gRPC messages of many megabytes, that is most of them. Elsewhere this
    does nothing. Any thread may call it.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
