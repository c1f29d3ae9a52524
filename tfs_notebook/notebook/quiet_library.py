"""TensorFlow's library, loaded without the lines it writes meanwhile."""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tfs_notebook.runtimes.tensorflow.library import load_library

__all__ = ["load_quietly"]

_STDERR: Final = 2
# As absl writes it: the level and the date, then the time.
_INFORMATION: Final = re.compile(rb"(WARNING: All log messages before absl::|I[0-9]{4} )")
_lock = threading.Lock()


def load_quietly() -> None:
    """Load the library once for the process; blocks for about half a second.

    It tells of oneDNN and CUDA before any setting can keep it from that, and a kernel
    shows what C code writes in the cell that runs. Everything else that is written to
    the process's stderr meanwhile goes there afterwards. Any thread may call it.

    Raises:
        FailedPrecondition: it is not installed, or cannot be loaded.
    """
    with _lock, _without_information():
        load_library()


@contextmanager
def _without_information() -> Iterator[None]:
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
