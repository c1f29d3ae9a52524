"""Rows to send to a model: the same for the server, its client and the bare runtime."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["rows_for"]

_HALF_PLUS_TWO = np.array([1.0, 2.0, 5.0], np.float32)


def rows_for(shape: Sequence[int] | None, rows: int) -> np.ndarray:
    """Float rows of a declared shape, whose first dimension is the batch.

    A shape of (-1, 1) is half_plus_two's, which is sent what everybody sends it.
    """
    if shape is None or tuple(shape[1:]) == (1,):
        return np.resize(_HALF_PLUS_TWO, 3 * rows)
    return np.random.default_rng(0).random((rows, *shape[1:]), np.float32)
