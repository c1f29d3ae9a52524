"""Where requests are recorded if nobody has said so: in a model server's private directory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tfs_notebook.jupyter.socket_directory import SocketDirectory

__all__ = ["recording_flags"]

# The directory may well lie in memory.
_MOST_BYTES: Final = 16_000_000
_MOST_FILES: Final = 4


def recording_flags(directory: SocketDirectory) -> Mapping[str, str | int]:
    """The flags for it. Nothing is recorded before somebody asks for it.

    Args:
        directory: what is recorded goes with it.
    """
    return {
        "request_log_dir": str(directory.path / "requests"),
        "request_log_max_bytes": _MOST_BYTES,
        "request_log_max_files": _MOST_FILES,
    }
