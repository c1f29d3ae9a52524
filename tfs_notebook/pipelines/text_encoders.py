"""Words, their numbers or whole texts as the tensor that a model takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import numpy as np

from tfs_notebook.pipelines.text_description import IdForm, StringForm, TextRules, VectorForm
from tfs_notebook.pipelines.text_words import TextWords, normalized
from tfs_notebook.pipelines.word_row import EncodedWord, kept, start_of
from tfs_notebook.pipelines.word_vectors import Rows, WordVectors
from tfs_notebook.wire.dtypes import DataType

__all__ = ["Encoded", "IdEncoder", "StringEncoder", "TextEncoder", "VectorEncoder"]

Encoded = tuple[np.ndarray, list[list[EncodedWord]]]
"""The tensor, and the words of each text, if it is made of words."""


class TextEncoder(Protocol):
    """Makes the tensor; immutable, for any thread."""

    @property
    def dtype(self) -> DataType:
        """Of the tensor."""

    @property
    def shape(self) -> tuple[int | None, ...]:
        """Of the tensor; None for the texts."""

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Return the tensor of any texts."""


class VectorEncoder:
    """A vector for each word; see :class:`TextEncoder`."""

    dtype = DataType.FLOAT

    def __init__(self, form: VectorForm, words: TextWords, vectors: WordVectors) -> None:
        self._row = form.row
        self._words = words
        self._vectors = vectors
        self.shape = (None, form.row.words, form.values)

    def encode(self, texts: Sequence[str]) -> Encoded:
        """See :class:`TextEncoder`."""
        tensor = np.zeros((len(texts), *self.shape[1:]), np.float32)
        words = [self._fill(row, text) for row, text in zip(tensor, texts, strict=True)]
        return tensor, words

    def _fill(self, tensor: np.ndarray, text: str) -> list[EncodedWord]:
        words = self._words.cut(text)
        found = [self._vectors.rows(word) for word in words]
        known = [(index, rows) for index, rows in enumerate(found) if rows is not None]
        known = kept(known, self._row.keep, self._row.words)
        places: dict[int, int] = {}
        for place, (index, rows) in enumerate(known, start_of(self._row, len(known))):
            self._vectors.write(rows, tensor[place])
            places[index] = place
        return [
            EncodedWord(word, _how_known(rows), places.get(index))
            for index, (word, rows) in enumerate(zip(words, found, strict=True))
        ]


def _how_known(rows: Rows | None) -> Literal["word", "pieces", "no"]:
    if rows is None:
        return "no"
    return "word" if isinstance(rows, int) else "pieces"


class IdEncoder:
    """A number for each word; see :class:`TextEncoder`."""

    def __init__(self, form: IdForm, words: TextWords, ids: Mapping[str, int]) -> None:
        self._form = form
        self._words = words
        self._ids = ids
        self._before = [] if form.begin is None else [form.begin]
        self._after = [] if form.end is None else [form.end]
        self._room = form.row.words - len(self._before) - len(self._after)
        self._type = np.dtype(form.type)
        self.dtype = DataType.INT32 if form.type == "int32" else DataType.INT64
        self.shape = (None, form.row.words)

    def encode(self, texts: Sequence[str]) -> Encoded:
        """See :class:`TextEncoder`."""
        tensor = np.full((len(texts), *self.shape[1:]), self._form.padding, self._type)
        words = [self._fill(row, text) for row, text in zip(tensor, texts, strict=True)]
        return tensor, words

    def _fill(self, tensor: np.ndarray, text: str) -> list[EncodedWord]:
        words = self._words.cut(text)
        found = [self._ids.get(word, self._form.unknown) for word in words]
        numbered = [(index, id_) for index, id_ in enumerate(found) if id_ is not None]
        numbered = kept(numbered, self._form.row.keep, self._room)
        row = [*self._before, *(id_ for _, id_ in numbered), *self._after]
        start = start_of(self._form.row, len(row))
        tensor[start : start + len(row)] = row
        places = {
            index: place for place, (index, _) in enumerate(numbered, start + len(self._before))
        }
        return [
            EncodedWord(word, "word" if word in self._ids else "no", places.get(index))
            for index, word in enumerate(words)
        ]


class StringEncoder:
    """The texts themselves; see :class:`TextEncoder`."""

    dtype = DataType.STRING

    def __init__(self, form: StringForm, rules: TextRules) -> None:
        self._is_raw = form.text == "raw"
        self._rules = rules
        self.shape: tuple[int | None, ...] = (None,) if form.shape == "[texts]" else (None, 1)

    def encode(self, texts: Sequence[str]) -> Encoded:
        """See :class:`TextEncoder`; half a surrogate pair becomes a question mark."""
        tensor = np.empty(len(texts), object)
        tensor[:] = [self._text(text).encode("utf-8", "replace") for text in texts]
        return tensor.reshape(len(texts), *self.shape[1:]), [[] for _ in texts]

    def _text(self, text: str) -> str:
        if self._is_raw:
            return text[: self._rules.maximum_characters]
        return normalized(text, self._rules)
