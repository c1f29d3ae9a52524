"""The private directory of a model server: its sockets, its journal, its configuration.

``tfs-<pid>-<random>`` where ``pid`` is the Jupyter server's, or the kernel's that has a
model server of its own; so what a killed one leaves behind can be told from what is in
use.
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

from tfs_notebook.jupyter.liveness import is_running, listens
from tfs_notebook.wire.errors import Unavailable

__all__ = [
    "LONGEST_PATH",
    "SocketDirectory",
    "directories_of",
    "fits",
    "places",
    "stale_directories",
]

LONGEST_PATH: Final = 103
"""Bytes that the path of a Unix socket may have on macOS; Linux has four more."""

_REST_SOCKET: Final = "rest.sock"
_LONGEST_NAME: Final = f"tfs-4194304-xxxxxxxx/{_REST_SOCKET}"
_NAME: Final = re.compile(r"tfs-([0-9]+)-[a-z0-9_]+")


class SocketDirectory:
    """A directory of this user alone, with a path short enough for sockets.

    Making it removes those of processes that have ended. Everything here blocks
    on the file system, briefly.

    Raises:
        Unavailable: no place has a path that is short enough.
    """

    def __init__(self) -> None:
        for path in stale_directories():
            shutil.rmtree(path, ignore_errors=True)
        self.path = _make()
        self.rest_socket = self.path / _REST_SOCKET
        self.grpc_socket = self.path / "grpc.sock"
        self.journal = self.path / "journal.json"
        self.grpc_token = self.path / "grpc.token"

    def remove(self) -> None:
        """Remove it with all that is in it; may be repeated."""
        shutil.rmtree(self.path, ignore_errors=True)


def stale_directories() -> list[Path]:
    """This user's directories whose process no longer runs. Blocks, briefly.

    One whose socket answers is in use: a container that shares the place for sockets
    counts its processes for itself.
    """
    return [
        path
        for pid, path in _directories()
        if not is_running(pid) and not listens(path / _REST_SOCKET)
    ]


def directories_of(pid: int) -> list[Path]:
    """The directories of one process: it has a model server, or is starting one."""
    return [path for owner, path in _directories() if owner == pid]


def places() -> list[Path]:
    """Where the directory may lie, the best place first."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    found = [Path(runtime)] if runtime else []
    found += [Path(tempfile.gettempdir()), Path("/tmp")]  # noqa: S108 - mkdtemp makes it private
    return [place for place in dict.fromkeys(found) if place.is_dir()]


def fits(place: Path) -> bool:
    """Whether the paths of sockets there would be short enough."""
    return len(os.fsencode(place / _LONGEST_NAME)) <= LONGEST_PATH


def _directories() -> Iterator[tuple[int, Path]]:
    for place in places():
        for path in place.glob("tfs-*"):
            match = _NAME.fullmatch(path.name)
            if match and _is_ours(path):
                yield int(match[1]), path


def _make() -> Path:
    for place in places():
        if not fits(place):
            continue
        with suppress(OSError):
            return Path(tempfile.mkdtemp(prefix=f"tfs-{os.getpid()}-", dir=place))
    tried = ", ".join(str(place) for place in places())
    raise Unavailable(
        f"no directory for the model server's sockets: a path has at most {LONGEST_PATH} "
        f"bytes, and {tried} cannot be written to or are too long. Set XDG_RUNTIME_DIR or "
        "TMPDIR to a short path"
    )


def _is_ours(path: Path) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
