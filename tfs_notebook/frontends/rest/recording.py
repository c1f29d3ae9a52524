"""Which requests of a model are recorded, and the warm-up files that are made of them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from tfs_notebook.frontends.rest.control_bodies import (
    Parameters,
    read_recording,
    read_timeout,
    read_warmup,
)
from tfs_notebook.frontends.rest.repository import Entry
from tfs_notebook.serving.model_server import ModelServer

__all__ = ["change_recording", "make_warmup", "recording", "shown_rate"]

_DIGITS_OF_A_FLOAT: Final = 7


def recording(server: ModelServer, name: str) -> Entry:
    """What is recorded of a model, and what has been; blocks on the directory.

    Raises:
        NotFound: there is no such model.
        FailedPrecondition: the server records none.
    """
    found = server.recording_of(name)
    return {
        "name": name,
        "sampling_rate": shown_rate(found.sampling_rate),
        "directory": found.directory,
        "filename_prefix": found.prefix,
        "files": [entry for path in found.files for entry in _file(path)],
        "records": dict(found.counts),
    }


def change_recording(server: ModelServer, name: str, given: Parameters) -> Entry:
    """Change it, and tell what holds then; blocks.

    Raises:
        ServingError: as ``ModelServer.change_recording``.
    """
    server.change_recording(name, read_recording(given), read_timeout(given))
    return recording(server, name)


def make_warmup(server: ModelServer, name: str, given: Parameters) -> Entry:
    """Make a warm-up file, and tell where it is; blocks on the disk.

    Raises:
        ServingError: as ``ModelServer.make_warmup_file``.
    """
    wanted = read_warmup(given)
    made = server.make_warmup_file(name, wanted, read_timeout(given))
    return {
        "name": name,
        "version": str(wanted.version),
        "path": str(made.path),
        "records": made.records,
        "bytes": made.size,
    }


def shown_rate(rate: float) -> float:
    """A sampling rate as somebody has written it; messages hold it as a float of 32 bits."""
    return round(rate, _DIGITS_OF_A_FLOAT)


def _file(path: Path) -> list[dict[str, Any]]:
    with suppress(OSError):  # removed for a new one meanwhile
        there = path.stat()
        return [{"name": path.name, "bytes": there.st_size, "modified": there.st_mtime}]
    return []
