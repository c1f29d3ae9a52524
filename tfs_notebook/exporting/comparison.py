"""Whether what is served is what the model says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

__all__ = ["Difference", "allowed_difference", "largest_difference"]

# Of values computed in these types, whatever type they have in the end. A graph puts
# operations together that the model does one by one, so the last bits may differ.
_RELATIVE: Final = {
    "bfloat16": 5e-2,
    "float16": 1e-2,
    "float32": 1e-3,
    "complex64": 1e-3,
    "float64": 1e-6,
    "complex128": 1e-6,
}
_SHARE_OF_LARGEST: Final = 0.1
_TINY: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Difference:
    """Between what was served and what the model gave.

    Attributes:
        text: what differs, and where; empty if nothing differs by more than is allowed.
        largest: of two numbers.
    """

    text: str
    largest: float = 0.0


def allowed_difference(
    dtype: np.dtype[Any], computes_in: frozenset[str], tolerance: float | None
) -> float:
    """How much of its value an output may differ by; 0 for whole numbers and texts.

    Args:
        dtype: of the output.
        computes_in: types that the model computes in, by name.
        tolerance: what a person allows; infinite for anything, of any type.
    """
    if tolerance is not None and math.isinf(tolerance):
        return tolerance
    if dtype.name not in _RELATIVE:
        return 0.0
    if tolerance is not None:
        return tolerance
    return max(_RELATIVE[name] for name in {dtype.name, *(computes_in & _RELATIVE.keys())})


def largest_difference(
    served: Mapping[str, np.ndarray],
    expected: Mapping[str, np.ndarray],
    computes_in: frozenset[str] = frozenset(),
    tolerance: float | None = None,
) -> Difference:
    """Compare outputs by name; values that are no number are equal to one another. Pure."""
    if served.keys() != expected.keys():
        return Difference(f"the outputs are {sorted(served)} instead of {sorted(expected)}")
    largest = 0.0
    for name, right in expected.items():
        found = served[name]
        if found.shape != right.shape or found.dtype != right.dtype:
            return Difference(
                f"output {name!r} is {found.dtype} {list(found.shape)} instead of "
                f"{right.dtype} {list(right.shape)}"
            )
        allowed = allowed_difference(right.dtype, computes_in, tolerance)
        if math.isinf(allowed):
            continue
        one = _compared(name, found, right, allowed)
        if one.text:
            return one
        largest = max(largest, one.largest)
    return Difference("", largest)


def _compared(
    name: str, served: np.ndarray, expected: np.ndarray, allowed: float
) -> Difference:
    if not expected.size:
        return Difference("")
    if allowed == 0.0:
        unequal = np.asarray(served != expected)
        if not unequal.any():
            return Difference("")
        place = _place(unequal.argmax(), expected)
        return Difference(
            f"output {name!r} at {list(place)} is {served[place]!r} instead of "
            f"{expected[place]!r}; {int(unequal.sum())} of {expected.size} values differ"
        )
    return _numbers_compared(name, served, expected, allowed)


def _numbers_compared(
    name: str, served: np.ndarray, expected: np.ndarray, allowed: float
) -> Difference:
    wide = np.complex128 if expected.dtype.kind == "c" else np.float64
    found, right = served.astype(wide), expected.astype(wide)
    finite = np.isfinite(right)
    scale = float(np.abs(right[finite]).max(initial=0.0))
    limit = allowed * (_SHARE_OF_LARGEST * scale + _TINY)
    far = ~np.isclose(found, right, rtol=allowed, atol=limit, equal_nan=True)
    with np.errstate(invalid="ignore"):
        distance = np.asarray(np.abs(found - right))
    distance[found == right] = 0.0
    distance[np.isnan(found) & np.isnan(right)] = 0.0
    distance = np.where(np.isnan(distance), np.inf, distance)
    largest = float(distance.max())
    if not far.any():
        return Difference("", largest)
    place = _place(np.where(far, distance, -1.0).argmax(), expected)
    return Difference(
        f"output {name!r} at {list(place)} is {found[place]:.6g} instead of "
        f"{right[place]:.6g}, the largest difference ({distance[place]:.2g}); "
        f"{int(far.sum())} of {expected.size} values differ",
        largest,
    )


def _place(index: np.intp, array: np.ndarray) -> tuple[int, ...]:
    return tuple(int(one) for one in np.unravel_index(index, array.shape))
