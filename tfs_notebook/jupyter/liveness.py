"""Whether what a file speaks of is still there: a process, and who listens on a socket."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["is_running", "listens"]

_PING_SECONDS: Final = 0.5


def is_running(pid: int) -> bool:
    """Whether there is a process with this id, anybody's."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def listens(path: str | Path) -> bool:
    """Whether somebody takes connections on a Unix socket; blocks for half a second at most."""
    with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
        probe.settimeout(_PING_SECONDS)
        probe.connect(str(path))
        return True
    return False
