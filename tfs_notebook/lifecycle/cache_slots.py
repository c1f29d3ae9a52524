"""What a cache could load of one name, and what it has been asked for."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Generic, TypeVar

from tfs_notebook.lifecycle.loader import Loader
from tfs_notebook.lifecycle.servable import ServableData, ServableId, ServableRequest
from tfs_notebook.lifecycle.serving_map import not_found
from tfs_notebook.wire.errors import ServingError

__all__ = ["Slot", "Title", "meaning_of"]

T = TypeVar("T")


class Slot:
    """One version that somebody has asked for."""

    __slots__ = (
        "asked",
        "error",
        "error_until",
        "failed",
        "id",
        "outlived",
        "request",
        "used",
        "waiters",
        "wanted",
    )

    def __init__(self, id_: ServableId, used: int) -> None:
        self.id = id_
        self.request = ServableRequest.for_id(id_)
        self.used = used
        """The number of its last use."""
        self.asked = False
        """To be loaded when there is a place for it."""
        self.wanted = False
        """It has a place: the manager is told to load it."""
        self.waiters = 0
        self.error: ServingError | None = None
        """How its load ended, remembered until ``error_until``."""
        self.error_until = 0.0
        self.failed: int | None = None
        """The serial, in the manager, of the load that ended so."""
        self.outlived: int | None = None
        """Of such a load, that another is to follow."""

    def fail(self, serial: int, error: ServingError, until: float) -> None:
        """Remember how a load ended."""
        self.error, self.failed, self.error_until = error, serial, until

    def try_again(self) -> None:
        """Forget how the last load ended, whatever the manager still says of it."""
        self.error, self.outlived = None, self.failed


class Title(Generic[T]):
    """One name: which versions of it there are, and the slots of those asked for.

    Not for several threads at once; the cache has a lock around it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.known: dict[int, ServableData[Loader[T]]] = {}
        self.slots: dict[int, Slot] = {}
        self.follows = False
        """Its latest version was asked for: a later one is loaded when it comes."""
        self.pinned = False
        self.told: tuple[tuple[int, Hashable], ...] = ()
        """What the manager has been told."""

    def learn(self, versions: Iterable[ServableData[Loader[T]]], used: int) -> list[Slot]:
        """Take a new list of versions, and ask for those that need no request.

        Returns:
            The slots of versions that are gone.
        """
        before, self.known = self.known, {}
        for item in versions:
            self.known.setdefault(item.id.version, item)
        fresh = {v for v, item in self.known.items() if _is_new(item, before.get(v))}
        gone = [self.slots.pop(v) for v in tuple(self.slots) if v not in self.known]
        # A place that has become free goes to the successor: without it, there
        # would be nobody to serve until it is ready.
        inherits = any(slot.wanted for slot in gone)
        for version in self._needs_no_request():
            if inherits or version in fresh:
                slot = self.slot(version, used)
                slot.try_again()
                slot.asked = True
                slot.wanted = slot.wanted or inherits or self.pinned
        return gone

    def pin(self, used: int) -> None:
        """Ask for all versions, and for later ones when they come."""
        self.pinned = True
        for version in self.known:
            slot = self.slot(version, used)
            slot.asked = slot.wanted = True

    def _needs_no_request(self) -> Iterable[int]:
        if self.pinned:
            return tuple(self.known)
        latest = self.latest()
        return (latest,) if self.follows and latest is not None else ()

    def slot(self, version: int, used: int) -> Slot:
        """The slot of a known version, a new one if need be."""
        slot = self.slots.get(version)
        if slot is None:
            slot = self.slots[version] = Slot(ServableId(self.name, version), used)
        return slot

    def wanted(self) -> Iterator[Slot]:
        """The slots with a place."""
        return (slot for slot in self.slots.values() if slot.wanted)

    def latest(self) -> int | None:
        """The highest version that the source has no error for."""
        return max((v for v, item in self.known.items() if item.error is None), default=None)

    def aspired(self) -> list[ServableData[Loader[T]]]:
        """What the manager is to be told."""
        return [self.known[version] for version in sorted(s.id.version for s in self.wanted())]

    def resolve(self, request: ServableRequest, now: float) -> int:
        """The version that a request means.

        The latest and the earliest pass over versions that cannot be loaded,
        as look-ups in a manager do, where those are not available.

        Raises:
            NotFound: if it is not known.
            ServingError: how its load ended, if that was a moment ago.
        """
        if isinstance(request.version, int):
            candidates = [request.version] if request.version in self.known else []
        else:
            candidates = sorted(self.known, reverse=request.version == "latest")
        errors = []
        for version in candidates:
            error = self._error(version, now)
            if error is None:
                return version
            errors.append(error)
        raise errors[0] if errors else not_found(request)

    def _error(self, version: int, now: float) -> ServingError | None:
        slot = self.slots.get(version)
        if slot is not None and slot.error is not None and slot.error_until > now:
            return slot.error
        return self.known[version].error


def meaning_of(items: Iterable[ServableData[Loader[T]]]) -> tuple[tuple[int, Hashable], ...]:
    """What makes one list differ from another: versions, and where they come from."""
    return tuple(
        (item.id.version, item.error.status_text if item.error else item.data.origin)
        for item in items
    )


def _is_new(item: ServableData[Loader[T]], before: ServableData[Loader[T]] | None) -> bool:
    if before is None or item.error is not None or before.error is not None:
        return before is None
    return item.data.origin != before.data.origin
