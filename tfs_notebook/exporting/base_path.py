"""The directory that versions are exported to, and the numbers of those in it."""

from __future__ import annotations

import operator
import os
import re
from pathlib import Path
from typing import Final, SupportsIndex

from tfs_notebook.lifecycle.servable import MAX_VERSION
from tfs_notebook.lifecycle.version_policy import parse_version
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["checked_base_path", "checked_version", "next_version", "versions_in"]

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SAVED_MODELS: Final = ("saved_model.pb", "saved_model.pbtxt")


def checked_base_path(path: str | os.PathLike[str]) -> Path:
    """The base path, absolute; it need not be there. Blocks on the disk.

    Raises:
        InvalidArgument: it is no path, a URL, a file, or the directory of one version.
        OSError: the system cannot be asked about it.
    """
    text = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
    if not text or "\0" in text:
        raise InvalidArgument(
            "export() takes the directory that holds all versions of a model, such as "
            f"'models/spam', and got {path!r}"
        )
    if _URL.match(text):
        raise InvalidArgument(
            f"export() writes to directories of this machine, and got {text}; export to one, "
            "and copy the version from there under another name, then rename it"
        )
    # Path.expanduser raises where there is no such user.
    expanded = os.path.expanduser(text)  # noqa: PTH111
    if expanded.startswith("~"):
        raise InvalidArgument(
            f"there is no user {expanded[1:].partition('/')[0]} for {text}; a directory of "
            f"that name is ./{text}"
        )
    base = Path(expanded).absolute()
    if base.exists() and not base.is_dir():
        raise InvalidArgument(f"{base} is a file; name the directory that holds the versions")
    if (version := parse_version(base.name)) is not None and not versions_in(base):
        raise InvalidArgument(
            "the path is that of the directory which holds all versions of a model, and "
            f"{base} looks like one version; did you mean export(model, {str(base.parent)!r}, "
            f"version={version})?"
        )
    return base


def checked_version(version: object) -> int | None:
    """The number itself.

    Raises:
        InvalidArgument: it is none that a version can have.
    """
    if version is None:
        return None
    if isinstance(version, bool) or not isinstance(version, SupportsIndex):
        raise InvalidArgument(f"a version is a number such as 3, and got {version!r}")
    number = operator.index(version)
    if not 0 <= number <= MAX_VERSION:
        raise InvalidArgument(f"a version is between 0 and {MAX_VERSION}, and got {number}")
    return number


def versions_in(base: Path) -> dict[int, Path]:
    """What lies there under the name of a version, by its number, as servers read names."""
    found: dict[int, Path] = {}
    for child in base.iterdir() if base.is_dir() else ():
        version = parse_version(child.name)
        # As the source does, the plain spelling goes before "0003".
        if version is not None and (version not in found or child.name == str(version)):
            found[version] = child
    return found


def next_version(base: Path) -> int:
    """One more than the highest there is; a model right in the base path is version 1.

    Raises:
        InvalidArgument: there is none above the highest.
    """
    versions = versions_in(base)
    if not versions:
        return 2 if any((base / name).exists() for name in _SAVED_MODELS) else 1
    highest = max(versions)
    if highest >= MAX_VERSION:
        raise InvalidArgument(
            f"{base} has version {highest}, above which there is none; say version="
        )
    return highest + 1
