"""Compare what came out with what TensorFlow gave."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tests.models.answers import Answer


def assert_equal_arrays(got: np.ndarray, expected: np.ndarray, tolerance: float = 0.0) -> None:
    """Assert equal types, shapes and elements; NaN equals NaN, and bits count if exact."""
    assert got.dtype == expected.dtype
    assert got.shape == expected.shape
    if tolerance and expected.dtype.kind == "f":
        np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)
    elif expected.dtype.hasobject:
        assert got.tolist() == expected.tolist()
    else:
        assert np.ascontiguousarray(got).tobytes() == expected.tobytes()


def assert_answers(got: Mapping[str, np.ndarray], answer: Answer) -> None:
    """Assert that these are the outputs of a recorded run."""
    assert got.keys() == answer.outputs.keys()
    for alias, expected in answer.outputs.items():
        assert_equal_arrays(got[alias], expected, answer.tolerance)
