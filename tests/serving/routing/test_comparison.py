"""Answers that are compared: numbers within a tolerance, all else exactly."""

from __future__ import annotations

import re
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tfs_notebook.serving.routing.comparison import Answer, Comparison, compare
from tfs_notebook.wire.errors import InvalidArgument, NotFound


def compared(true: Any, copy: Any, rtol: float = 1e-5, atol: float = 1e-6) -> Comparison:
    return compare(
        Answer(0.1, {"y": np.asarray(true)}), Answer(0.1, {"y": np.asarray(copy)}), rtol, atol
    )


def strings(*texts: bytes) -> np.ndarray:
    return np.array(texts, object)


@pytest.mark.parametrize(
    ("true", "copy"),
    [
        ([1.0, 2.0], [1.0, 2.00001]),
        ([np.nan, np.inf, -np.inf], [np.nan, np.inf, -np.inf]),
        ([1, 2], [1, 2]),
        ([True], [True]),
        (strings(b"a", b""), strings(b"a", b"")),
        (np.array([1.5], ml_dtypes.bfloat16), np.array([1.5], ml_dtypes.bfloat16)),
        ([1 + 2j], [1 + 2j]),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (3.0, 3.0),
    ],
)
def test_what_is_the_same(true: Any, copy: Any) -> None:
    assert compared(true, copy).difference is None


@pytest.mark.parametrize(
    ("true", "copy", "text"),
    [
        ([1.0, 2.0], [1.0, 2.5], "1 of 2 values of y differ, by 0.5 at most"),
        ([1.0], [np.nan], "1 of 1 values of y differ"),
        ([np.inf], [1.0], "1 of 1 values of y differ"),
        ([np.inf], [-np.inf], "1 of 1 values of y differ"),
        # Numbers of classes are near each other, and not the same.
        ([10**9], [10**9 + 1], "1 of 1 values of y differ, by 1 at most"),
        ([True], [False], "1 of 1 values of y differ"),
        (strings(b"spam"), strings(b"ham"), "1 of 1 values of y differ"),
        ([1.0], np.ones(1, np.float32), "y is float32, and not float64"),
        ([1.0], [[1.0]], r"y has the shape \[1, 1\], and not \[1\]"),
        (
            np.array([1.5], ml_dtypes.bfloat16),
            np.array([2.5], ml_dtypes.bfloat16),
            "1 of 1 values of y differ, by 1 at most",
        ),
    ],
)
def test_what_differs(true: Any, copy: Any, text: str) -> None:
    difference = compared(true, copy).difference
    assert difference is not None
    assert re.search(text, difference), difference


def test_the_tolerance_and_the_distance() -> None:
    assert compared([100.0], [101.0], rtol=0.02).difference is None
    assert compared([100.0], [101.0], rtol=0, atol=1.0).difference is None
    assert compared([100.0], [101.0]).apart == {"y": 1.0}


def test_names_of_outputs() -> None:
    one, other = Answer(0, {"a": np.zeros(1)}), Answer(0, {"b": np.zeros(1)})
    assert compare(one, other, 0, 0).difference == "outputs ['a'], and not ['b']"


def test_errors() -> None:
    good, bad = Answer(0, {"y": np.zeros(1)}), Answer(0, error=InvalidArgument("wrong"))
    worse = Answer(0, error=NotFound("nothing"))
    assert compare(bad, bad, 0, 0).difference is None
    assert compare(good, bad, 0, 0).difference == "failed with INVALID_ARGUMENT: wrong"
    assert compare(bad, good, 0, 0).difference == (
        "answered, where the true answer was INVALID_ARGUMENT: wrong"
    )
    assert compare(bad, worse, 0, 0).difference == (
        "failed with NOT_FOUND, and not INVALID_ARGUMENT: nothing"
    )


@given(arrays.arrays(np.float32, arrays.array_shapes(max_dims=3, max_side=3)))
def test_every_array_is_the_same_as_itself(array: np.ndarray) -> None:
    assert compared(array, array.copy(), 0, 0).difference is None


@given(
    arrays.arrays(np.float64, 3, elements=st.floats(-1e6, 1e6)),
    arrays.arrays(np.float64, 3, elements=st.floats(-1e6, 1e6)),
    st.floats(0, 1),
    st.floats(0, 10),
)
def test_it_is_numpys_own_measure(
    true: np.ndarray, copy: np.ndarray, rtol: float, atol: float
) -> None:
    same = bool(np.all(np.isclose(copy, true, rtol, atol)))
    assert (compared(true, copy, rtol, atol).difference is None) == same
