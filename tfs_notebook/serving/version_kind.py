"""What a version directory holds: a SavedModel, or a servable of another kind."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Final

from tfs_notebook.runtimes.function_file import FUNCTION_FILE
from tfs_notebook.runtimes.tflite import TFLITE_FILE
from tfs_notebook.serving.ensembles.description import ENSEMBLE_FILE
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["VersionKind", "kind_of"]

_SAVED_MODEL_FILES: Final = ("saved_model.pb", "saved_model.pbtxt")


class VersionKind(enum.Enum):
    """The kinds of servables; their values are what people and programs are told."""

    SAVED_MODEL = "saved_model"
    TFLITE = "tflite"
    FUNCTION = "function"
    ENSEMBLE = "ensemble"


_OWN_FILES: Final = {
    ENSEMBLE_FILE: VersionKind.ENSEMBLE,
    FUNCTION_FILE: VersionKind.FUNCTION,
}


def kind_of(path: Path, *, prefer_tflite: bool = False) -> VersionKind:
    """Which kind a version directory is to be loaded as; blocks on it.

    A ``model.tflite`` is served where that is preferred, as TF Serving does, and also
    where there is no SavedModel, which TF Serving refuses. What is not there, or is nothing
    of the kind, is left to the loader of SavedModels to say.

    Raises:
        InvalidArgument: it is two things at once.
    """
    found = [name for name in _OWN_FILES if (path / name).is_file()]
    models = [name for name in (*_SAVED_MODEL_FILES, TFLITE_FILE) if (path / name).is_file()]
    if found:
        if len(found) + len(models) > 1:
            raise InvalidArgument(
                f"{path} has {' and '.join((*found, *models))}; a version is one of these. "
                "Move the others away"
            )
        return _OWN_FILES[found[0]]
    if TFLITE_FILE in models and (prefer_tflite or models == [TFLITE_FILE]):
        return VersionKind.TFLITE
    return VersionKind.SAVED_MODEL
