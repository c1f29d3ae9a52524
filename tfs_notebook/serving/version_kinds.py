"""What a version directory holds: a SavedModel, or a servable of another kind."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Final

from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import ServableId, estimate_from_files
from tfs_notebook.pipelines.loading import load_pipeline
from tfs_notebook.runtimes.function_file import FUNCTION_FILE, load_named_function
from tfs_notebook.runtimes.model import Model
from tfs_notebook.runtimes.tflite import (
    TFLITE_FILE,
    estimate_tflite_model,
    load_tflite_model,
)
from tfs_notebook.serving.ensembles.description import ENSEMBLE_FILE
from tfs_notebook.serving.ensembles.ensembles import Ensembles
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["VersionKind", "VersionKinds", "kind_of"]

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


class VersionKinds:
    """Loads what is no SavedModel. Any thread may call it.

    Args:
        config: the flags.
        ensembles: load ensembles of what is served; None where there are none.
    """

    def __init__(self, config: ServerConfig, ensembles: Ensembles | None) -> None:
        self._prefers_tflite = config.prefer_tflite_model
        pools = config.num_tflite_pools, config.num_tflite_interpreters_per_pool
        self._interpreters = max(1, pools[0]) * max(1, pools[1])
        self._modules = frozenset(
            name
            for part in config.allowed_function_modules.split(",")
            if (name := part.strip())
        )
        self._ensembles = ensembles

    def load(self, id_: ServableId, path: Path) -> ServedModel | None:
        """Load a version directory; None if it is a SavedModel. Blocks.

        Raises:
            ServingError: why it cannot be loaded.
        """
        kind = self.kind(path)
        if kind is VersionKind.SAVED_MODEL:
            return None
        pipeline = load_pipeline(path)
        model: Model
        if kind is VersionKind.ENSEMBLE:
            assert self._ensembles is not None  # noqa: S101 - for the types
            served = self._ensembles.load(id_, path)
        else:
            if kind is VersionKind.TFLITE:
                model = load_tflite_model(path, self._interpreters)
            else:
                model = load_named_function(path, self._modules)
            served = ServedModel(model, kind=kind.value)
        try:
            if pipeline is not None:
                pipeline.check(served.model.signatures)
        except BaseException:
            served.close()
            raise
        return served.with_pipeline(pipeline)

    def estimate(self, path: str) -> int:
        """The RAM in bytes that a version takes. Blocks.

        Raises:
            ServingError: as ``estimate_from_files``.
        """
        if self.kind(Path(path)) is VersionKind.TFLITE:
            return estimate_tflite_model(path, self._interpreters)
        return estimate_from_files(path)

    def kind(self, path: Path) -> VersionKind:
        """As :func:`kind_of`, with what the flags prefer."""
        return kind_of(path, prefer_tflite=self._prefers_tflite)
