"""Unix sockets as files: taken over when stale, never from another server."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tfs_notebook.wire.errors import Unavailable

__all__ = ["SocketFile"]


class SocketFile:
    """The file of a Unix socket that a door listens on.

    ``claim`` before binding, ``private`` around it, ``bound`` after it, ``remove``
    when done. None of them blocks for long; they belong to the door's thread.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._inode: int | None = None

    def claim(self) -> None:
        """Make way: remove the socket of a server that is gone.

        Raises:
            Unavailable: something else lies there, or a server answers there.
        """
        try:
            mode = Path(self.path).lstat().st_mode
        except FileNotFoundError:
            return
        except OSError as error:
            raise Unavailable(f"cannot listen on {self.path}: {error.strerror}") from None
        if not stat.S_ISSOCK(mode):
            raise Unavailable(f"cannot listen on {self.path}: it is no socket but a file")
        with closing(socket.socket(socket.AF_UNIX)) as probe:
            probe.settimeout(1.0)
            try:
                probe.connect(self.path)
            except ConnectionRefusedError:
                Path(self.path).unlink(missing_ok=True)
                return
            except OSError as error:
                raise Unavailable(f"cannot listen on {self.path}: {error}") from None
        raise Unavailable(
            f"cannot listen on {self.path}: another server listens there; stop it, or choose "
            "another path"
        )

    @contextmanager
    def private(self) -> Iterator[None]:
        """What is bound meanwhile, nobody but its user can ever connect to.

        For a door that binds and listens in one step, which leaves no moment for a
        chmod between them. It changes the umask of the process: see below.
        """
        # Other threads' files get this umask too while it lasts. That does them the
        # least harm: they are this user's own, and with 0o177 a directory made now
        # could not be entered. Binding in a private directory and moving the socket
        # would spare them, but leave the directory behind after SIGKILL, lengthen a
        # path that may have 107 bytes, and hide the socket from gRPC, which removes it.
        before = os.umask(0o077)
        try:
            yield
        finally:
            os.umask(before)

    def bound(self) -> None:
        """Take note that the door listens there now; nobody but its user may connect."""
        file = Path(self.path)
        file.chmod(0o600)
        self._inode = file.stat().st_ino

    def remove(self) -> None:
        """Remove the file, if it is still the one that was bound."""
        file = Path(self.path)
        try:
            if self._inode is not None and file.stat().st_ino == self._inode:
                file.unlink()
        except FileNotFoundError:
            pass
        self._inode = None
