"""The private directory of a kernel's own model server, for its sockets.

``tfs-<pid>-<random>``, so that what a killed kernel left behind can be told from what
is in use.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from tfs_notebook.wire.errors import Unavailable

__all__ = ["LONGEST_PATH", "SocketDirectory", "stale_directories"]

LONGEST_PATH: Final = 103
"""Bytes of a Unix socket's path, on macOS; Linux has four more."""

_NAME: Final = re.compile(r"tfs-([0-9]+)-[a-z0-9_]+")


class SocketDirectory:
    """A directory of this user alone, with a path short enough for sockets.

    Making it removes those of processes that have ended. Blocks on the file system,
    briefly.

    Raises:
        Unavailable: no place can be written to or has a path that is short enough.
    """

    def __init__(self) -> None:
        for path in stale_directories():
            shutil.rmtree(path, ignore_errors=True)
        self.path = _made()
        self.rest_socket = self.path / "rest.sock"
        self.grpc_socket = self.path / "grpc.sock"

    def remove(self) -> None:
        """Remove it with all that is in it; may be repeated."""
        shutil.rmtree(self.path, ignore_errors=True)


def stale_directories() -> list[Path]:
    """This user's directories whose process no longer runs. Blocks, briefly."""
    return [
        path
        for place in _places()
        for path in place.glob("tfs-*")
        if (match := _NAME.fullmatch(path.name))
        and _is_ours(path)
        and not _is_running(int(match[1]))
    ]


def _made() -> Path:
    tried = []
    for place in _places():
        with suppress(OSError):
            path = Path(tempfile.mkdtemp(prefix=f"tfs-{os.getpid()}-", dir=place))
            if len(os.fsencode(path / "rest.sock")) <= LONGEST_PATH:
                return path
            path.rmdir()
        tried.append(str(place))
    raise Unavailable(
        f"there is no directory for the model server's sockets: {', '.join(tried)} cannot be "
        f"written to, or their paths are too long (a socket's has at most {LONGEST_PATH} "
        "bytes). Set TMPDIR to a short path"
    )


def _places() -> Iterator[Path]:
    places = (Path(tempfile.gettempdir()), Path("/tmp"))  # noqa: S108 - mkdtemp makes it private
    return (place for place in dict.fromkeys(places) if place.is_dir())


def _is_ours(path: Path) -> bool:
    try:
        facts = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid()


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
