"""Functions that version directories name, some of which wait until a test lets them go."""

from __future__ import annotations

import threading
from os import getpid
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BOTH",
    "ENTERED",
    "GATE",
    "double",
    "failing",
    "gated",
    "getpid",
    "meeting",
    "meeting_too",
]

Floats = NDArray[np.float32]


class Answer(TypedDict):
    """One output."""

    y: Floats


ENTERED = threading.Semaphore(0)
GATE = threading.Event()
BOTH = threading.Barrier(2)
_SECONDS = 60


def double(x: Floats) -> Answer:
    """Twice as much."""
    return {"y": x + x}


def gated(x: Floats) -> Answer:
    """The same, once the gate is open."""
    ENTERED.release()
    assert GATE.wait(_SECONDS)
    return {"y": x}


def meeting(x: Floats) -> Answer:
    """The same, once somebody else is in the other one."""
    BOTH.wait(_SECONDS)
    return {"y": x}


def meeting_too(x: Floats) -> Answer:
    """See ``meeting``."""
    return meeting(x)


def failing(x: Floats) -> Answer:
    """Nothing."""
    raise ValueError(f"{x.shape[0]} rows are too many")


def _hidden(x: Floats) -> Answer:
    return {"y": x}
