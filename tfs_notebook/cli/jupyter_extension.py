"""Whether Jupyter is told to load a server extension, by its configuration files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from jupyter_core.paths import jupyter_config_path

__all__ = ["extension_setting"]

_SECTION: Final = "jupyter_server_config"


def extension_setting(name: str) -> tuple[bool, Path | None]:
    """Read what Jupyter would read; blocks on the disk, runs nothing.

    What is set in ``jupyter_server_config.py`` is not seen, since that is a program.

    Returns:
        whether it is enabled, and the file that says so; None if no file names it.
    """
    for path in _files():
        setting = _setting(path, name)
        if setting is not None:
            return setting, path
    return False, None


def _files() -> Iterator[Path]:
    """The files, the one that overrides the others first."""
    for directory in map(Path, jupyter_config_path()):
        yield directory / f"{_SECTION}.json"
        yield from sorted((directory / f"{_SECTION}.d").glob("*.json"), reverse=True)


def _setting(path: Path, name: str) -> bool | None:
    try:
        setting = json.loads(path.read_bytes())["ServerApp"]["jpserver_extensions"][name]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return bool(setting)
