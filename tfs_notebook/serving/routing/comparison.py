"""Two answers to the same request: whether they are the same, and how far apart if not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tfs_notebook.batching.task import Outputs
from tfs_notebook.wire.errors import Code, ServingError

__all__ = ["Answer", "Comparison", "compare"]

# Truth values, objects (which strings are), and NumPy's own strings. What is none of the
# kinds of NumPy, bfloat16 say, has numbers.
_WITHOUT_DISTANCE: Final = "bOSU"
_WHOLE: Final = "iu"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request.

    Attributes:
        seconds: that it took.
        outputs: arrays by alias; None if it failed.
        error: why it failed; None if it did not.
    """

    seconds: float
    outputs: Outputs | None = None
    error: Exception | None = None

    @property
    def code(self) -> Code:
        """Of its error."""
        return self.error.code if isinstance(self.error, ServingError) else Code.INTERNAL


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two answers compare.

    Attributes:
        difference: the first thing in which they differ; None if they are the same.
        apart: the largest absolute difference of each output with numbers, where both are
            numbers; NaN counts for nothing.
    """

    difference: str | None
    apart: Mapping[str, float] = field(default_factory=dict)


def compare(true: Answer, copy: Answer, rtol: float, atol: float) -> Comparison:
    """Compare the answer to a copy with the true one.

    Two errors are the same if their codes are. Numbers with a point are the same within
    ``atol + rtol * |true|``, and NaN is the same as NaN; whole numbers, strings and truth
    values have to be equal, and so have names, types and shapes.
    """
    if true.error is not None or copy.error is not None:
        return Comparison(_errors_differ(true, copy))
    mine, other = true.outputs or {}, copy.outputs or {}
    if mine.keys() != other.keys():
        return Comparison(f"outputs {sorted(mine)}, and not {sorted(other)}")
    differences: list[str] = []
    apart: dict[str, float] = {}
    for alias, array in mine.items():
        difference, distance = _compare_arrays(alias, array, other[alias], rtol, atol)
        if difference is not None:
            differences.append(difference)
        if distance is not None:
            apart[alias] = distance
    return Comparison(differences[0] if differences else None, apart)


def _errors_differ(true: Answer, copy: Answer) -> str | None:
    if true.error is None:
        return f"failed with {copy.code.name}: {_text(copy.error)}"
    if copy.error is None:
        return f"answered, where the true answer was {true.code.name}: {_text(true.error)}"
    if true.code is copy.code:
        return None
    return f"failed with {copy.code.name}, and not {true.code.name}: {_text(copy.error)}"


def _text(error: Exception | None) -> str:
    return error.message if isinstance(error, ServingError) else str(error)


def _compare_arrays(
    alias: str, true: np.ndarray, copy: np.ndarray, rtol: float, atol: float
) -> tuple[str | None, float | None]:
    if true.dtype != copy.dtype:
        return f"{alias} is {copy.dtype}, and not {true.dtype}", None
    if true.shape != copy.shape:
        return f"{alias} has the shape {list(copy.shape)}, and not {list(true.shape)}", None
    if not true.size:
        return None, None
    if true.dtype.kind in _WITHOUT_DISTANCE:
        return _said(alias, np.asarray(true != copy), None), None
    wide = np.complex128 if true.dtype.kind == "c" else np.float64
    with np.errstate(all="ignore"):
        mine, other = true.astype(wide), copy.astype(wide)
        distance = np.abs(mine - other)
        same = np.asarray(true == copy)
        if true.dtype.kind not in _WHOLE:
            # Infinities that are equal have no distance; NaN is not equal to itself.
            same |= np.isnan(mine) & np.isnan(other)
            same |= np.isfinite(mine) & (distance <= atol + rtol * np.abs(mine))
    known = distance[np.isfinite(distance)]
    most = float(known.max()) if known.size else 0.0
    return _said(alias, ~same, most), most


def _said(alias: str, wrong: np.ndarray, most: float | None) -> str | None:
    number = int(np.count_nonzero(wrong))
    if not number:
        return None
    apart = "" if most is None else f", by {most:.4g} at most"
    return f"{number} of {wrong.size} values of {alias} differ{apart}"
