"""Hears when standard input ends: the sign that whoever started the server is gone."""

from __future__ import annotations

import errno
import os
import signal
import stat
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

__all__ = ["watch_stdin"]

_STDIN: Final = 0
_CHUNK: Final = 4096
# How often to look whether a terminal that is another job's has come back.
_PAUSE_SECONDS: Final = 1.0


def watch_stdin(ended: Callable[[], None]) -> None:
    """Call ``ended`` once, when standard input has come to its end; does not block.

    On a thread of its own, for a pipe, a file, a terminal, ``/dev/null`` (which ends at
    once) and an input that is closed. What is read is thrown away. Call it before
    anything is opened: a closed input's number goes to what is opened next.
    """
    if not _is_open():
        ended()
        return
    is_terminal = os.isatty(_STDIN)
    if is_terminal:
        # In the background, a read of the terminal would stop the whole process.
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    threading.Thread(
        target=_read_to_the_end, args=(ended, is_terminal), name="tfs-stdin", daemon=True
    ).start()


def _is_open() -> bool:
    # Python finds at its start that it is closed; its number may be taken since.
    if sys.__stdin__ is None:
        return False
    try:
        mode = os.fstat(_STDIN).st_mode
    except OSError:
        return False
    return not stat.S_ISDIR(mode)


def _read_to_the_end(ended: Callable[[], None], is_terminal: bool) -> None:
    pause = threading.Event()
    while True:
        try:
            if not os.read(_STDIN, _CHUNK):
                break
        except BlockingIOError:
            # Whoever shares it has made it so.
            pause.wait(_PAUSE_SECONDS)
        except OSError as error:
            if not (is_terminal and error.errno == errno.EIO and _has_foreground()):
                break
            pause.wait(_PAUSE_SECONDS)
    with suppress(RuntimeError):  # the loop is closed: it has ended already
        ended()


def _has_foreground() -> bool:
    """Whether the terminal is there, and only another job's at the moment."""
    try:
        os.tcgetpgrp(_STDIN)
    except OSError:
        return False
    return True
