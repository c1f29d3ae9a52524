"""A version whose load hangs until it is let go: its file is a pipe that nobody writes to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["hanging_version"]


@contextmanager
def hanging_version(version: Path) -> Iterator[Path]:
    """Make the version; whatever loads it hangs until the block ends, and fails then."""
    version.mkdir(parents=True)
    pipe = version / "saved_model.pb"
    os.mkfifo(pipe)
    try:
        yield version
    finally:
        # Gone first, so that a further attempt finds nothing to hang on.
        released = version / "released"
        pipe.rename(released)
        with suppress(OSError):
            os.close(os.open(released, os.O_WRONLY | os.O_NONBLOCK))
