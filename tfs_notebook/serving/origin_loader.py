"""A loader that says it comes from elsewhere, so that a version is loaded once more."""

from __future__ import annotations

from collections.abc import Hashable

from tfs_notebook.lifecycle import Loader
from tfs_notebook.serving.served_model import ServedModel

__all__ = ["OriginLoader"]


class OriginLoader:
    """Does what another loader does, under an origin of its own."""

    def __init__(self, loader: Loader[ServedModel], origin: Hashable) -> None:
        """Wrap a loader.

        Args:
            loader: does the work.
            origin: see ``Loader.origin``.
        """
        self._loader = loader
        self._origin = origin

    @property
    def origin(self) -> Hashable:
        """See ``Loader``."""
        return self._origin

    @property
    def servable(self) -> ServedModel:
        """See ``Loader``."""
        return self._loader.servable

    def estimate_resources(self) -> int | None:
        """See ``Loader``."""
        return self._loader.estimate_resources()

    def load(self) -> None:
        """See ``Loader``."""
        self._loader.load()

    def unload(self) -> None:
        """See ``Loader``."""
        self._loader.unload()
