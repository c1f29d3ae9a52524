"""What an interrupt of the notebook must not break in two."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["interrupts_held"]


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Have an interrupt wait until the end of the block, for short work only.

    Python raises ``KeyboardInterrupt`` between any two of its steps, those of libraries too.
    gRPC, interrupted where it has a call and has not yet begun to wait for its end, would wait
    for it without end when the channel is closed.

    In other threads than the main one, which are never interrupted, it does nothing.
    """
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield
        return
    held: list[tuple[int, FrameType | None]] = []
    signal.signal(signal.SIGINT, lambda number, frame: held.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if held:
            handler(*held[0])
