"""A SavedModel that is there already, copied as it is."""

from __future__ import annotations

import shutil
from pathlib import Path

from tfs_notebook.exporting.base_path import versions_in
from tfs_notebook.wire.errors import InvalidArgument, NotFound

__all__ = ["copy_saved_model", "is_saved_model"]

_SAVED_MODELS = ("saved_model.pb", "saved_model.pbtxt")


def is_saved_model(directory: Path) -> bool:
    """Whether this is the directory of one; blocks on the disk.

    Raises:
        InvalidArgument: it is a base path, with versions.
    """
    if any((directory / name).is_file() for name in _SAVED_MODELS):
        return True
    versions = versions_in(directory)
    if versions:
        newest = versions[max(versions)]
        raise InvalidArgument(
            f"{directory} holds versions of a model; name one to export, such as {newest}"
        )
    return False


def copy_saved_model(source: Path, target: Path) -> None:
    """Copy all that is in a directory into another one that is there. Blocks.

    Raises:
        InvalidArgument: it holds a link, which may lead anywhere, or a pipe or the like; or
            the other directory.
        NotFound: it is gone.
    """
    if source.resolve() in target.resolve().parents:
        raise InvalidArgument(
            f"{source} cannot be copied into itself; export it to a directory elsewhere"
        )
    try:
        _copy(source, target)
    except FileNotFoundError as error:
        raise NotFound(f"{error.filename} is gone; was it being replaced meanwhile?") from None


def _copy(source: Path, target: Path) -> None:
    for child in sorted(source.iterdir()):
        if child.is_symlink():
            raise InvalidArgument(
                f"{child} is a link, which may lead anywhere; copy what is meant in its place"
            )
        if child.is_dir():
            (target / child.name).mkdir()
            _copy(child, target / child.name)
        elif child.is_file():
            shutil.copyfile(child, target / child.name, follow_symlinks=False)
        else:
            raise InvalidArgument(f"{child} is neither a file nor a directory")
