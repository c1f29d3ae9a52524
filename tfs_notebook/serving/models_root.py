"""The directory from which models are loaded by their bare names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument, NotFound

__all__ = ["ModelsRoot"]

_NAMES_SHOWN: Final = 10


class ModelsRoot:
    """Finds models in one directory. Any thread may call it; every method blocks.

    A name from outside never becomes a path: it is compared with the names that
    the directory lists.
    """

    def __init__(self, path: str) -> None:
        """Take note of the directory, which may come into being later.

        Args:
            path: absolute or relative to the working directory; empty for none.
        """
        self._path = Path(path).absolute() if path else None

    def names(self) -> list[str]:
        """The models there are, in order; none if the directory cannot be read."""
        if self._path is None:
            return []
        try:
            with os.scandir(self._path) as entries:
                return sorted(
                    entry.name
                    for entry in entries
                    if not entry.name.startswith(".") and entry.is_dir()
                )
        except OSError:
            return []

    def base_path(self, name: str) -> str:
        """The base path of the model with this name.

        Raises:
            FailedPrecondition: there is no such directory to look in.
            NotFound: it holds no model of this name.
            InvalidArgument: what it holds is a link that leads out of it.
        """
        if self._path is None:
            raise FailedPrecondition(
                f"to load {name!r} by its bare name, start the server with --models_root=DIR; "
                'else say where it is with "base_path"'
            )
        names = self.names()
        if name not in names:
            shown = ", ".join(names[:_NAMES_SHOWN]) or "no model"
            more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
            raise NotFound(
                f"there is no model {name!r} in {self._path}, which holds {shown}{more}"
            )
        found = self._path / names[names.index(name)]
        if not found.resolve().is_relative_to(self._path.resolve()):
            raise InvalidArgument(
                f"{found} is a link that leads out of {self._path}; give the model's own "
                'directory as "base_path"'
            )
        return str(found)
