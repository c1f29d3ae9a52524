"""Scikit-learn's pictures of handwritten digits: 1,797 of 8 × 8 pixels, bright on black."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

__all__ = ["LABELS", "SIDE", "Digits", "load_digits"]

SIDE: Final = 8
LABELS: Final = tuple("0123456789")

_BRIGHTEST: Final = 16
_TEST: Final = 5


@dataclass(frozen=True, slots=True)
class Digits:
    """Pictures and what they show.

    Attributes:
        images: uint8 of shape ``[pictures, 8, 8]``.
        classes: the digits.
    """

    images: np.ndarray
    classes: np.ndarray


def load_digits() -> tuple[Digits, Digits]:
    """Return the pictures for training, and every fifth, which are for test."""
    from sklearn import datasets  # noqa: PLC0415 - a second, for training only

    found = datasets.load_digits()
    images = np.rint(found.images * (255 / _BRIGHTEST)).astype(np.uint8)
    is_test = np.arange(len(images)) % _TEST == 0
    return (
        Digits(images[~is_test], found.target[~is_test]),
        Digits(images[is_test], found.target[is_test]),
    )
