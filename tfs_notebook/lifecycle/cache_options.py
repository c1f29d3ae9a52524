"""How a cache works, and the records it gives."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Generic, TypeVar

from tfs_notebook.lifecycle.servable import ServableHandle, ServableId
from tfs_notebook.wire.errors import DeadlineExceeded, ServingError

__all__ = ["CacheOptions", "CachedServable", "LoadWait"]

T = TypeVar("T")


@dataclass(frozen=True)
class CacheOptions:
    """How a cache works. How much memory it has is an option of its manager."""

    max_models: int | None = None
    """How many versions may be loaded at once; None: as many as fit in memory."""
    load_timeout: float = 60.0
    """Seconds that a request waits for its model, unless it says otherwise."""
    remember_failures: float = 10.0
    """Seconds in which requests get the error of a load that has failed for good,
    instead of another load."""
    pinned: Collection[str] = ()
    """Names that are loaded as soon as they are known, and never evicted."""


@dataclass(frozen=True)
class CachedServable:
    """What the cache knows of one version."""

    id: ServableId
    loaded: bool
    pinned: bool
    waiting: int
    """Requests that wait for it."""
    error: ServingError | None
    """Why it cannot be loaded, as far as that is known and not too long ago."""


@dataclass(frozen=True)
class LoadWait(Generic[T]):
    """A place in the queue for a servable. While it is held, that is not evicted.

    For one thread at a time; nothing here blocks.
    """

    handle: Callable[[], ServableHandle[T] | None]
    """Gives a handle once it is loaded, else None; asks for the load. To be called
    at once and after each notice. Raises what ``CachingManager.handle`` does."""
    too_late: Callable[[float], DeadlineExceeded]
    """Makes the error of a wait that took so many seconds; says what it waited for."""
