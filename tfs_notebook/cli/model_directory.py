"""Where a model is, from the directory a person names."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tfs_notebook.lifecycle.version_policy import All, choose_versions, parse_version
from tfs_notebook.runtimes.tensorflow.saved_model_file import find_saved_model
from tfs_notebook.wire.errors import FailedPrecondition, NotFound

__all__ = ["ModelDirectory", "locate_model"]

_NAMELESS: Final = "model"


@dataclass(frozen=True, slots=True)
class ModelDirectory:
    """One version of a model on disk.

    Attributes:
        model_name: what a server would most likely call it.
        version: None if the directory is not named like one.
        path: the version directory.
        file: the file in it that holds the model's message.
        other_versions: those beside it, newest first, if a base path was named.
        notes: whole sentences a person should read.
    """

    model_name: str
    version: int | None
    path: Path
    file: Path
    other_versions: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


def locate_model(directory: Path) -> ModelDirectory:
    """Find the model in a version directory, or the newest one below a base path. Blocks.

    Raises:
        NotFound: no such directory, or no model in it.
        ServingError: it cannot be read; see ``find_saved_model``.
    """
    # Not resolved: the name of a link says more than that of its target.
    named = Path(os.path.abspath(directory))  # noqa: PTH100
    try:
        file = find_saved_model(named)
    except NotFound as error:
        found = _newest_version(named)
        if found is not None:
            return found
        if not named.is_dir():
            raise
        raise NotFound(
            f"{error.message}; and it has no version directories (1, 2, ...)"
        ) from None
    except FailedPrecondition as error:
        raise FailedPrecondition(
            f"{error.message}; name the one that holds saved_model.pb"
        ) from None
    version = parse_version(named.name)
    name = named.name if version is None else named.parent.name
    return ModelDirectory(name or _NAMELESS, version, named, file)


def _newest_version(base_path: Path) -> ModelDirectory | None:
    if not base_path.is_dir():
        return None
    choice = choose_versions(
        All(), (child.name for child in base_path.iterdir() if child.is_dir())
    )
    if not choice.versions:
        return None
    *older, newest = choice.versions
    path = base_path / newest.child
    return ModelDirectory(
        base_path.name or _NAMELESS,
        newest.version,
        path,
        find_saved_model(path),
        tuple(aspired.version for aspired in reversed(older)),
        choice.notes,
    )
