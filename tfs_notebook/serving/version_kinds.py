"""How versions are loaded that are no SavedModels."""

from __future__ import annotations

from pathlib import Path

from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import ServableId, estimate_from_files
from tfs_notebook.pipelines.loading import load_pipeline
from tfs_notebook.runtimes.model import Model
from tfs_notebook.runtimes.named_function import load_named_function
from tfs_notebook.runtimes.tflite import (
    estimate_tflite_model,
    load_tflite_model,
)
from tfs_notebook.serving.ensembles.ensembles import Ensembles
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.serving.version_kind import VersionKind, kind_of

__all__ = ["VersionKinds"]


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
