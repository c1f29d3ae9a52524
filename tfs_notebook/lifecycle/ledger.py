"""What others asked of the manager, and what they may know of its work."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import chain, groupby
from typing import Generic, TypeVar

from tfs_notebook.lifecycle.harness import VersionSnapshot
from tfs_notebook.lifecycle.loader import Loader
from tfs_notebook.lifecycle.servable import ServableData

__all__ = ["AspiredList", "Ledger"]

T = TypeVar("T")

AspiredList = Sequence[ServableData[Loader[T]]]


class Ledger(Generic[T]):
    """Stands between the manager's thread and all others. Any thread may call it."""

    def __init__(self, *, accept_repetitions: bool) -> None:
        """Make a ledger.

        Args:
            accept_repetitions: hand on also a list that says what the last
                one for the name said.
        """
        self._accept_repetitions = accept_repetitions
        self._changed = threading.Condition()
        self._pending: dict[str, AspiredList[T]] = {}
        self._accepted: dict[str, tuple[tuple[int, Hashable], ...]] = {}
        self._versions: Mapping[str, tuple[VersionSnapshot, ...]] = {}
        self._closed = False

    def submit(self, name: str, versions: AspiredList[T]) -> bool:
        """Leave a list for the manager; True if it has to look at it."""
        meaning = tuple((item.id.version, _identity(item)) for item in versions)
        with self._changed:
            repeated = self._accepted.get(name, ()) == meaning
            if self._closed or (repeated and not self._accept_repetitions):
                return False
            self._accepted[name] = meaning
            if not meaning:
                del self._accepted[name]
            self._pending[name] = versions
            return True

    def close(self) -> bool:
        """Take no more lists and wake up all who wait; True the first time."""
        with self._changed:
            first = not self._closed
            self._closed = True
            self._pending.clear()
            self._changed.notify_all()
            return first

    def pending(self) -> dict[str, AspiredList[T]]:
        """The lists to look at; they stay until :meth:`record` takes them off."""
        with self._changed:
            return dict(self._pending)

    def record(
        self, adopted: Mapping[str, AspiredList[T]], versions: Iterable[VersionSnapshot]
    ) -> None:
        """The manager has adopted these lists, and this is how things are.

        Args:
            adopted: what :meth:`pending` gave.
            versions: all that is managed, ordered by id.
        """
        by_name = {name: tuple(group) for name, group in groupby(versions, lambda v: v.id.name)}
        with self._changed:
            for name, aspired in adopted.items():
                # A newer list may have come in since.
                if self._pending.get(name) is aspired:
                    del self._pending[name]
            self._versions = by_name
            self._changed.notify_all()

    def versions(self, name: str | None = None) -> tuple[VersionSnapshot, ...]:
        """What is managed, of one name or of all, as last recorded. Takes no lock."""
        if name is not None:
            return self._versions.get(name, ())
        return tuple(chain.from_iterable(self._versions.values()))

    def wait_until_settled(
        self, names: Iterable[str], timeout: float | None, *, every_version: bool
    ) -> dict[str, tuple[VersionSnapshot, ...]]:
        """See ``AspiredVersionsManager.wait_until_settled``. Blocks."""
        waiting = dict.fromkeys(names)
        settled: dict[str, tuple[VersionSnapshot, ...]] = {}

        def all_settled() -> bool:
            for name in tuple(waiting):
                if name not in self._pending and _settled(self.versions(name), every_version):
                    settled[name] = self.versions(name)
                    del waiting[name]
            return self._closed or not waiting

        with self._changed:
            self._changed.wait_for(all_settled, timeout)
        return settled


def _settled(versions: Sequence[VersionSnapshot], every_version: bool) -> bool:
    aspired = [version for version in versions if version.aspired]
    if all(version.decided for version in aspired):
        return True
    return not every_version and any(v.decided and v.error is None for v in aspired)


def _identity(item: ServableData[Loader[T]]) -> Hashable:
    return item.data.origin if item.error is None else item.error.status_text
