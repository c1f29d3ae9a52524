"""Vectors trained on messages, as tables that a pipeline reads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfs_notebook.demo.spam_vectors import LENGTH, VALUES, train_vectors
from tfs_notebook.pipelines.word_vectors import WordVectors, pieces_of

SENTENCES = [["free", "prize", "now"], ["加", "微信", "领", "福利"], ["see", "you", "now"]] * 5


def test_the_same_sentences_give_the_same_vectors() -> None:
    first, second = (train_vectors(SENTENCES, epochs=2, seed=1) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert one.rows == other.rows
        assert np.array_equal(one.values, other.values)


def test_every_word_has_a_vector_of_one_length() -> None:
    words, pieces = train_vectors(SENTENCES, epochs=2, seed=1)
    assert set(words.rows) == {word for sentence in SENTENCES for word in sentence}
    assert words.values.shape == (9, VALUES)
    assert words.values.dtype == pieces.values.dtype == np.float16
    lengths = np.linalg.norm(words.values.astype(np.float32), axis=1)
    assert lengths == pytest.approx(LENGTH, rel=1e-2)
    assert np.isfinite(pieces.values).all()


def test_a_word_made_of_pieces_is_like_the_word_itself() -> None:
    words, pieces = train_vectors(SENTENCES, epochs=20, seed=1)
    lookup = WordVectors(words, pieces, LENGTH)
    made = np.empty(VALUES, np.float32)
    rows = lookup.rows("prizes")
    assert isinstance(rows, list)
    lookup.write(rows, made)
    similar = words.values.astype(np.float32) @ made
    assert list(words.rows)[int(similar.argmax())] == "prize"


@given(word=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_pieces_are_those_of_fasttext(word: str) -> None:
    from gensim.models.fasttext_inner import compute_ngrams_bytes

    theirs = [piece.decode() for piece in compute_ngrams_bytes(word, 1, 3)]
    assert sorted(pieces_of(word, 3)) == sorted(theirs)
