"""The vector of a word: its own, or one made of its pieces."""

from __future__ import annotations

import math
from typing import Final, TypeAlias

import numpy as np

from tfs_notebook.pipelines.vector_table import VectorTable

__all__ = ["Rows", "WordVectors", "pieces_of"]

#: a row of the words, or rows of the pieces
Rows: TypeAlias = "int | list[int]"

# A text without spaces is one word. Its beginning is enough, and bounds the time.
_LONGEST_WORD: Final = 64


class WordVectors:
    """Looks words up; immutable, for any thread."""

    def __init__(
        self,
        words: VectorTable,
        pieces: VectorTable | None = None,
        unknown_word_length: float | None = None,
    ) -> None:
        """Make the lookup.

        Args:
            words: the vectors of known words.
            pieces: the vectors of parts of words; see :func:`pieces_of`.
            unknown_word_length: what a vector made of pieces is scaled to.
        """
        self._words = words
        self._pieces = VectorTable((), words.values[:0]) if pieces is None else pieces
        self._length = unknown_word_length

    def rows(self, word: str) -> Rows | None:
        """Return where the vector of a word comes from, None if it has none."""
        row = self._words.rows.get(word)
        if row is not None:
            return row
        pieces = self._pieces
        found = [
            row
            for piece in pieces_of(word[:_LONGEST_WORD], pieces.longest)
            if (row := pieces.rows.get(piece)) is not None
        ]
        return found or None

    def write(self, rows: Rows, place: np.ndarray) -> None:
        """Write the vector of a word to ``place``, float32 of its size.

        Args:
            rows: what :meth:`rows` gave for it.
            place: what is overwritten.
        """
        if isinstance(rows, int):
            place[:] = self._words.values[rows]
            return
        np.mean(self._pieces.values[rows], axis=0, dtype=np.float32, out=place)
        if self._length is not None:
            length = math.sqrt(float(place @ place))
            if length:
                place *= self._length / length


def pieces_of(word: str, longest: int) -> list[str]:
    """Return every part of ``<word>`` of up to ``longest`` characters, but ``<`` and ``>``.

    A piece that occurs twice is there twice.
    """
    marked = f"<{word}>"
    return [
        marked[start : start + size]
        for size in range(1, longest + 1)
        for start in range(size == 1, len(marked) - size + 1 - (size == 1))
    ]
