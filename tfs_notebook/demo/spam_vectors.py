"""Vectors of words and of their pieces, trained by gensim's FastText on messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from tfs_notebook.pipelines.vector_table import VectorTable
from tfs_notebook.pipelines.word_vectors import pieces_of

__all__ = ["LENGTH", "VALUES", "train_vectors"]

VALUES: Final = 200
#: of every vector; of about this length the network learns quickly
LENGTH: Final = 5.0

_LONGEST_PIECE: Final = 3
# FastText keeps pieces by a hash; with this many places few share one.
_HASH_PLACES: Final = 50_000
# A direction that hardly varies is noise, and is not blown up to full size.
_SMALLEST_VARIANCE: Final = 1e-3


def train_vectors(
    sentences: Sequence[Sequence[str]], *, epochs: int, seed: int
) -> tuple[VectorTable, VectorTable]:
    """Return the table of words and the table of pieces.

    The same sentences give the same tables. A word's vector, and the mean of the
    vectors of a word's pieces, are whitened: few messages make vectors that all
    point one way, and differ little beside; so the common part is taken away
    and every direction is given the same weight.

    Args:
        sentences: the words of each message.
        epochs: how often each is seen.
        seed: of the random start.
    """
    from gensim.models import FastText  # noqa: PLC0415 - for training only
    from gensim.models.fasttext_inner import ft_hash_bytes  # noqa: PLC0415

    model = FastText(
        sentences=sentences,
        vector_size=VALUES,
        window=10,
        min_count=1,
        sg=1,
        min_n=1,
        max_n=_LONGEST_PIECE,
        bucket=_HASH_PLACES,
        epochs=epochs,
        seed=seed,
        workers=1,
    )
    words: list[str] = model.wv.index_to_key
    pieces = sorted({piece for word in words for piece in pieces_of(word, _LONGEST_PIECE)})
    places = [ft_hash_bytes(piece.encode()) % _HASH_PLACES for piece in pieces]
    counts = Counter(word for sentence in sentences for word in sentence)
    mean, whitening = _whitening(
        model.wv.vectors, np.sqrt(np.array([counts[word] for word in words]))
    )
    return (
        VectorTable(words, _scaled((model.wv.vectors - mean) @ whitening)),
        VectorTable(
            pieces, ((model.wv.vectors_ngrams[places] - mean) @ whitening).astype(np.float16)
        ),
    )


def _whitening(vectors: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean = np.average(vectors, axis=0, weights=weights)
    centred = vectors - mean
    covariance = (centred * weights[:, None]).T @ centred / weights.sum()
    variances, directions = np.linalg.eigh(covariance)
    floor = _SMALLEST_VARIANCE * variances.max()
    return mean, directions / np.sqrt(variances + floor)


def _scaled(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: np.ndarray = (vectors * (LENGTH / lengths)).astype(np.float16)
    return scaled
