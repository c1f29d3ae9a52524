"""The map that requests are looked up in; readers take no lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from tfs_notebook.lifecycle.servable import (
    ServableHandle,
    ServableId,
    ServableRequest,
    ServedEntry,
)
from tfs_notebook.wire.errors import NotFound

__all__ = ["ServingMap", "not_found"]

T = TypeVar("T")


def not_found(request: ServableRequest) -> NotFound:
    """The error of a look-up that finds nothing; TensorFlow Serving's text."""
    return NotFound(f"Servable not found for request: {request}")


class ServingMap(Generic[T]):
    """From request to servable, by one dictionary read.

    The dictionary is never changed, only replaced as a whole: a reader works
    on the one it got. Any thread may read; one thread, the manager's, writes.
    """

    __slots__ = ("_entries", "_ids")

    def __init__(self) -> None:
        self._entries: Mapping[tuple[str, int | str], ServedEntry[T]] = {}
        self._ids: tuple[ServableId, ...] = ()

    def acquire(self, request: ServableRequest) -> ServableHandle[T]:
        """Take hold of what is asked for. Does not block.

        Raises:
            NotFound: if nothing that fits the request is being served.
        """
        while True:
            entry = self._entries.get(request)
            if entry is None:
                raise not_found(request)
            entry.holders.append(None)
            if not entry.retired:
                return ServableHandle(entry)
            # Retired between the two reads. A map without it was published
            # before that, so each turn of the loop needs another unload.
            entry.drop()

    def acquire_all(self) -> dict[ServableId, ServableHandle[T]]:
        """Take hold of everything that is served. Does not block."""
        handles = {}
        for id_ in self._ids:
            try:
                handles[id_] = self.acquire(ServableRequest.for_id(id_))
            except NotFound:
                continue
        return handles

    def is_held(self, id_: ServableId, *, watch: bool = False) -> bool:
        """Whether somebody holds it now; see :meth:`ServedEntry.is_held`."""
        entry = self._entries.get((id_.name, id_.version))
        return entry is not None and entry.is_held(watch=watch)

    @property
    def ids(self) -> tuple[ServableId, ...]:
        """What is being served, in order of name and version."""
        return self._ids

    def publish(self, entries: Iterable[ServedEntry[T]]) -> None:
        """Serve these and nothing else.

        An entry that is left out is to be retired *after* this call.

        Args:
            entries: in order of name and version; of two entries with one id
                the later is served.
        """
        entries_by_key: dict[tuple[str, int | str], ServedEntry[T]] = {}
        ids: dict[ServableId, None] = {}
        for entry in entries:
            name, version = entry.id.name, entry.id.version
            entries_by_key[name, version] = entry
            entries_by_key[name, "latest"] = entry
            first = entries_by_key.setdefault((name, "earliest"), entry)
            if first.id == entry.id:
                entries_by_key[name, "earliest"] = entry
            ids[entry.id] = None
        self._entries = entries_by_key
        self._ids = tuple(ids)
