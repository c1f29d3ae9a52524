"""A folder of this process's own, below a directory that others may use too."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tfs_notebook.wire.errors import (
    FailedPrecondition,
    PermissionDenied,
    ResourceExhausted,
    ServingError,
    Unavailable,
)

__all__ = ["ProcessFolder", "local_errors", "why_unsafe"]

logger = logging.getLogger(__name__)

_PREFIX: Final = "copies-"
_LOCK: Final = "lock"
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_WRONG_PLACE: Final = frozenset(
    {
        errno.EEXIST,
        errno.EINVAL,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EROFS,
    }
)


class ProcessFolder:
    """A folder that no other user can read, there until :meth:`close`.

    It lies in a private directory of this user's, which lies below the root; so
    the root may be one that was there before, ``/tmp`` for instance, and stays
    as it is. All processes of a user share the private directory. Each holds a
    lock in its folder for as long as it lives, however it ends; whoever comes
    next removes the folders whose lock is free. So a killed server leaves
    nothing behind for longer than until the next start.
    """

    def __init__(self, root: Path) -> None:
        """Make the folder, and remove what dead processes left beside it. Blocks.

        Args:
            root: made with mode 0700 if it is not there.

        Raises:
            PermissionDenied: if this user may not write there, or somebody else
                could exchange what lies there.
            FailedPrecondition: if there can be no such directory.
            ResourceExhausted: if the disk is full.
            Unavailable: what else the system says; trying again may help.
        """
        with local_errors(root):
            private = _private_directory(root)
            with _locked(private / _LOCK):
                _remove_left_behind(private)
                self.path = Path(
                    tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=private)
                )
                # Not inherited by programs that are started; the system lets go of
                # it when this process ends.
                self._lock = _open_locked(self.path / _LOCK, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        """Remove it with all that is in it. Blocks. Called once."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


@contextmanager
def local_errors(folder: Path) -> Iterator[None]:
    """Tell what goes wrong with this machine's own files in a ``ServingError``.

    Args:
        folder: where copies are to be kept, for the message.
    """
    try:
        yield
    except (OSError, ValueError) as exc:
        number = exc.errno if isinstance(exc, OSError) else errno.EINVAL
        culprit = (exc.filename if isinstance(exc, OSError) else None) or folder
        reason = (exc.strerror if isinstance(exc, OSError) else None) or str(exc)
        raise _kind_of(number)(
            f"Copies of remote models are to be kept in {folder}, where {culprit} cannot be "
            f"used: {reason}. Name a directory that this user can write to"
        ) from exc


def _kind_of(number: int | None) -> type[ServingError]:
    if number in (errno.EACCES, errno.EPERM):
        return PermissionDenied
    if number in _NO_ROOM:
        return ResourceExhausted
    return FailedPrecondition if number in _WRONG_PLACE else Unavailable


def why_unsafe(facts: os.stat_result, user: int) -> str | None:
    """Why somebody else could exchange what this user keeps in a directory. Pure.

    Args:
        facts: of the directory itself, not of what a link leads to.
        user: the number of this user; user 0 can do everything anyway.

    Returns:
        What is wrong with it; None if nothing is.
    """
    if not stat.S_ISDIR(facts.st_mode):
        return "it is no directory, or a link to one"
    if facts.st_uid not in (user, 0):
        return f"it belongs to user {facts.st_uid}"
    # Whom a user lets write to a directory of their own is up to them, as long as
    # it is not everybody. Where the sticky bit is set, nobody but its owner can
    # rename or remove what belongs to this user.
    others = stat.S_IWOTH if facts.st_uid == user else stat.S_IWOTH | stat.S_IWGRP
    if facts.st_mode & others and not facts.st_mode & stat.S_ISVTX:
        return "others may write to it, and it is not sticky"
    return None


def _private_directory(root: Path) -> Path:
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    user = os.geteuid()
    if (reason := why_unsafe(root.lstat(), user)) is not None:
        raise PermissionDenied(
            f"Copies of remote models are not safe in {root}: {reason}. Name a directory that "
            "is not there yet, or one of this user"
        )
    private = root / f"tfs_notebook-copies-of-{user}"
    private.mkdir(mode=0o700, exist_ok=True)
    facts = private.lstat()
    mode = stat.S_IMODE(facts.st_mode)
    # Where everybody may write somebody else may have been faster.
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != user or mode & 0o077:
        raise PermissionDenied(
            f"{private} is to be a directory of user {user} with mode 0700, and no link; it "
            f"belongs to user {facts.st_uid} and has mode {mode:04o}. Remove it, or name "
            f"another directory than {root}"
        )
    return private


def _remove_left_behind(private: Path) -> None:
    for folder in private.glob(f"{_PREFIX}*"):
        if folder.is_symlink() or not folder.is_dir():
            continue
        try:
            lock = _open_locked(folder / _LOCK, fcntl.LOCK_EX | fcntl.LOCK_NB, os.O_RDWR)
        except FileNotFoundError:
            # Its process ended before it could take the lock.
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            continue
        else:
            logger.info("Removing %s, which a process left that is no more", folder)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _open_locked(path: Path, operation: int, flags: int = os.O_RDWR | os.O_CREAT) -> int:
    """Open a lock file, and take the lock; returns what has to be closed."""
    lock = os.open(path, flags, 0o600)
    try:
        fcntl.flock(lock, operation)
    except BaseException:
        os.close(lock)
        raise
    return lock


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = _open_locked(path, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(lock)
