"""The private directory of a model server: its sockets, its journal, its configuration.

``tfs-<pid>-<random>`` where ``pid`` is the Jupyter server's, so that what a killed one
leaves behind can be told from what is in use.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tfs_notebook.wire.errors import Unavailable

__all__ = ["SocketDirectory"]

# What a Unix socket's path may take on macOS; Linux has four more.
_LONGEST_PATH: Final = 104
_NAME: Final = re.compile(r"tfs-([0-9]+)-[a-z0-9_]+")


class SocketDirectory:
    """A directory of this user alone, with a path short enough for sockets.

    Making it removes those of processes that have ended. Everything here blocks
    on the file system, briefly.

    Raises:
        Unavailable: no place has a path that is short enough.
    """

    def __init__(self) -> None:
        remove_stale()
        self.path = _make()
        self.rest_socket = self.path / "rest.sock"
        self.grpc_socket = self.path / "grpc.sock"
        self.journal = self.path / "journal.json"

    def remove(self) -> None:
        """Remove it with all that is in it; may be repeated."""
        shutil.rmtree(self.path, ignore_errors=True)


def remove_stale() -> None:
    """Remove this user's directories whose Jupyter server no longer runs."""
    for place in _places():
        for path in place.glob("tfs-*"):
            match = _NAME.fullmatch(path.name)
            if match and _is_ours(path) and not _is_running(int(match[1])):
                shutil.rmtree(path, ignore_errors=True)


def _make() -> Path:
    for place in _places():
        try:
            path = Path(tempfile.mkdtemp(prefix=f"tfs-{os.getpid()}-", dir=place))
        except OSError:
            continue
        if len(os.fsencode(path / "rest.sock")) < _LONGEST_PATH:
            return path
        path.rmdir()
    tried = ", ".join(str(place) for place in _places())
    raise Unavailable(
        f"no directory for the model server's sockets: a path has at most {_LONGEST_PATH - 1} "
        f"bytes, and {tried} cannot be written to or are too long. Set XDG_RUNTIME_DIR or "
        "TMPDIR to a short path"
    )


def _places() -> Iterator[Path]:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    places = [Path(runtime)] if runtime else []
    places += [Path(tempfile.gettempdir()), Path("/tmp")]  # noqa: S108 - mkdtemp makes it private
    return (place for place in dict.fromkeys(places) if place.is_dir())


def _is_ours(path: Path) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
