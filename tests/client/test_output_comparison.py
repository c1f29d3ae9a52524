"""Two answers to one request."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

from tfs_notebook.client.output_comparison import Comparison, compare_outputs, outputs_of
from tfs_notebook.wire.errors import Internal
from tfs_notebook.wire.messages import MultiInferenceResponse

INF, NAN = float("inf"), float("nan")


def compared(first: object, second: object, dtype: object = np.float32) -> Comparison:
    arrays = (np.array(one, dtype) for one in (first, second))  # type: ignore[call-overload]
    left, right = ({"y": array} for array in arrays)
    return compare_outputs(left, right, rtol=1e-3, atol=1e-3)["y"]


@pytest.mark.parametrize(
    ("first", "second", "dtype"),
    [
        ([1.0, NAN, INF, -INF], [1.0005, NAN, INF, -INF], np.float32),
        ([], [], np.float32),
        (1.0, 1.0, np.float64),
        ([1 + 1j], [1.0005 + 1j], np.complex64),
        ([1.0], [1.0], ml_dtypes.bfloat16),
        ([1, 2], [1, 2], np.int64),
        ([True], [True], np.bool_),
        ([b"a"], [b"a"], object),
    ],
)
def test_answers_that_agree(first: object, second: object, dtype: object) -> None:
    assert compared(first, second, dtype).reason == ""


@pytest.mark.parametrize(
    ("first", "second", "dtype", "reason"),
    [
        ([1.0, 2.0, 3.0], [1.0, 2.5, 4.0], np.float32, "is 2.0, and 2.5 at [1], and 1 more"),
        (1.0, 2.0, np.float32, "is 1.0, and 2.0"),
        ([NAN], [1.0], np.float32, "is nan, and 1.0 at [0]"),
        ([INF], [-INF], np.float32, "is inf, and -inf at [0]"),
        ([1.0], [2.0], ml_dtypes.bfloat16, "is 1, and 2 at [0]"),
        ([2**62], [2**62 + 1], np.int64, f"is {2**62}, and {2**62 + 1} at [0]"),
        ([True], [False], np.bool_, "is True, and False at [0]"),
        ([[b"a", b"b"]], [[b"a", b"c"]], object, "is 'b', and 'c' at [0, 1]"),
        ([b"\xff"], [b"a"], object, r"is b'\xff', and 'a' at [0]"),
        ([1.0], [1.0, 2.0], np.float32, "has shape [1], and [2]"),
    ],
)
def test_answers_that_differ(first: object, second: object, dtype: object, reason: str) -> None:
    assert compared(first, second, dtype).reason == reason


def test_how_far_they_are_apart() -> None:
    found = compared([1.0, NAN, 4.0], [2.0, 0.0, 5.0])
    assert (found.largest, found.relative) == (1.0, 0.5)
    assert compared([7], [4], np.uint8).largest == 3.0


def test_outputs_of_other_names_and_types() -> None:
    first = {"a": np.zeros(1, np.float32), "b": np.zeros(1, np.float32)}
    second = {"b": np.zeros(1, np.int32), "c": np.zeros(1, np.float32)}
    found = compare_outputs(first, second, rtol=0, atol=0)
    assert {name: one.reason for name, one in found.items()} == {
        "a": "is in the first answer only",
        "b": "is float32, and int32",
        "c": "is in the second answer only",
    }


def test_every_task_of_a_multi_inference() -> None:
    response = MultiInferenceResponse()
    one = response.results.add()
    one.model_spec.signature_name = "s"
    one.regression_result.regressions.add(value=2.0)
    two = response.results.add()
    two.model_spec.signature_name = "c"
    two.classification_result.classifications.add().classes.add(label="l", score=0.5)
    found = outputs_of("MultiInference", response.SerializeToString())
    assert {name: array.tolist() for name, array in found.items()} == {
        "s/value": [2.0],
        "c/classes_an_example": [1],
        "c/classes": ["l"],
        "c/scores": [0.5],
    }


def test_answers_that_are_none() -> None:
    for method in ("Predict", "Classify", "Regress", "MultiInference"):
        with pytest.raises(Internal):
            outputs_of(method, b"\xff")
