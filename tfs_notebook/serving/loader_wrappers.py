"""Loaders around loaders: what is done beside the loading itself."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from dataclasses import replace

from tfs_notebook.lifecycle import Loader
from tfs_notebook.runtimes.model import Model
from tfs_notebook.serving.model_batching import ModelBatching
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.serving.warmup.version_warmup import VersionWarmUp

__all__ = [
    "BatchedLoader",
    "LoaderAround",
    "MarkedLoader",
    "OriginLoader",
    "ValidatedLoader",
    "WarmedLoader",
]


class LoaderAround:
    """Does what another loader does."""

    def __init__(self, loader: Loader[ServedModel]) -> None:
        self._loader = loader

    @property
    def origin(self) -> Hashable:
        """See ``Loader``."""
        return self._loader.origin

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


class OriginLoader(LoaderAround):
    """Says that it loads from elsewhere, so that a version is loaded once more."""

    def __init__(self, loader: Loader[ServedModel], origin: Hashable) -> None:
        """Wrap a loader.

        Args:
            loader: does the work.
            origin: see ``Loader.origin``.
        """
        super().__init__(loader)
        self._origin = origin

    @property
    def origin(self) -> Hashable:
        """See ``Loader``."""
        return self._origin


class MarkedLoader(LoaderAround):
    """Loads within a context, which hears how that ends."""

    def __init__(
        self, loader: Loader[ServedModel], marked: Callable[[], AbstractContextManager[None]]
    ) -> None:
        """Wrap a loader.

        Args:
            loader: does the work.
            marked: makes the context of each attempt.
        """
        super().__init__(loader)
        self._marked = marked

    def load(self) -> None:
        """See ``Loader``."""
        with self._marked():
            self._loader.load()


class ValidatedLoader(LoaderAround):
    """Loads what has been tried; what that fails with is the load's error."""

    def __init__(self, loader: Loader[ServedModel], validate: Callable[[], None]) -> None:
        """Wrap a loader.

        Args:
            loader: does the work.
            validate: tries what is to be loaded; blocks, and raises why it is not to be.
        """
        super().__init__(loader)
        self._validate = validate

    def load(self) -> None:
        """See ``Loader``."""
        self._validate()
        self._loader.load()


class BatchedLoader(LoaderAround):
    """Loads a model whose requests are put together."""

    def __init__(
        self, loader: Loader[ServedModel], batching: Callable[[Model], ModelBatching | None]
    ) -> None:
        """Wrap a loader.

        Args:
            loader: does the work.
            batching: says how the requests are put together, if they are.
        """
        super().__init__(loader)
        self._batching = batching
        self._served: ServedModel | None = None

    @property
    def servable(self) -> ServedModel:
        """See ``Loader``."""
        return self._loader.servable if self._served is None else self._served

    def load(self) -> None:
        """See ``Loader``."""
        self._loader.load()
        served = self._loader.servable
        if served.ensemble is not None:
            # Its members have batches.
            self._served = served
            return
        try:
            self._served = replace(served, batching=self._batching(served.model))
        except BaseException:
            self._loader.unload()
            raise

    def unload(self) -> None:
        """See ``Loader``."""
        self._served = None
        self._loader.unload()


class WarmedLoader(LoaderAround):
    """Loads a model and warms it up; what keeps that from being done is the load's error."""

    def __init__(
        self,
        loader: Loader[ServedModel],
        warm_up: Callable[[ServedModel], VersionWarmUp],
        check: Callable[[], None],
    ) -> None:
        """Wrap a loader.

        Args:
            loader: does the work.
            warm_up: of what was loaded.
            check: raises if the version cannot be loaded, because an earlier warm-up hangs.
        """
        super().__init__(loader)
        self._warm_up = warm_up
        self._check = check
        self._warming: VersionWarmUp | None = None

    def load(self) -> None:
        """See ``Loader``."""
        self._check()
        self._loader.load()
        try:
            self._warming = self._warm_up(self._loader.servable)
            self._warming.run()
        except BaseException:
            self.unload()
            raise

    def unload(self) -> None:
        """See ``Loader``."""
        warming, self._warming = self._warming, None
        if warming is None:
            self._loader.unload()
        else:
            warming.free(self._loader.unload)
