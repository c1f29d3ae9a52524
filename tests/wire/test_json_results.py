"""The JSON of results, as TensorFlow Serving prints it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models.inputs import floats, strings
from tests.wire.test_inference_results import classifications
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.inference_results import Classifications, InferenceResult, Regressions
from tfs_notebook.wire.json_results import encode_results


def text(result: InferenceResult) -> str:
    return encode_results(result).body.decode()


def test_the_text_of_classifications() -> None:
    labels = strings(b"yes", b"no", "größe".encode(), b"").reshape(2, 2)
    both = Classifications(labels, floats([0.5, 1.0], [0.0, -2.25]))
    assert text(both) == (
        '{\n    "results": [[["yes", 0.5], ["no", 1.0]], [["größe", 0.0], ["", -2.25]]\n'
        "    ]\n}"
    )


def test_labels_or_scores_alone() -> None:
    labels = Classifications(strings(b"a").reshape(1, 1), None)
    assert json.loads(text(labels)) == {"results": [[["a", 0.0]]]}
    scores = Classifications(None, floats([3.0, 4.0]))
    assert json.loads(text(scores)) == {"results": [[["", 3.0], ["", 4.0]]]}


def test_no_classes() -> None:
    nothing = Classifications(None, np.empty((2, 0), np.float32))
    assert json.loads(text(nothing)) == {"results": [[], []]}


def test_the_text_of_regressions() -> None:
    assert text(Regressions(floats(2.5, 3.0, 1e30))) == (
        '{\n    "results": [2.5, 3.0, 1e+30]\n}'
    )


def test_numbers_that_are_not_finite() -> None:
    values = floats(np.nan, np.inf, -np.inf, 1.0)
    assert text(Regressions(values)) == ('{\n    "results": [NaN, Infinity, -Infinity, 1.0]\n}')
    scores = text(Classifications(None, values.reshape(1, 4)))
    assert scores.startswith(
        '{\n    "results": [[["", NaN], ["", Infinity], ["", -Infinity], ["", 1.0]]'
    )


def test_labels_that_are_no_text() -> None:
    answer = encode_results(Classifications(strings(b"\xff").reshape(1, 1), None))
    assert answer.has_replaced_text
    assert json.loads(answer.body) == {"results": [[["\ufffd", 0.0]]]}


def test_no_examples() -> None:
    with pytest.raises(InvalidArgument) as caught:
        encode_results(Classifications(None, np.empty((0, 3), np.float32)))
    assert caught.value.message == "Cannot convert empty ClassificationResults to JSON"
    with pytest.raises(InvalidArgument) as caught:
        encode_results(Regressions(floats()))
    assert caught.value.message == "Cannot convert empty RegressionResults to JSON"


def test_many() -> None:
    values = np.arange(50_000, dtype=np.float32) / 8
    assert json.loads(text(Regressions(values)))["results"] == values.tolist()
    pairs = json.loads(text(Classifications(None, values.reshape(-1, 10))))["results"]
    assert [[score for _, score in row] for row in pairs] == values.reshape(-1, 10).tolist()


@given(classifications())
def test_every_label_and_score_comes_back(sent: Classifications) -> None:
    rows = json.loads(text(sent))["results"]
    assert (len(rows), len(rows[0])) == sent.shape
    for row, pairs in enumerate(rows):
        for column, (label, score) in enumerate(pairs):
            if sent.labels is not None:
                assert label.encode() == sent.labels[row, column]
            if sent.scores is not None:
                np.testing.assert_array_equal(np.float32(score), sent.scores[row, column])


@given(st.lists(st.floats(width=32), min_size=1))
def test_every_value_comes_back(values: list[float]) -> None:
    got = json.loads(text(Regressions(np.array(values, np.float32))))["results"]
    np.testing.assert_array_equal(np.array(got, np.float32), np.array(values, np.float32))
