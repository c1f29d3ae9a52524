"""Keeps a second server away from a journal."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
from typing import IO, Final

from tfs_notebook.wire.errors import InvalidArgument, Unavailable

__all__ = ["JournalLock"]

_log = logging.getLogger(__name__)

_OWNER_ONLY: Final = 0o600
_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})


class JournalLock:
    """Says that a journal, and the marks beside it, are this server's alone.

    Two servers would undo each other's changes, and each would take what the other
    loads for what ended it. The system takes the lock back when the process ends,
    however it does. Any thread may call any method; none blocks but on the disk.
    """

    def __init__(self, journal_path: str) -> None:
        """Take the lock; without a journal there is none to take.

        Raises:
            InvalidArgument: the journal cannot be kept there.
            Unavailable: another server has the lock.
        """
        self._file: IO[bytes] | None = None
        if not journal_path:
            return
        journal = os.path.realpath(journal_path)
        # Beside the journal, because that is another file after every change.
        path = f"{journal}.lock"
        try:
            self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY), "r+b")
        except OSError as error:
            raise InvalidArgument(
                f"--journal_path: cannot write beside {journal}: {error.strerror}. Name a file "
                "in a directory that is there and can be written"
            ) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise Unavailable(
                f"--journal_path: another server keeps what it serves in {journal}; stop it, "
                "or choose another file"
            ) from None
        except OSError as error:
            self.release()
            if error.errno not in _NO_LOCKS:
                raise InvalidArgument(
                    f"--journal_path: cannot lock {path}: {error.strerror}"
                ) from None
            _log.warning(
                "%s cannot be locked there (%s); see that no other server uses it",
                journal,
                error.strerror,
            )

    def release(self) -> None:
        """Let others have it; idempotent."""
        if self._file is not None:
            self._file.close()
            self._file = None
