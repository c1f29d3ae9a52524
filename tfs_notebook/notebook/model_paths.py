"""What a person names as the path of a model, checked before a server is asked."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from tfs_notebook.exporting.keras_file import KERAS_SUFFIXES
from tfs_notebook.lifecycle.version_policy import parse_version
from tfs_notebook.wire.errors import InvalidArgument, NotFound, PermissionDenied

__all__ = ["base_path_of", "name_of"]

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SAVED_MODELS: Final = ("saved_model.pb", "saved_model.pbtxt", "saved_model.cpb")
_MOST_SHOWN: Final = 6


def base_path_of(path: str | os.PathLike[str]) -> str:
    """The base path a server is told; absolute, unless it is a URL. Blocks on the disk.

    Raises:
        NotFound: there is no such directory; the text says what is there.
        InvalidArgument: nothing in it can be served.
        PermissionDenied: it cannot be read.
    """
    text = os.fspath(path)
    if _URL.match(text):
        return text.rstrip("/")
    # Path.expanduser raises where there is no such user.
    base = Path(os.path.expanduser(text)).absolute()  # noqa: PTH111
    try:
        return _checked(base)
    except PermissionError as error:
        raise PermissionDenied(
            f"this user may not read {error.filename}; the model server could not either"
        ) from None


def _checked(base: Path) -> str:
    if not base.is_dir():
        raise NotFound(_missing(base))
    entries = _entries(base)
    if any(one in entries for one in _SAVED_MODELS):
        return str(base)
    if any(parse_version(one) is not None and (base / one).is_dir() for one in entries):
        return str(base)
    raise InvalidArgument(_nothing_to_serve(base, entries))


def name_of(base_path: str) -> str:
    """The name of a model that nobody named: its directory's, without a version."""
    parts = [part for part in base_path.rstrip("/").split("/") if part]
    while len(parts) > 1 and parts[-1].isdecimal():
        parts.pop()
    return parts[-1] if parts else "default"


def _missing(base: Path) -> str:
    if base.suffix in KERAS_SUFFIXES and base.is_file():
        return f"{base} is a file of Keras; export({str(base)!r}, DIR) makes what can be served"
    if base.exists():
        return f"{base} is a file; name the directory of the model, with saved_model.pb in it"
    there = next(parent for parent in base.parents if parent.is_dir())
    return f"there is no {base}; {there} has {_shown(_entries(there))}"


def _nothing_to_serve(base: Path, entries: list[str]) -> str:
    text = (
        f"{base} has neither saved_model.pb nor a version directory (1, 2, …), but "
        f"{_shown(entries)}"
    )
    for entry in entries:
        inner = base / entry
        if inner.is_dir() and any((inner / one).is_file() for one in _SAVED_MODELS):
            return f"{text}. Did you mean {inner}?"
    return text


def _entries(directory: Path) -> list[str]:
    return sorted(entry.name for entry in directory.iterdir())


def _shown(entries: list[str]) -> str:
    more = f" and {len(entries) - _MOST_SHOWN} more" if len(entries) > _MOST_SHOWN else ""
    return (", ".join(entries[:_MOST_SHOWN]) or "nothing") + more
