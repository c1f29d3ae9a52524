"""The places that the words of a text take in a tensor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from tfs_notebook.pipelines.text_description import WordRow

__all__ = ["EncodedWord", "kept", "start_of"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EncodedWord:
    """A word as it was looked up.

    Attributes:
        word: its text after normalisation.
        known: ``word`` if it has a vector or an id of its own, ``pieces`` if its vector
            is made of parts, ``no`` if it has none.
        place: its index in the text's row of the tensor, None if it is not there.
    """

    word: str
    known: Literal["word", "pieces", "no"]
    place: int | None


def kept(
    found: Sequence[T], keep: Literal["beginning", "ends", "ending"], room: int
) -> list[T]:
    """Return what has a place, of more than there are places."""
    if len(found) <= room:
        return list(found)
    if keep == "beginning":
        return list(found[:room])
    ending = room if keep == "ending" else room // 3
    return [*found[: room - ending], *found[len(found) - ending :]]


def start_of(row: WordRow, taken: int) -> int:
    """The first place that is taken, of a row where so many are."""
    return row.words - taken if row.pad == "beginning" else 0
