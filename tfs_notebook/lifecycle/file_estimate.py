"""How much memory a servable takes, judged by its files."""

from __future__ import annotations

from tfs_notebook.lifecycle.file_system import FileTree, LocalFileSystem, access_error
from tfs_notebook.wire.errors import NotFound, Unavailable

__all__ = ["estimate_from_files"]

# TensorFlow Serving's multiplier, 1.2, in whole numbers.
_NUMERATOR, _DENOMINATOR = 6, 5


def estimate_from_files(path: str, file_system: FileTree | None = None) -> int:
    """The RAM in bytes that a SavedModel takes: the size of its files, times 1.2.

    TensorFlow Serving's estimate, and its default. Blocks on the file system;
    meant as the ``estimate`` of a loader.

    Args:
        path: the version directory, or the file if a version is one.
        file_system: what to read with; the machine's own if left out.

    Raises:
        NotFound: if nothing is there.
        Unavailable: if it cannot be read.
    """
    try:
        files = (file_system or LocalFileSystem()).files(path)
        total = sum(entry.size for entry in files)
    except FileNotFoundError as exc:
        raise NotFound(f"{path} not found") from exc
    except OSError as exc:
        raise Unavailable(
            f"The files of {path} cannot be read: {access_error(exc, path)}"
        ) from exc
    return total * _NUMERATOR // _DENOMINATOR
