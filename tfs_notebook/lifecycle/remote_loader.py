"""Loads what is not on this machine, from a local copy."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from tfs_notebook.lifecycle.file_estimate import estimate_from_files
from tfs_notebook.lifecycle.loader import Loader
from tfs_notebook.lifecycle.local_copies import LocalCopies, LocalCopy
from tfs_notebook.wire.errors import FailedPrecondition

__all__ = ["RemoteLoader"]

T = TypeVar("T")


class RemoteLoader(Generic[T]):
    """Copies a version here, and has another loader load the copy.

    The copy is made anew by each ``load``, and removed when that fails and
    after the unload. Called as every :class:`Loader` is.
    """

    def __init__(
        self, url: str, copies: LocalCopies, make_loader: Callable[[str], Loader[T]]
    ) -> None:
        """Make one; nothing is copied yet.

        Args:
            url: where the version is.
            copies: makes the copies.
            make_loader: makes the loader of the copy, from its path.
        """
        self._url = url
        self._copies = copies
        self._make_loader = make_loader
        self._copy: LocalCopy | None = None
        self._loader: Loader[T] | None = None
        self._needed: int | None = None

    @property
    def origin(self) -> Hashable:
        """The URL; see :attr:`Loader.origin`."""
        return self._url

    @property
    def servable(self) -> T:
        """What was loaded.

        Raises:
            FailedPrecondition: if it is not loaded.
        """
        if self._loader is None:
            raise FailedPrecondition("The servable is not loaded")
        return self._loader.servable

    def estimate_resources(self) -> int | None:
        """By the size of the remote files; once it is loaded, as its loader says."""
        loaded = None if self._loader is None else self._loader.estimate_resources()
        if loaded is not None:
            return loaded
        if self._needed is None:
            self._needed = estimate_from_files(self._url, self._copies.file_system)
        return self._needed

    def load(self) -> None:
        """Copy, then load. Blocks; see :meth:`LocalCopies.fetch` for its errors."""
        copy = self._copies.fetch(self._url)
        try:
            loader = self._make_loader(str(copy.path))
            loader.load()
        except BaseException:
            copy.close()
            raise
        self._copy, self._loader = copy, loader

    def unload(self) -> None:
        """Unload, then remove the copy. Blocks."""
        loader, self._loader = self._loader, None
        copy, self._copy = self._copy, None
        try:
            if loader is not None:
                loader.unload()
        finally:
            if copy is not None:
                copy.close()
