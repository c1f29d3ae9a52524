"""Small private files that are either there as a whole or not at all."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Final

__all__ = ["read_document", "set_aside", "write_document"]

_log = logging.getLogger(__name__)

_OWNER_ONLY: Final = 0o600


def read_document(path: Path) -> object | None:
    """Read a JSON document; None if there is no file. Blocks.

    Raises:
        ValueError: it is no JSON.
        OSError: it cannot be read, whatever is in it.
    """
    try:
        document: object = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except RecursionError as error:
        raise ValueError(str(error)) from None
    if document is None:
        raise ValueError("it says nothing")
    return document


def write_document(path: Path, document: object, *, lasting: bool) -> None:
    """Put a document in the place of the one there; readable by its user alone. Blocks.

    Args:
        path: of the file; its directory exists.
        document: what JSON can say.
        lasting: whether it has to outlive a crash of the machine too, and not only
            of this process, for some milliseconds more.

    Raises:
        OSError: it cannot be written; the file is what it was.
    """
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(json.dumps(document, indent=1).encode())
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        # A full disk has no room for it.
        unfinished.unlink(missing_ok=True)
        raise
    if lasting:
        _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def set_aside(path: Path, reason: object) -> None:
    """Move a file that cannot be used out of the way, and say so. Blocks."""
    aside = path.with_name(f"{path.name}.damaged")
    try:
        path.replace(aside)
    except OSError as error:
        _log.error("%s is damaged (%s), and cannot be set aside: %s", path, reason, error)
    else:
        _log.error("%s is damaged (%s); it was set aside as %s", path, reason, aside.name)
