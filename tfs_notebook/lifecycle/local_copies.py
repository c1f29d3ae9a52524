"""Private local copies of remote directories, each for as long as it is used."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from tfs_notebook.lifecycle.file_system import FileEntry, FileTree, access_error
from tfs_notebook.lifecycle.process_folder import ProcessFolder, local_errors
from tfs_notebook.wire.errors import (
    Cancelled,
    InvalidArgument,
    NotFound,
    ResourceExhausted,
    ServingError,
    Unavailable,
)

__all__ = ["CopyLimits", "LocalCopies", "LocalCopy"]

_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class CopyLimits:
    """How much may be copied."""

    max_bytes: int | None = None
    """Of all copies that exist at one time; None: what the disk has free."""
    max_files: int = 100_000
    """Of one copy."""


class LocalCopy:
    """A copy that is there until :meth:`close`."""

    def __init__(self, path: Path, size: int, owner: LocalCopies) -> None:
        self.path = path
        """The directory that holds the copied files."""
        self.size = size
        """In bytes."""
        self._owner = owner

    def close(self) -> None:
        """Remove it. Blocks; calls after the first do nothing."""
        self._owner.remove(self)


class LocalCopies:
    """Makes and removes the copies, in a directory that nobody else can read.

    Several processes and several users may share the root; see
    :class:`ProcessFolder`.

    Any thread may call any method; all of them block.
    """

    def __init__(
        self, root: Path, file_system: FileTree, limits: CopyLimits | None = None
    ) -> None:
        """Take a folder below the root, and remove what dead processes left there.

        Args:
            root: made with mode 0700 if it is not there; left as it is if it is.
            file_system: where copies come from.
            limits: how much may be copied.

        Raises:
            ServingError: if there can be no folder; see :class:`ProcessFolder`.
        """
        self.file_system = file_system
        self._limits = limits or CopyLimits()
        self._guard = threading.Lock()
        self._copies: set[LocalCopy] = set()
        self._promised = 0
        self._closed = False
        self._numbers = count(1)
        self._own = ProcessFolder(root)
        self._folder = self._own.path

    def fetch(self, url: str) -> LocalCopy:
        """Copy a directory.

        Raises:
            NotFound: if it is not there, or has no files.
            InvalidArgument: if a name in it cannot be the name of a file here.
            ResourceExhausted: if it is larger than the limits or the disk.
            Unavailable: if it cannot be read, or changes meanwhile; trying
                again may help.
            Cancelled: if :meth:`close` is called meanwhile.
            ServingError: if the copy cannot be written; see
                :class:`ProcessFolder`.
        """
        try:
            with local_errors(self._folder):
                return self._fetch(url)
        except ServingError as exc:
            if self._closed and not isinstance(exc, Cancelled):
                raise Cancelled(f"{url} is not needed any more") from exc
            raise

    def _fetch(self, url: str) -> LocalCopy:
        entries = self._list(url)
        size = sum(entry.size for entry in entries)
        self._promise(url, entries, size)
        folder = self._folder / str(next(self._numbers))
        unfinished = folder.with_suffix(".partial")
        try:
            self._copy(url, entries, unfinished)
            unfinished.rename(folder)
            copy = LocalCopy(folder, size, self)
            with self._guard:
                self._copies.add(copy)
                closed = self._closed
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            with self._guard:
                self._promised -= size
            raise
        if closed:
            copy.close()
            raise Cancelled(f"{url} is not needed any more")
        return copy

    def remove(self, copy: LocalCopy) -> None:
        """See :meth:`LocalCopy.close`."""
        with self._guard:
            if copy not in self._copies:
                return
            self._copies.remove(copy)
            self._promised -= copy.size
        shutil.rmtree(copy.path, ignore_errors=True)

    def close(self) -> None:
        """Remove all copies and stop those under way; calls after the first do nothing."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
            self._copies.clear()
        self._own.close()

    def _list(self, url: str) -> list[FileEntry]:
        try:
            entries = sorted(self.file_system.files(url))
        except FileNotFoundError as exc:
            raise NotFound(f"{url} not found") from exc
        except OSError as exc:
            raise Unavailable(f"{url} cannot be listed: {access_error(exc, url)}") from exc
        if not entries:
            raise NotFound(f"{url} has no files")
        for entry in entries:
            _check_name(url, entry.path)
        return entries

    def _promise(self, url: str, entries: list[FileEntry], size: int) -> None:
        if len(entries) > self._limits.max_files:
            raise ResourceExhausted(
                f"{url} has {len(entries)} files; at most {self._limits.max_files} are copied"
            )
        with self._guard:
            if self._closed:
                raise Cancelled(f"{url} is not needed any more")
            limit = self._limits.max_bytes
            if limit is not None and self._promised + size > limit:
                raise ResourceExhausted(
                    f"{url} has {size} bytes; of the {limit} bytes for copies of remote "
                    f"models, {limit - self._promised} are free"
                )
            free = shutil.disk_usage(self._folder).free
            if size > free:
                raise ResourceExhausted(
                    f"{url} has {size} bytes; the disk of {self._folder} has {free} free"
                )
            self._promised += size

    def _copy(self, url: str, entries: list[FileEntry], target: Path) -> None:
        target.mkdir(mode=0o700)
        for entry in entries:
            path = target.joinpath(*entry.path.split("/"))
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                copied = self._copy_file(url, entry, path)
            except OSError as exc:
                reason = access_error(exc, f"{url}/{entry.path}")
                raise Unavailable(f"{url} cannot be copied: {reason}") from exc
            if copied != entry.size:
                raise Unavailable(f"{url}/{entry.path} has changed while it was copied")
        # Stores cannot rename a finished directory into place, so an upload may
        # have been under way.
        if self._list(url) != entries:
            raise Unavailable(f"{url} has changed while it was copied")

    def _copy_file(self, url: str, entry: FileEntry, path: Path) -> int:
        """Copy, up to a little more than the size that was told; returns how much."""
        with self.file_system.open(url, entry) as source, path.open("xb") as file:
            # A file that has grown must not fill the disk.
            while file.tell() <= entry.size and (chunk := source.read(_CHUNK)):
                if self._closed:
                    raise Cancelled(f"{url} is not needed any more")
                file.write(chunk)
            return file.tell()


def _check_name(url: str, path: str) -> None:
    """Let no name from outside lead out of the directory it is copied to."""
    parts = path.split("/")
    if any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts):
        raise InvalidArgument(f"{url} holds a file with the name {path!r}, which is refused")
