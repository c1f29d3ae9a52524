"""What a source needs of a file system."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol

__all__ = ["FileSystem", "LocalFileSystem", "access_error"]


class FileSystem(Protocol):
    """Lists directories."""

    def children(self, path: str) -> Sequence[str]:
        """The names of the direct children, files and directories. Blocks.

        Raises:
            OSError: if the directory is not there or cannot be read.
        """


class LocalFileSystem:
    """The machine's own file system."""

    def children(self, path: str) -> Sequence[str]:
        """See :meth:`FileSystem.children`."""
        return os.listdir(path)  # noqa: PTH208 - names, as the protocol has them


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
