"""Predictions over gRPC, by TensorFlow Serving's own client."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.frontends.official import (
    Client,
    Code,
    answer_request,
    arrays,
    predict_pb2,
    predict_refused,
    predict_request,
    status_request,
    tf,
    typed,
    types_pb2,
)
from tests.models.answers import ANSWERED, read_answers
from tests.models.comparing import assert_answers
from tests.models.inputs import floats
from tests.server_process import ServerProcess


@pytest.mark.parametrize("name", ANSWERED)
def test_predict_gives_what_tensorflow_gives(client: Client, models: Path, name: str) -> None:
    for answer in read_answers(models / name):
        response = client.prediction.Predict(answer_request(name, answer), timeout=60)
        assert_answers(arrays(response), answer)
        spec = response.model_spec
        assert (spec.name, spec.signature_name) == (name, answer.signature)
        assert spec.version.value == 1


def test_an_empty_signature_is_serving_default(client: Client) -> None:
    request = predict_request("half_plus_two", {"x": floats(1, 2)})
    response = client.prediction.Predict(request, timeout=60)
    assert response.model_spec.signature_name == "serving_default"
    assert response.model_spec.WhichOneof("version_choice") == "version"
    assert list(response.outputs["y"].float_val) == [2.5, 3.0]


def test_answers_come_in_typed_lists(client: Client, models: Path) -> None:
    """Clients read ``float_val`` and its like, not only ``make_ndarray``."""
    fields = {
        "float": "float_val", "double": "double_val", "int32": "int_val", "int8": "int_val",
        "uint8": "int_val", "int64": "int64_val", "bool": "bool_val", "string": "string_val",
        "half": "half_val", "bfloat16": "half_val", "uint32": "uint32_val",
        "uint64": "uint64_val", "complex64": "scomplex_val", "complex128": "dcomplex_val",
    }  # fmt: skip
    for answer in read_answers(models / "identities"):
        if answer.signature in fields and answer.inputs["x"].shape == (2, 2):
            request = answer_request("identities", answer)
            output = client.prediction.Predict(request, timeout=60).outputs["y"]
            values = getattr(output, fields[answer.signature])
            assert len(values) == 4 * (2 if answer.signature.startswith("complex") else 1)
            assert not output.tensor_content


def test_tensor_content_flag(start_server: Callable[..., ServerProcess], models: Path) -> None:
    server = start_server(
        f"--model_base_path={models / 'identities'}",
        "--model_name=identities",
        "--enable_serialization_as_tensor_content",
    )
    with Client.of(server) as client:
        for answer in read_answers(models / "identities"):
            response = client.prediction.Predict(
                answer_request("identities", answer), timeout=60
            )
            assert_answers(arrays(response), answer)
            sent = answer.outputs["y"]
            if answer.signature != "string" and sent.size:
                assert response.outputs["y"].tensor_content == sent.tobytes()


def test_a_short_list_repeats_its_last_value(client: Client) -> None:
    sent = typed(types_pb2.DT_FLOAT, [4], float_val=[2.0, 4.0])
    got = client.predict("half_plus_two", {"x": sent})
    assert got["y"].tolist() == [3.0, 4.0, 4.0, 4.0]
    text = typed(types_pb2.DT_STRING, [3], string_val=[b"a"])
    assert (
        client.predict("texts", {"text": text}, signature="echo")["text"].tolist() == [b"a"] * 3
    )


def test_an_empty_list_is_zeros(client: Client) -> None:
    got = client.predict("half_plus_two", {"x": typed(types_pb2.DT_FLOAT, [2])})
    assert got["y"].tolist() == [2.0, 2.0]


def test_output_filter(client: Client) -> None:
    x = floats(1.0)
    all_outputs = client.predict("several", {"x": x})
    assert set(all_outputs) == {"count", "negative", "scaled"}
    got = client.predict("several", {"x": x}, outputs=("negative",))
    assert set(got) == {"negative"}
    got = client.predict("several", {"x": x}, outputs=("scaled", "count"))
    assert set(got) == {"scaled", "count"}


def test_versions_and_labels(client: Client) -> None:
    x = {"x": floats(2.0)}
    assert client.predict("half_plus_two", x, version=1)["y"].tolist() == [3.0]
    assert client.predict("half_plus_two", x, label="stable")["y"].tolist() == [3.0]
    assert predict_refused(client, "half_plus_two", x, version=3) == (
        Code.NOT_FOUND,
        "Servable not found for request: Specific(half_plus_two, 3)",
    )
    assert predict_refused(client, "half_plus_two", x, label="canary") == (
        Code.INVALID_ARGUMENT,
        "Unrecognized servable version label: canary",
    )


def test_a_response_to_a_label_names_the_version(client: Client) -> None:
    request = predict_request("half_plus_two", {"x": floats(2.0)}, label="stable")
    assert client.prediction.Predict(request, timeout=60).model_spec.version.value == 1


def test_unknown_fields_are_tolerated(client: Client) -> None:
    request = predict_request("half_plus_two", {"x": floats(1.0)}).SerializeToString()
    unknown = b"\xfa\x3f\x03abc" + b"\x98\x40\x07"
    call = client.channel.unary_unary(
        "/tensorflow.serving.PredictionService/Predict",
        response_deserializer=predict_pb2.PredictResponse.FromString,
    )
    response = call(unknown + request + unknown, timeout=60)
    assert arrays(response)["y"].tolist() == [2.5]


def test_request_options_are_tolerated(client: Client) -> None:
    request = predict_request("half_plus_two", {"x": floats(1.0)})
    request.client_id = b"me"
    request.request_options.max_cache_length = 3
    response = client.prediction.Predict(request, timeout=60)
    assert arrays(response)["y"].tolist() == [2.5]


def test_reference_model(
    start_server: Callable[..., ServerProcess], reference_models: Path
) -> None:
    server = start_server(
        "--model_name=m",
        f"--model_base_path={reference_models / 'saved_model_half_plus_two_2_versions'}",
    )
    with Client.of(server) as client:
        request = predict_request("m", {"x": floats([1.0], [2.0])})
        response = client.prediction.Predict(request)
        assert response.model_spec.version.value == 124
        statuses = client.model.GetModelStatus(status_request("m")).model_version_status
        assert [status.version for status in statuses] == [124]


def test_make_ndarray_of_every_answer_is_what_was_sent(client: Client) -> None:
    x = tf.constant([[1.0, np.nan], [np.inf, -0.0]], tf.bfloat16).numpy()
    got = client.predict("identities", {"x": x}, signature="bfloat16")["y"]
    assert got.tobytes() == x.tobytes()
