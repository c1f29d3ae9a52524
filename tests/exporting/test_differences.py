"""A model that would be served with other answers than its own is not exported."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

import tfs_notebook
from tests.exporting.keras_models import Counting, Eager, Noisy, OneRow, keras, of_layer
from tests.exporting.served import left_in
from tests.models.inputs import strings
from tfs_notebook.exporting.comparison import largest_difference
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument

pytestmark = [pytest.mark.timeout(240), pytest.mark.filterwarnings("ignore")]

RANDOM = r"Something in it is random, or keeps a state.*math\.inf.*Nothing was exported"


@pytest.mark.parametrize("example", [None, [[1.0, 2.0], [3.0, 1.0]]])
def test_a_difference_names_the_output_and_the_place(example: Any, tmp_path: Path) -> None:
    model = of_layer(Eager())
    with pytest.raises(FailedPrecondition) as refused:
        tfs_notebook.export(model, tmp_path / "new" / "m", example=example)
    text = refused.value.message
    assert "serving_default, output 'output_0' at [" in text
    if example:
        assert "at [1, 0] is 9 instead of 6, the largest difference (3); 4 of 4 values" in text
    assert "whether it runs eagerly" in text
    assert left_in(tmp_path) == []
    assert tfs_notebook.export(model, tmp_path / "m", tolerance=2.0).version == 1


def test_a_model_that_is_right_for_one_row_only(tmp_path: Path) -> None:
    with pytest.raises(FailedPrecondition, match=r"for inputs of input_0 \[2, 2\]"):
        tfs_notebook.export(of_layer(OneRow()), tmp_path / "m", example=[[1.0, 2.0]])


@pytest.mark.parametrize("example", [None, [[1.0, 2.0]]])
@pytest.mark.parametrize(
    "layer",
    [Noisy, Counting, lambda: AlwaysDropping(0.5)],
    ids=["noisy", "counting", "dropout"],
)
def test_answers_that_change(layer: Any, example: Any, tmp_path: Path) -> None:
    with pytest.raises(FailedPrecondition, match=RANDOM):
        tfs_notebook.export(of_layer(layer()), tmp_path / "m", example=example)
    assert left_in(tmp_path) == []
    record = tfs_notebook.export(
        of_layer(layer()), tmp_path / "m", example=example, tolerance=math.inf
    )
    assert record.version == 1


class AlwaysDropping(keras.layers.Dropout):  # type: ignore[misc]
    def call(self, inputs: Any, training: bool = False) -> Any:
        return super().call(inputs, training=True)


def one(values: Any, dtype: Any = np.float32) -> dict[str, np.ndarray]:
    return {"y": np.array(values, dtype)}


@pytest.mark.parametrize(
    ("served", "expected"),
    [
        (one([1.0, 2.0]), one([1.0, 2.0])),
        (one([1.0, 1000.01]), one([1.0, 1000.0])),
        (one([np.nan, np.inf, -np.inf]), one([np.nan, np.inf, -np.inf])),
        (one([1e-9, 1.0]), one([0.0, 1.0])),
        (one([1.01], np.float16), one([1.0], np.float16)),
        (one([1.03], ml_dtypes.bfloat16), one([1.0], ml_dtypes.bfloat16)),
        (one([1 + 2j], np.complex64), one([1 + 2j], np.complex64)),
        (one([3, 4], np.int64), one([3, 4], np.int64)),
        ({"y": strings(b"a", b"\xff")}, {"y": strings(b"a", b"\xff")}),
        (one([]), one([])),
        (one(2.0), one(2.0)),
    ],
)
def test_alike(served: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert largest_difference(served, expected).text == ""


@pytest.mark.parametrize(
    ("served", "expected", "text"),
    [
        (
            one([1.0, 2.1]),
            one([1.0, 2.0]),
            r"'y' at \[1\] is 2.1 instead of 2, .*\(0.1\); 1 of 2",
        ),
        (one([np.nan]), one([1.0]), "is nan instead of 1"),
        (one([1.0]), one([np.nan]), "is 1 instead of nan"),
        (one([np.inf]), one([-np.inf]), "is inf instead of -inf"),
        (one([0.01]), one([0.0]), "0.01 instead of 0"),
        (one([1.0], np.float64), one([1.0]), "is float64 .1. instead of float32 .1."),
        (one([1.0]), one([[1.0]]), r"is float32 \[1\] instead of float32 \[1, 1\]"),
        (one([1.0001], np.float64), one([1.0], np.float64), "1.0001 instead of 1"),
        (one([3], np.int64), one([4], np.int64), "3.* instead of .*4"),
        (one([True]), one([False]), "1 instead of 0"),
        (
            {"y": strings(b"a", b"b")},
            {"y": strings(b"a", b"c")},
            r"\[1\] is b'b' instead of b'c'",
        ),
        ({"z": np.zeros(1)}, one([0.0]), r"the outputs are \['z'\] instead of \['y'\]"),
    ],
)
def test_different(
    served: dict[str, np.ndarray], expected: dict[str, np.ndarray], text: str
) -> None:
    found = largest_difference(served, expected)
    assert re.search(text, found.text), found.text


@pytest.mark.parametrize("tolerance", ["0.1", -1, math.nan])
def test_tolerances_that_are_none(tolerance: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"tolerance is how far .* or math\.inf; got"):
        tfs_notebook.export(of_layer(Eager()), tmp_path / "m", tolerance=tolerance)


def test_what_was_computed_in_half_precision() -> None:
    served, expected = one([1.005]), one([1.0])
    assert largest_difference(served, expected).text
    assert not largest_difference(served, expected, frozenset({"float16"})).text
    assert not largest_difference(one([1.5]), expected, tolerance=0.5).text
