"""A version directory that nobody takes for one before it is whole."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final

from tfs_notebook.exporting.base_path import next_version, versions_in
from tfs_notebook.exporting.exchange import exchange
from tfs_notebook.wire.errors import Aborted, AlreadyExists

__all__ = ["UnfinishedVersion"]

# No scanner of versions, TensorFlow Serving's neither, takes this for a number.
_PREFIX: Final = ".exporting-"
_REPLACED: Final = ".replaced-"
_TAKEN: Final = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR})
_ATTEMPTS: Final = 100
_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY
# Where no lock can be had, as on some network file systems.
_STALE_SECONDS: Final = 24 * 3600.0


class UnfinishedVersion:
    """A directory beside the versions, until :meth:`publish` makes a version of it.

    A context manager: whatever ends the block before that removes it again, and the
    base path if that was made for it. A process that is killed leaves it behind; the
    next one removes it, knowing by its lock that nobody writes to it any more. For one
    thread; everything blocks on the file system.

    Attributes:
        path: where to write.
    """

    def __init__(self, base_path: Path) -> None:
        """Take note of the base path, which is made if it is not there."""
        self._base = base_path
        self._made: list[Path] = []
        self._opened = -1
        self.path = base_path

    def __enter__(self) -> UnfinishedVersion:
        try:
            _remove_stale(self._base)
            self._make()
        except BaseException:
            self._discard()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._discard()

    def publish(self, version: int | None, *, overwrite: bool) -> tuple[int, Path]:
        """Give it its number, once all of it is on the disk.

        Args:
            version: its number; by default the next one.
            overwrite: whether it may take the place of one that is there. A server that
                has that one loaded goes on with what it has loaded.

        Returns:
            the number, and where the version is now.

        Raises:
            AlreadyExists: there is such a version.
            Aborted: others were faster again and again.
        """
        _write_through(self.path)
        for _ in range(_ATTEMPTS):
            number = next_version(self._base) if version is None else version
            target = versions_in(self._base).get(number, self._base / str(number))
            if self._rename(target, overwrite=overwrite and version is not None):
                _write_through_directory(self._base)
                self._made.clear()
                return number, target
            if version is not None:
                raise AlreadyExists(
                    f"{target} is there already; leave out version= for version "
                    f"{next_version(self._base)}, or say overwrite=True"
                )
        raise Aborted(f"other exports to {self._base} took {_ATTEMPTS} versions meanwhile")

    def _rename(self, target: Path, *, overwrite: bool) -> bool:
        if not os.path.lexists(target):
            try:
                self.path.rename(target)
            except OSError as error:  # somebody was faster
                if error.errno not in _TAKEN:
                    raise
                return False
            return True
        if not overwrite:
            return False
        # What was there is then this one's to remove, or the next export's.
        if exchange(self.path, target):
            return True
        old = target.with_name(f"{_REPLACED}{secrets.token_hex(4)}")
        target.rename(old)
        try:
            self.path.rename(target)
        except BaseException:
            old.rename(target)
            raise
        _remove(old)
        return True

    def _make_base(self) -> None:
        missing = [one for one in (self._base, *self._base.parents) if not one.exists()]
        for one in reversed(missing):
            with suppress(FileExistsError):  # by another export
                one.mkdir()
                self._made.insert(0, one)

    def _make(self) -> None:
        for _ in range(_ATTEMPTS):
            path = self._base / f"{_PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
            # Whoever made the base may remove it, having published nothing in it; and
            # somebody may take the directory for a stale one before it has its lock.
            with suppress(FileNotFoundError):
                self._make_base()
                path.mkdir()
                self.path = path
                self._opened = os.open(path, _DIRECTORY)
                if _lock(self._opened) is not False and path.is_dir():
                    return
                self._close()
        if not self._base.is_dir():
            raise FileNotFoundError(errno.ENOENT, "the directory cannot be made")
        raise Aborted(f"other exports to {self._base} removed this one's directory")

    def _discard(self) -> None:
        if self.path != self._base:
            _remove(self.path)
        self._close()
        for one in self._made:
            with suppress(OSError):  # others have put something there
                one.rmdir()
        self._made.clear()

    def _close(self) -> None:
        if self._opened >= 0:
            os.close(self._opened)
            self._opened = -1


def _lock(opened: int) -> bool | None:
    """Lock an open directory until it is closed; None if there are no locks here."""
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _remove_stale(base: Path) -> None:
    try:
        found = [path for path in base.iterdir() if path.name.startswith(_PREFIX)]
    except FileNotFoundError:
        return
    for path in found:
        if not path.is_symlink() and path.is_dir():
            _remove_if_stale(path)


def _remove_if_stale(path: Path) -> None:
    try:
        opened = os.open(path, _DIRECTORY)
    except OSError:  # gone since, or another user's
        return
    try:
        free = _lock(opened)
        age = time.time() - os.fstat(opened).st_mtime
        if age > _STALE_SECONDS if free is None else free:
            # Under its lock: one that has only just been made is not locked by its owner
            # yet, who finds out so.
            shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(opened)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _write_through(top: Path) -> None:
    for directory, _, files in os.walk(top):
        for name in files:
            with Path(directory, name).open("rb") as file:
                os.fsync(file.fileno())
        _write_through_directory(Path(directory))


def _write_through_directory(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # not every file system has that
            os.fsync(opened)
    finally:
        os.close(opened)
