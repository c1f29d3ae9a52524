"""What TensorFlow's C code writes to stderr, without the lines that only inform."""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["without_information"]

_STDERR: Final = 2
# As absl writes it: the level and the date, then the time.
_INFORMATION: Final = re.compile(
    rb"(WARNING: All log messages before absl::|I[0-9]{4} |"
    rb"To enable the following instructions: )"
)
# One at a time: each puts back what it found.
_lock = threading.RLock()


@contextmanager
def without_information() -> Iterator[None]:
    """Keeps back what the process writes to its stderr until the end of the block.

    It tells of oneDNN and CUDA before any setting can keep it from that, and a kernel
    shows what C code writes in the cell that runs. Everything else that was written
    meanwhile goes there at the end. Any thread may use it; others wait.
    """
    with _lock, _held_back():
        yield


@contextmanager
def _held_back() -> Iterator[None]:
    try:
        kept = os.dup(_STDERR)
    except OSError:  # there is none
        yield
        return
    try:
        with tempfile.TemporaryFile() as written:
            os.dup2(written.fileno(), _STDERR)
            try:
                yield
            finally:
                os.dup2(kept, _STDERR)
                written.seek(0)
                lines = [line for line in written if not _INFORMATION.match(line)]
                os.write(_STDERR, b"".join(lines))
    finally:
        os.close(kept)
