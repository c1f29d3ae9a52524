"""What has been unloaded and is still in memory, because runs hang in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from tfs_notebook.lifecycle.harness import Harness
from tfs_notebook.lifecycle.loader import Loader
from tfs_notebook.lifecycle.servable import ServableId, ServedEntry
from tfs_notebook.wire.errors import DeadlineExceeded, FailedPrecondition

__all__ = ["Stranded", "StrandedServables", "still_in_memory"]

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Stranded(Generic[T]):
    """A servable that nobody can ask for, and that cannot be freed yet.

    Attributes:
        id: what it was served as.
        loader: unloads it when that can be done.
        entry: says when.
        reserved: RAM in bytes that it still takes.
    """

    id: ServableId
    loader: Loader[T]
    entry: ServedEntry[T]
    reserved: int


class StrandedServables(Generic[T]):
    """All of a manager. Only the manager's thread calls it."""

    def __init__(self) -> None:
        self._all: list[Stranded[T]] = []

    def take(self, harness: Harness[T]) -> Stranded[T] | None:
        """Take the servable of a loader that is to be unloaded, if runs hang in it.

        It is drained, so what lingers is all that ever will: see ``ServedEntry``.
        """
        entry, loader = harness.entry, harness.loader
        if entry is None or loader is None or not entry.lingering:
            return None
        stranded = Stranded(harness.id, loader, entry, harness.reserved)
        self._all.append(stranded)
        return stranded

    def remove(self, stranded: Stranded[T]) -> None:
        """It has been freed."""
        self._all.remove(stranded)

    def refusal(self, harness: Harness[T]) -> FailedPrecondition | None:
        """Why this is not to be loaded: its loader is the one that has yet to unload."""
        if all(stranded.loader is not harness.loader for stranded in self._all):
            return None
        return FailedPrecondition(
            f"Servable {harness.id} is still in memory, because a run hangs in it. It can be "
            "loaded again when that comes back; restart the server to have it at once"
        )

    @property
    def reserved(self) -> int:
        """RAM in bytes that they take, all together."""
        return sum(stranded.reserved for stranded in self._all)

    @property
    def ids(self) -> tuple[ServableId, ...]:
        """Which they are."""
        return tuple(stranded.id for stranded in self._all)


def still_in_memory(id_: ServableId, runs: int) -> DeadlineExceeded:
    """The error that the end of a stranded servable comes with."""
    number = "a run that was" if runs == 1 else f"{runs} runs that were"
    return DeadlineExceeded(
        f"Servable {id_} is unloaded, but its memory is still held by {number} written off. It "
        "is freed when that ends; restart the server to have it back at once"
    )
