"""What takes up room in a cache, and what it gives up to make some. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from tfs_notebook.lifecycle.harness import HarnessState, VersionSnapshot
from tfs_notebook.lifecycle.servable import ServableId

__all__ = [
    "Candidate",
    "has_memory",
    "is_leaving",
    "is_left_over",
    "least_recently_used",
    "waits_for_memory",
]

_WITHOUT_MEMORY: Final = frozenset(
    {
        HarnessState.NEW,
        HarnessState.LOAD_REQUESTED,
        HarnessState.DISABLED,
        HarnessState.ERROR,
    }
)
_ON_THE_WAY_OUT: Final = frozenset(
    {
        HarnessState.UNLOAD_REQUESTED,
        HarnessState.QUIESCING,
        HarnessState.QUIESCED,
        HarnessState.UNLOADING,
    }
)


def has_memory(version: VersionSnapshot) -> bool:
    """Whether it takes up memory, or is about to."""
    return version.state not in _WITHOUT_MEMORY


def waits_for_memory(version: VersionSnapshot) -> bool:
    """Whether all it lacks is memory, or a thread to load on."""
    return version.state is HarnessState.LOAD_REQUESTED and version.needed is not None


def is_left_over(version: VersionSnapshot) -> bool:
    """Whether it serves only until its successor does."""
    return version.state is HarnessState.READY and not version.aspired


def is_leaving(version: VersionSnapshot, evicted: Collection[int]) -> bool:
    """Whether what it has in memory is on its way out.

    Args:
        version: as the manager last saw it.
        evicted: the serials of those that were evicted since.
    """
    if not has_memory(version):
        return False
    if version.serial in evicted or version.state in _ON_THE_WAY_OUT:
        return True
    return not version.aspired and not is_left_over(version)


class Candidate(NamedTuple):
    """What may be given up."""

    id: ServableId
    used: int
    """When it was last used; of two the lower is longer ago."""
    size: int
    """How much room that makes."""
    serial: int | None = None
    """Its serial in the manager, if it is there only until its successor is."""


def least_recently_used(
    candidates: Iterable[Candidate], shortfall: int
) -> tuple[Candidate, ...]:
    """Choose whom to give up: those that were not used for longest, and no more than needed.

    Returns:
        As many as make so much room; none if all together would not, because
        then giving up some would be in vain.
    """
    chosen: list[Candidate] = []
    room = 0
    for candidate in sorted(candidates, key=lambda candidate: candidate.used):
        if room >= shortfall:
            break
        chosen.append(candidate)
        room += candidate.size
    if room < shortfall:
        return ()
    # A large one that came last may make small ones before it unneeded; of
    # those the one that was used last is spared first.
    for candidate in reversed(chosen[:-1]):
        if room - candidate.size >= shortfall:
            chosen.remove(candidate)
            room -= candidate.size
    return tuple(chosen)
