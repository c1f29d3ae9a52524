"""Results of Classify, Regress and MultiInference as protobuf reads them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.models.inputs import floats, strings
from tfs_notebook.wire.inference_results import (
    Classifications,
    Regressions,
    encode_inference_response,
    encode_multi_inference_response,
)
from tfs_notebook.wire.messages import (
    ClassificationResponse,
    ClassificationResult,
    MultiInferenceResponse,
    RegressionResponse,
    RegressionResult,
)
from tfs_notebook.wire.model_spec import ModelReference, model_spec_of

MODEL = ModelReference("m", 7, None, "s")
FLOATS = st.floats(width=32)
LABELS = st.text(max_size=200).map(str.encode)


@st.composite
def classifications(draw: st.DrawFn) -> Classifications:
    examples, classes = draw(st.integers(1, 4)), draw(st.integers(0, 4))
    size, shape = examples * classes, (examples, classes)
    has = draw(st.sampled_from([(True, True), (True, False), (False, True)]))
    labels = draw(st.lists(LABELS, min_size=size, max_size=size))
    scores = draw(st.lists(FLOATS, min_size=size, max_size=size))
    return Classifications(
        strings(*labels).reshape(shape) if has[0] else None,
        np.array(scores, np.float32).reshape(shape) if has[1] else None,
    )


def check_classifications(got: ClassificationResult, sent: Classifications) -> None:
    examples, classes = sent.shape
    assert len(got.classifications) == examples
    for row, one in enumerate(got.classifications):
        assert len(one.classes) == classes
        for column, each in enumerate(one.classes):
            label = b"" if sent.labels is None else sent.labels[row, column]
            score = np.float32(0 if sent.scores is None else sent.scores[row, column])
            assert each.label.encode() == label
            assert np.float32(each.score).tobytes() == score.tobytes() or np.isnan(score)


def check_regressions(got: RegressionResult, sent: Regressions) -> None:
    values = np.array([one.value for one in got.regressions], np.float32)
    np.testing.assert_array_equal(values, sent.values)
    assert (np.signbit(values) == np.signbit(sent.values))[~np.isnan(values)].all()


@given(classifications())
def test_classifications(sent: Classifications) -> None:
    response = ClassificationResponse.FromString(encode_inference_response(MODEL, sent))
    assert response.model_spec == model_spec_of(MODEL)
    check_classifications(response.result, sent)


@given(st.lists(FLOATS))
def test_regressions(values: list[float]) -> None:
    sent = Regressions(np.array(values, np.float32))
    response = RegressionResponse.FromString(encode_inference_response(MODEL, sent))
    assert response.model_spec == model_spec_of(MODEL)
    check_regressions(response.result, sent)


@given(st.lists(st.one_of(classifications(), st.lists(FLOATS, min_size=1)), max_size=4))
def test_multi_inferences(drawn: list[Classifications | list[float]]) -> None:
    results = [
        one if isinstance(one, Classifications) else Regressions(np.array(one, np.float32))
        for one in drawn
    ]
    models = [ModelReference("m", number, None, "s") for number, _ in enumerate(results)]
    data = encode_multi_inference_response(zip(models, results, strict=True))
    response = MultiInferenceResponse.FromString(data)
    assert [one.model_spec for one in response.results] == list(map(model_spec_of, models))
    for got, sent in zip(response.results, results, strict=True):
        if isinstance(sent, Classifications):
            assert got.WhichOneof("result") == "classification_result"
            check_classifications(got.classification_result, sent)
        else:
            assert got.WhichOneof("result") == "regression_result"
            check_regressions(got.regression_result, sent)


def test_zero_scores_are_present() -> None:
    sent = Classifications(None, floats([0.0, 0.0], [1.0, 0.0]))
    response = ClassificationResponse.FromString(encode_inference_response(MODEL, sent))
    scores = [[each.score for each in one.classes] for one in response.result.classifications]
    assert scores == [[0.0, 0.0], [1.0, 0.0]]


def test_labels_that_no_client_could_read() -> None:
    sent = Classifications(strings(b"\xffok").reshape(1, 1), None)
    response = ClassificationResponse.FromString(encode_inference_response(MODEL, sent))
    assert response.result.classifications[0].classes[0].label == "\ufffdok"


def test_columns_of_a_larger_array() -> None:
    scores = np.arange(12, dtype=np.float32).reshape(3, 4)[:, ::2]
    response = ClassificationResponse.FromString(
        encode_inference_response(MODEL, Classifications(None, scores))
    )
    check_classifications(response.result, Classifications(None, scores))
