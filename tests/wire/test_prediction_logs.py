"""Records of a request log, put together without parsing what is in them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfs_notebook.wire.example_requests import encode_examples_request
from tfs_notebook.wire.messages import (
    ClassificationRequest,
    PredictionLog,
    PredictRequest,
    PredictResponse,
)
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.predict import (
    encode_predict_request,
    encode_predict_response,
    parse_predict_request,
)
from tfs_notebook.wire.prediction_logs import LogKind, encode_prediction_log

ANSWERING = ModelReference("m", 3, None, "serving_default")
X = {"x": (np.array([1.0, 2.0], np.float32), 1)}


@pytest.mark.parametrize("kind", LogKind)
def test_each_kind_has_its_field(kind: LogKind) -> None:
    log = PredictionLog.FromString(
        encode_prediction_log(kind, ANSWERING, b"", ("serve",), 5, b"", b"")
    )
    field = log.WhichOneof("log_type")
    assert field is not None
    assert PredictionLog.DESCRIPTOR.fields_by_name[field].number == kind
    assert field == f"{kind.name.lower()}_log"


@given(
    st.binary(max_size=300).map(
        lambda text: encode_predict_request(
            ModelReference("m"), {"x": (np.frombuffer(text, np.uint8), 4)}, ["y"]
        )
    ),
    st.integers(0, 2**63 - 1),
    st.lists(st.text(st.characters(codec="utf-8"))),
)
def test_a_record_is_what_the_message_class_reads(
    request: bytes, seconds: int, tags: list[str]
) -> None:
    sampling = b"\x09" + np.float64(0.5).tobytes()
    response = encode_predict_response(ANSWERING, {"y": np.zeros(3, np.int64)})
    data = encode_prediction_log(
        LogKind.PREDICT, ANSWERING, sampling, tuple(tags), seconds, request, response
    )
    log = PredictionLog.FromString(data)
    assert log.predict_log.request == PredictRequest.FromString(request)
    assert log.predict_log.response == PredictResponse.FromString(response)
    metadata = log.log_metadata
    assert metadata.model_spec.name == "m"
    assert metadata.model_spec.version.value == 3
    assert metadata.sampling_config.sampling_rate == 0.5
    assert list(metadata.saved_model_tags) == tags
    assert metadata.timestamp_secs == seconds


def test_a_request_with_an_output_filter() -> None:
    call = parse_predict_request(encode_predict_request(ANSWERING, X, ["b", "ä"]))
    assert call.output_filter == ["b", "ä"]
    assert call.model == ANSWERING


def test_a_request_with_examples() -> None:
    data = encode_examples_request(ANSWERING, [b"", b"\x0a\x00"])
    request = ClassificationRequest.FromString(data)
    assert request.model_spec.version.value == 3
    assert len(request.input.example_list.examples) == 2
