"""How far two answers to the same requests agree, output by output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from tfs_notebook.client.output_comparison import agreeing_elements, compare_outputs

__all__ = ["LABEL", "Agreement", "OutputAgreement", "rows_of"]

LABEL: Final = "label"
"""The output that is the likeliest label."""

_MATRIX_RANK: Final = 2
_LABELS: Final = ("labels", "classes")
_SCORES: Final = "scores"
# The likeliest one of each row, as raw texts and images are told it.


@dataclass(slots=True)
class OutputAgreement:
    """What is known of one output.

    Attributes:
        rows: that were compared; one for an output that is not by rows.
        exact: of these, how many are the same to the last bit.
        close: how many agree within the tolerance.
        scored: how many have a score for each of several labels, or the label alone.
        same_label: in how many of these the same label has the highest score.
        largest: the largest absolute difference of numbers.
        relative: the largest one in relation to the second answer's.
    """

    rows: int = 0
    exact: int = 0
    close: int = 0
    scored: int = 0
    same_label: int = 0
    largest: float = 0.0
    relative: float = 0.0


class Agreement:
    """Compares answers, one request after the other; for one thread.

    Attributes:
        outputs: what is known of each, by name.
    """

    def __init__(self, *, rtol: float, atol: float) -> None:
        """Prepare; see :func:`~tfs_notebook.client.output_comparison.compare_outputs`."""
        self.outputs: dict[str, OutputAgreement] = {}
        self._rtol, self._atol = rtol, atol

    def add(
        self, first: Mapping[str, np.ndarray], second: Mapping[str, np.ndarray]
    ) -> tuple[np.ndarray, list[str]]:
        """Compare two answers.

        Returns:
            for each row whether all outputs agree within the tolerance (a single element
            if they are not by rows), and in what they differ.
        """
        compared = compare_outputs(first, second, rtol=self._rtol, atol=self._atol)
        rows = rows_of(first, second)
        agree = np.ones(1 if rows is None else rows, bool)
        for name, one in compared.items():
            found = self.outputs.setdefault(name, OutputAgreement())
            found.largest = max(found.largest, one.largest)
            found.relative = max(found.relative, one.relative)
            found.rows += len(agree)
            if not _alike(first.get(name), second.get(name)):
                agree[:] = False
                continue
            left, right = first[name], second[name]
            close = _by_rows(
                agreeing_elements(left, right, rtol=self._rtol, atol=self._atol), rows
            )
            exact = _by_rows(agreeing_elements(left, right, rtol=0.0, atol=0.0), rows)
            found.close += int(close.sum())
            found.exact += int(exact.sum())
            agree &= close
            if rows is not None and name == LABEL and left.dtype == object:
                found.scored += rows
                found.same_label += int(exact.sum())
            if rows is not None and _are_scores(left):
                found.scored += rows
                best = (_best(name, one) for one in (first, second))
                found.same_label += int((next(best) == next(best)).sum())
        return agree, [f"{name} {one.reason}" for name, one in compared.items() if one.reason]


def rows_of(*answers: Mapping[str, np.ndarray]) -> int | None:
    """The first dimension of all outputs of some answers; None if there is no such one."""
    sizes = {
        array.shape[0] if array.ndim else None
        for outputs in answers
        for array in outputs.values()
    }
    return sizes.pop() if len(sizes) == 1 else None


def _alike(first: np.ndarray | None, second: np.ndarray | None) -> bool:
    return (
        first is not None
        and second is not None
        and first.dtype == second.dtype
        and first.shape == second.shape
    )


def _by_rows(agrees: np.ndarray, rows: int | None) -> np.ndarray:
    if rows is None:
        return np.array([agrees.all()])
    return np.asarray(agrees.reshape(rows, -1).all(axis=1) if rows else agrees.reshape(0))


def _are_scores(array: np.ndarray) -> bool:
    is_float = array.dtype.kind == "f" or "float" in array.dtype.name
    return is_float and array.ndim == _MATRIX_RANK and array.shape[1] > 1


def _best(name: str, outputs: Mapping[str, np.ndarray]) -> np.ndarray:
    scores = outputs[name]
    best: np.ndarray = scores.argmax(axis=1)
    labels = next((outputs[one] for one in _LABELS if one in outputs), None)
    if name == _SCORES and labels is not None and labels.shape == scores.shape:
        return np.asarray(labels[np.arange(len(best)), best])
    return best
