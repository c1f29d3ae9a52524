"""Models of kinds that other packages plug in, made to serve as ours do."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any, Final

from tfs_notebook.lifecycle import Loader
from tfs_notebook.pipelines.loading import load_pipeline
from tfs_notebook.runtimes.model import Model
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.wire.errors import FailedPrecondition

__all__ = ["PlatformLoader"]

_PARTS_OF_A_MODEL: Final = ("signatures", "signature_defs", "run")


class PlatformLoader:
    """Loads what a plug-in's loader does, and checks that the doors can serve it."""

    def __init__(self, platform: str, path: str, loader: Loader[Any]) -> None:
        """Wrap a loader.

        Args:
            platform: for errors.
            path: the version's directory on this machine.
            loader: the plug-in's; what it gives has to be a ``runtimes.model.Model``.
        """
        self._platform = platform
        self._path = path
        self._loader = loader
        self._served: ServedModel | None = None

    @property
    def origin(self) -> Hashable:
        """See ``Loader``."""
        return (self._platform, self._loader.origin)

    @property
    def servable(self) -> ServedModel:
        """See ``Loader``."""
        if self._served is None:
            raise FailedPrecondition(f"{self._path} is not loaded")
        return self._served

    def estimate_resources(self) -> int | None:
        """See ``Loader``."""
        return self._loader.estimate_resources()

    def load(self) -> None:
        """See ``Loader``.

        Raises:
            FailedPrecondition: the plug-in gave something that is no model.
            ServingError: its pipeline is not valid, or not for this model.
        """
        pipeline = load_pipeline(Path(self._path))
        self._loader.load()
        try:
            model = self._checked(self._loader.servable)
            if pipeline is not None:
                pipeline.check(model.signatures)
        except BaseException:
            self._loader.unload()
            raise
        self._served = ServedModel(model, pipeline, kind=self._platform)

    def _checked(self, model: Any) -> Model:  # noqa: ANN401 - that is the question
        lacking = [part for part in _PARTS_OF_A_MODEL if not hasattr(model, part)]
        if lacking:
            raise FailedPrecondition(
                f"The platform {self._platform!r} gave a {type(model).__name__} for "
                f"{self._path}; a model needs {', '.join(_PARTS_OF_A_MODEL)}, and it has no "
                f"{', '.join(lacking)}"
            )
        checked: Model = model
        return checked

    def unload(self) -> None:
        """See ``Loader``; the plug-in's loader frees the model."""
        self._served = None
        self._loader.unload()
