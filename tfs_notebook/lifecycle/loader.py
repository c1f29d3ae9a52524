"""How a servable comes into memory and goes out of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, Protocol, TypeVar, cast

from tfs_notebook.wire.errors import FailedPrecondition

__all__ = ["Loader", "SimpleLoader"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Loader(Protocol[T_co]):
    """Loads and unloads one version of one servable.

    The manager calls :meth:`load` and :meth:`unload` on threads of its pools,
    where they may block as long as they need, and never two of them at once.
    After ``load`` has failed it may be called again. ``unload`` is called once
    after each ``load`` that succeeded, when nobody holds the servable any
    more and no run hangs in it. Below a cache, a loader may be loaded again after its unload.
    """

    @property
    def origin(self) -> Hashable:
        """What the servable is made from, for instance its directory.

        A managed version whose origin changes is loaded anew from the new
        one; with an equal origin the loader that is already there is kept.
        """

    @property
    def servable(self) -> T_co:
        """What was loaded; asked for after ``load`` and before ``unload``."""

    def estimate_resources(self) -> int | None:
        """An upper bound of the RAM in bytes that it takes, None if unknown.

        Asked before ``load``, and again after it, when the bound may be lower.
        """

    def load(self) -> None:
        """Load. Blocks. A call that raises leaves nothing behind."""

    def unload(self) -> None:
        """Give back what ``load`` took. Blocks."""


class SimpleLoader(Generic[T]):
    """A loader made from functions.

    The estimate is asked for once and remembered; ``post_load_estimate``
    replaces it after loading, where what loading takes is more than what the
    servable keeps.
    """

    def __init__(
        self,
        create: Callable[[], T],
        *,
        destroy: Callable[[T], None] | None = None,
        estimate: Callable[[], int | None] | None = None,
        post_load_estimate: Callable[[], int | None] | None = None,
        origin: Hashable = None,
    ) -> None:
        """Make a loader.

        Args:
            create: makes the servable; what it raises is the load's error.
            destroy: releases it; without it the reference is dropped.
            estimate: RAM in bytes, before loading.
            post_load_estimate: RAM in bytes, after loading.
            origin: see :attr:`Loader.origin`.
        """
        self._create = create
        self._destroy = destroy
        self._estimate = estimate
        self._post_load_estimate = post_load_estimate
        self._origin = origin
        self._loaded = False
        self._servable: T | None = None
        self._resources: int | None = None

    @property
    def origin(self) -> Hashable:
        """See :attr:`Loader.origin`."""
        return self._origin

    @property
    def servable(self) -> T:
        """What was loaded.

        Raises:
            FailedPrecondition: if it is not loaded.
        """
        if not self._loaded:
            raise FailedPrecondition("The servable is not loaded")
        return cast("T", self._servable)

    def estimate_resources(self) -> int | None:
        """See :meth:`Loader.estimate_resources`."""
        if self._resources is None and self._estimate is not None:
            self._resources = self._estimate()
        return self._resources

    def load(self) -> None:
        """Make the servable. Blocks as long as ``create`` does."""
        self._servable = self._create()
        self._loaded = True
        if self._post_load_estimate is not None:
            self._resources = self._post_load_estimate()

    def unload(self) -> None:
        """Release the servable. Blocks as long as ``destroy`` does."""
        servable, self._servable, self._loaded = self.servable, None, False
        # The next load takes again what a load takes.
        self._resources = None
        if self._destroy is not None:
            self._destroy(servable)
