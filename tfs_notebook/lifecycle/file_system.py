"""What the lifecycle needs of a file system, and the machine's own."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import BinaryIO, NamedTuple, Protocol

__all__ = ["FileEntry", "FileSystem", "FileTree", "LocalFileSystem", "access_error"]


class FileSystem(Protocol):
    """Lists directories. Any thread may call it."""

    def children(self, path: str) -> Sequence[str]:
        """The names of the direct children, files and directories. Blocks.

        Raises:
            OSError: if the directory is not there or cannot be read.
        """


class FileEntry(NamedTuple):
    """A file below a directory."""

    path: str
    """Relative to the directory, parts joined by ``/``; empty if what was
    asked about is itself a file. As the file system has it, not checked."""
    size: int
    """In bytes."""


class FileTree(FileSystem, Protocol):
    """Reads whole trees of files too. Any thread may call it."""

    def files(self, path: str) -> Iterator[FileEntry]:
        """All files below a directory, at any depth. Blocks.

        Raises:
            OSError: if it is not there or cannot be read.
        """

    def open(self, path: str, entry: FileEntry) -> AbstractContextManager[BinaryIO]:
        """Open one of its files to read. Blocks.

        Raises:
            OSError: if it is not there or cannot be read.
        """


class LocalFileSystem:
    """The machine's own file system; see :class:`FileTree`."""

    def children(self, path: str) -> Sequence[str]:
        """See :meth:`FileSystem.children`."""
        return os.listdir(_possible(path))  # noqa: PTH208 - names, as the protocol has them

    def files(self, path: str) -> Iterator[FileEntry]:
        """See :meth:`FileTree.files`. Links are followed, but nothing is told twice."""
        top = os.stat(_possible(path))  # noqa: PTH116 - paths are texts here
        if not stat.S_ISDIR(top.st_mode):
            yield FileEntry("", top.st_size)
            return
        # By device and number: links may lead in circles, or twice to one file.
        seen = {(top.st_dev, top.st_ino)}
        folders = [path]
        while folders:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    try:
                        facts = entry.stat()
                    except FileNotFoundError:
                        # Gone since, or a link to nowhere.
                        continue
                    if (facts.st_dev, facts.st_ino) in seen:
                        continue
                    seen.add((facts.st_dev, facts.st_ino))
                    if stat.S_ISDIR(facts.st_mode):
                        folders.append(entry.path)
                    else:
                        yield FileEntry(os.path.relpath(entry.path, path), facts.st_size)

    def open(self, path: str, entry: FileEntry) -> AbstractContextManager[BinaryIO]:
        """See :meth:`FileTree.open`."""
        return open(_possible(os.path.join(path, entry.path)), "rb")  # noqa: PTH118, PTH123


def _possible(path: str) -> str:
    """The path, if the system can be asked about it: Python refuses others itself.

    Raises:
        OSError: as the system would, where Python raises a ``ValueError``.
    """
    try:
        if b"\0" not in os.fsencode(path):
            return path
    except UnicodeEncodeError:
        pass
    raise OSError(errno.EINVAL, "This text can be no path", path)


def access_error(exc: OSError, path: str) -> str:
    """The error as TensorFlow prints it: code, path, reason."""
    if isinstance(exc, FileNotFoundError):
        return f"NOT_FOUND: {path} not found"
    code = "UNKNOWN"
    if isinstance(exc, PermissionError):
        code = "PERMISSION_DENIED"
    elif isinstance(exc, NotADirectoryError):
        code = "FAILED_PRECONDITION"
    return f"{code}: {path}; {exc.strerror or exc}"
