"""What a cache gives up to make room. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tfs_notebook.lifecycle.servable import ServableId

__all__ = ["Candidate", "least_recently_used"]


class Candidate(NamedTuple):
    """What may be given up."""

    id: ServableId
    used: int
    """When it was last used; of two the lower is longer ago."""
    size: int
    """How much room that makes."""


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
