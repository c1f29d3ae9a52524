"""The gRPC door, asked by TensorFlow Serving's own client."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.frontends.official import (
    Client,
    answer_request,
    arrays,
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    predict_pb2,
    predict_request,
    regression_pb2,
    tensor_pb2,
    tf,
    types_pb2,
)
from tests.models.answers import ANSWERED, read_answers
from tests.models.comparing import assert_answers
from tests.models.inputs import floats, strings
from tests.polling import poll_until
from tests.server_process import ServerProcess

Code = grpc.StatusCode


@pytest.fixture(scope="module")
def client(server: ServerProcess) -> Iterator[Client]:
    with Client.of(server) as client:
        yield client


def refused(call: Callable[[], Any]) -> tuple[Any, str]:
    """The status and the text of a call that fails."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    error: Any = caught.value
    return error.code(), error.details()


def predict_refused(client: Client, *arguments: Any, **options: Any) -> tuple[Any, str]:
    return refused(lambda: client.predict(*arguments, **options))


# -- Predict ---------------------------------------------------------------------


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


def typed(dtype: int, shape: list[int], **values: Any) -> Any:
    message = tensor_pb2.TensorProto(dtype=dtype, **values)
    for size in shape:
        message.tensor_shape.dim.add(size=size)
    return message


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


def test_output_filter_errors(client: Client) -> None:
    x = {"x": floats(1.0)}
    text = (
        "output tensor alias not found in signature: nothing Outputs expected to be in the "
        "set {count,negative,scaled}."
    )
    refusal = predict_refused(client, "several", x, outputs=("nothing",))
    assert refusal == (Code.INVALID_ARGUMENT, text)
    assert predict_refused(client, "several", x, outputs=("count", "count")) == (
        Code.INVALID_ARGUMENT,
        "duplicate output tensor alias: count",
    )


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


def test_unknown_model(client: Client) -> None:
    assert predict_refused(client, "nobody", {"x": floats(1.0)}) == (
        Code.NOT_FOUND,
        "Servable not found for request: Latest(nobody)",
    )


def test_requests_without_a_model(client: Client) -> None:
    empty = predict_pb2.PredictRequest()
    assert refused(lambda: client.prediction.Predict(empty)) == (
        Code.INVALID_ARGUMENT,
        "Missing ModelSpec",
    )
    assert predict_refused(client, "", {"x": floats(1.0)}) == (
        Code.INVALID_ARGUMENT,
        "ModelSpec has no name specified.",
    )


def test_unknown_signature(client: Client) -> None:
    assert predict_refused(
        client, "half_plus_two", {"x": floats(1.0)}, signature="no_such"
    ) == (Code.FAILED_PRECONDITION, 'Serving signature key "no_such" not found.')


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        (
            {},
            """input size does not match signature: 0!=1 len({}) != len({x}). Sent extra: {}. \
Missing but required: {x}.""",
        ),
        (
            {"x": 1.0, "z": 1.0},
            """input size does not match signature: 2!=1 len({x,z}) != len({x}). \
Sent extra: {z}. Missing but required: {}.""",
        ),
        (
            {"z": 1.0},
            """Signature input alias: x(feed name: x:0) not found in request and no default \
value provided. Inputs expected to be in the set {x}.""",
        ),
    ],
)
def test_wrong_names(client: Client, inputs: dict[str, float], text: str) -> None:
    sent = {alias: floats(value) for alias, value in inputs.items()}
    code, details = predict_refused(client, "half_plus_two", sent)
    assert code == Code.INVALID_ARGUMENT
    assert details == text


def test_names_of_a_signature_with_defaults(client: Client) -> None:
    x = floats(1.0)
    code, details = predict_refused(client, "defaults", {"scale": np.float32(1.0)})
    assert code == Code.INVALID_ARGUMENT
    assert details.startswith("Signature input alias: x(feed name: ")
    code, details = predict_refused(client, "defaults", {"x": x, "wrong": x})
    assert code == Code.INVALID_ARGUMENT
    assert details.startswith("Inputs contains invalid name. Used request inputs: {x}")


def test_wrong_types(client: Client) -> None:
    for wrong, name in ((np.array([1.0]), "double"), (strings(b"1"), "string")):
        code, details = predict_refused(client, "half_plus_two", {"x": wrong})
        assert code == Code.INVALID_ARGUMENT
        assert details.startswith(f"Expects arg[0] to be float but {name} is provided")


def test_wrong_shapes_are_the_runtimes_error(client: Client) -> None:
    code, details = predict_refused(
        client,
        "several",
        {"a": np.zeros((1, 2), np.float32), "b": np.zeros((3, 1), np.float32)},
        signature="product",
    )
    assert code == Code.INVALID_ARGUMENT
    assert "Matrix size-incompatible" in details


@pytest.mark.parametrize(
    "wrong",
    [
        typed(types_pb2.DT_FLOAT, [2], tensor_content=b"\0" * 7),
        typed(types_pb2.DT_FLOAT, [-2], float_val=[1.0]),
        typed(types_pb2.DT_FLOAT, [2**40, 2**40], float_val=[1.0]),
        typed(types_pb2.DT_RESOURCE, [1]),
        typed(types_pb2.DT_INVALID, [1], float_val=[1.0]),
        typed(77, [1], float_val=[1.0]),
    ],
    ids=["content too short", "negative", "gigantic", "resource", "no type", "unknown type"],
)
def test_tensors_that_cannot_be_decoded(client: Client, wrong: Any) -> None:
    code, details = predict_refused(client, "half_plus_two", {"x": wrong})
    assert code == Code.INVALID_ARGUMENT
    assert details.startswith("tensor parsing error: x")


def test_long_error_texts_are_cut(client: Client) -> None:
    code, details = predict_refused(client, "n" * 5000, {})
    assert code == Code.NOT_FOUND
    assert details.startswith("Servable not found for request: Latest(nnn")
    assert details.endswith("...TRUNCATED")
    assert len(details) == 1024 + len("...TRUNCATED")


def test_error_texts_may_hold_anything(client: Client) -> None:
    name = "Größe 模型 \n\t%s%25"
    code, details = predict_refused(client, name, {})
    assert code == Code.NOT_FOUND
    assert details == f"Servable not found for request: Latest({name})"


def test_a_request_that_is_no_message(client: Client) -> None:
    for method in (
        "PredictionService/Predict",
        "PredictionService/GetModelMetadata",
        "ModelService/GetModelStatus",
    ):
        call = client.channel.unary_unary(f"/tensorflow.serving.{method}")
        for noise in (b"\xff" * 20, b"\x0a\xff\xff\xff\x0f", b"\x12\x05abc"):
            code, _ = refused(lambda call=call, noise=noise: call(noise, timeout=10))  # type: ignore[misc]
            assert code in (Code.INTERNAL, Code.INVALID_ARGUMENT)


def test_unknown_fields_are_tolerated(client: Client) -> None:
    request = predict_request("half_plus_two", {"x": floats(1.0)}).SerializeToString()
    unknown = b"\xfa\x3f\x03abc" + b"\x98\x40\x07"
    call = client.channel.unary_unary(
        "/tensorflow.serving.PredictionService/Predict",
        response_deserializer=predict_pb2.PredictResponse.FromString,
    )
    response = call(unknown + request + unknown, timeout=10)
    assert arrays(response)["y"].tolist() == [2.5]


def test_request_options_are_tolerated(client: Client) -> None:
    request = predict_request("half_plus_two", {"x": floats(1.0)})
    request.client_id = b"me"
    request.request_options.max_cache_length = 3
    response = client.prediction.Predict(request, timeout=10)
    assert arrays(response)["y"].tolist() == [2.5]


def test_unknown_methods(client: Client) -> None:
    for method in (
        "PredictionService/Nothing",
        "NoService/Predict",
        "SessionService/SessionRun",
    ):
        call = client.channel.unary_unary(f"/tensorflow.serving.{method}")
        code, _ = refused(lambda call=call: call(b"", timeout=10))  # type: ignore[misc]
        assert code == Code.UNIMPLEMENTED


@pytest.mark.parametrize(
    ("stub", "method", "request_class"),
    [
        ("prediction", "Classify", classification_pb2.ClassificationRequest),
        ("prediction", "Regress", regression_pb2.RegressionRequest),
        ("prediction", "MultiInference", inference_pb2.MultiInferenceRequest),
    ],
)
def test_what_is_not_in_this_release_says_so(
    client: Client, stub: str, method: str, request_class: Any
) -> None:
    code, details = refused(
        lambda: getattr(getattr(client, stub), method)(request_class(), timeout=10)
    )
    assert code == Code.UNIMPLEMENTED
    assert method in details


# -- metadata and status ---------------------------------------------------------


def metadata_request(name: str | None, *fields: str, version: int | None = None) -> Any:
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=fields)
    if name is not None:
        request.model_spec.name = name
    if version is not None:
        request.model_spec.version.value = version
    return request


def test_metadata(client: Client, models: Path) -> None:
    response = client.prediction.GetModelMetadata(metadata_request("several", "signature_def"))
    assert response.model_spec.name == "several"
    assert response.model_spec.version.value == 1
    assert list(response.metadata) == ["signature_def"]
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(signatures)
    from tensorflow.core.protobuf import saved_model_pb2

    saved = saved_model_pb2.SavedModel.FromString(
        (models / "several" / "1" / "saved_model.pb").read_bytes()
    )
    expected = saved.meta_graphs[0].signature_def
    assert dict(signatures.signature_def) == dict(expected)


@pytest.mark.parametrize(
    ("request_message", "expected"),
    [
        (
            metadata_request("several"),
            (
                Code.INVALID_ARGUMENT,
                "GetModelMetadataRequest must specify at least one metadata_field",
            ),
        ),
        (
            metadata_request("several", "signature_def", "weights"),
            (Code.INVALID_ARGUMENT, "Metadata field weights is not supported"),
        ),
        (
            metadata_request(None, "signature_def"),
            (Code.INVALID_ARGUMENT, "Missing ModelSpec"),
        ),
        (
            metadata_request("nobody", "signature_def"),
            (Code.NOT_FOUND, "Servable not found for request: Latest(nobody)"),
        ),
        (
            metadata_request("several", "signature_def", version=9),
            (Code.NOT_FOUND, "Servable not found for request: Specific(several, 9)"),
        ),
    ],
)
def test_metadata_errors(
    client: Client, request_message: Any, expected: tuple[Any, str]
) -> None:
    assert refused(lambda: client.prediction.GetModelMetadata(request_message)) == expected


def status_request(name: str | None, version: int | None = None, label: str = "") -> Any:
    request = get_model_status_pb2.GetModelStatusRequest()
    if name is not None:
        request.model_spec.name = name
    if version is not None:
        request.model_spec.version.value = version
    if label:
        request.model_spec.version_label = label
    return request


def test_status(client: Client) -> None:
    for version in (None, 1):
        response = client.model.GetModelStatus(status_request("half_plus_two", version))
        [status] = response.model_version_status
        assert status.version == 1
        assert status.state == get_model_status_pb2.ModelVersionStatus.AVAILABLE
        assert status.status.error_code == 0
        assert status.status.error_message == ""


def test_status_by_label(client: Client) -> None:
    response = client.model.GetModelStatus(status_request("half_plus_two", label="stable"))
    assert [status.version for status in response.model_version_status] == [1]


@pytest.mark.parametrize(
    ("request_message", "expected"),
    [
        (status_request(None), (Code.INVALID_ARGUMENT, "Missing ModelSpec")),
        (
            status_request("nobody"),
            (Code.NOT_FOUND, "Could not find any versions of model nobody"),
        ),
        (
            status_request("half_plus_two", 7),
            (Code.NOT_FOUND, "Could not find version 7 of model half_plus_two"),
        ),
    ],
)
def test_status_errors(client: Client, request_message: Any, expected: tuple[Any, str]) -> None:
    assert refused(lambda: client.model.GetModelStatus(request_message)) == expected


# -- the transport ---------------------------------------------------------------


def test_health(client: Client) -> None:
    health = health_pb2_grpc.HealthStub(client.channel)
    for service in ("", "ModelService", "PredictionService"):
        response = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=10)
        assert response.status == health_pb2.HealthCheckResponse.SERVING
    code, _ = refused(
        lambda: health.Check(health_pb2.HealthCheckRequest(service="nothing"), timeout=10)
    )
    assert code == Code.NOT_FOUND


def test_health_follows_the_models(
    start_server: Callable[..., ServerProcess], tmp_path: Path, half_plus_two: Path
) -> None:
    base = tmp_path / "later"
    server = start_server(f"--model_base_path={base}", "--model_name=later")
    with grpc.insecure_channel(server.grpc_address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        watched = iter(health.Watch(health_pb2.HealthCheckRequest(), timeout=60))
        assert next(watched).status == health_pb2.HealthCheckResponse.NOT_SERVING
        base.mkdir()
        (base / "1").symlink_to(half_plus_two)
        assert next(watched).status == health_pb2.HealthCheckResponse.SERVING


def test_messages_of_200_mb_pass_both_ways(client: Client) -> None:
    content = np.arange(50_000_000, dtype=np.float32).tobytes()
    sent = typed(types_pb2.DT_FLOAT, [50_000_000], tensor_content=content)
    request = predict_request("identities", {"x": sent}, signature="float")
    call = client.channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
    response = call(request.SerializeToString(), timeout=60)
    # The list is packed, so the numbers lie in the answer as they lay in the request.
    assert content in response


def test_large_answers(client: Client) -> None:
    got = client.predict("large_outputs", {"count": np.int32(3_000_000)})["values"]
    assert np.array_equal(got, np.arange(3_000_000, dtype=np.float32))
    got = client.predict("large_outputs", {"count": np.int32(300_000)}, signature="text")[
        "values"
    ]
    assert got.tolist() == [b"%d" % number for number in range(300_000)]


def test_a_deadline_is_answered_while_the_run_goes_on(client: Client) -> None:
    request = predict_request("slow", {"seconds": floats(3.0)})
    started = time.monotonic()
    code, _ = refused(lambda: client.prediction.Predict(request, timeout=0.2))
    assert code == Code.DEADLINE_EXCEEDED
    assert time.monotonic() - started < 2.5
    assert client.predict("half_plus_two", {"x": floats(1.0)})["y"].tolist() == [2.5]


def test_a_cancelled_call_hurts_nobody(client: Client) -> None:
    request = predict_request("slow", {"seconds": floats(0.5)})
    call = client.prediction.Predict.future(request)
    call.cancel()
    assert client.predict("half_plus_two", {"x": floats(1.0)})["y"].tolist() == [2.5]


def test_connections_cut_in_the_middle(server: ServerProcess, client: Client) -> None:
    request = predict_request("slow", {"seconds": floats(0.5)})
    for _ in range(5):
        with Client.of(server) as another:
            another.prediction.Predict.future(request)
    assert client.predict("half_plus_two", {"x": floats(1.0)})["y"].tolist() == [2.5]


def test_slow_runs_do_not_hold_up_others(client: Client) -> None:
    slow = client.prediction.Predict.future(predict_request("slow", {"seconds": floats(3.0)}))
    for number in range(20):
        got = client.predict("half_plus_two", {"x": floats(number)})
        assert got["y"].tolist() == [number / 2 + 2]
    assert not slow.done()
    assert arrays(slow.result())["seconds"].tolist() == [3.0]


def test_many_clients_at_once(server: ServerProcess) -> None:
    barrier = threading.Barrier(16)

    def work(seed: int) -> None:
        with Client.of(server) as client:
            barrier.wait()
            for turn in range(50):
                x = np.full(seed + 1, turn, np.float32)
                got = client.predict("half_plus_two", {"x": x})
                assert got["y"].tolist() == (x / 2 + 2).tolist()

    with ThreadPoolExecutor(16) as pool:
        for future in [pool.submit(work, seed) for seed in range(16)]:
            future.result()


def test_unix_socket(
    start_server: Callable[..., ServerProcess], tmp_path: Path, models: Path
) -> None:
    socket_path = tmp_path / "g.sock"
    server = start_server(
        f"--grpc_socket_path={socket_path}",
        "--model_name=m",
        f"--model_base_path={models / 'half_plus_two'}",
        port=0,
    )
    assert socket_path.is_socket()
    assert socket_path.stat().st_mode & 0o777 == 0o600
    with Client(f"unix:{socket_path}") as client:
        assert client.predict("m", {"x": floats(1.0)})["y"].tolist() == [2.5]
    server.stop()
    assert not socket_path.exists()


def test_request_ids(
    start_server: Callable[..., ServerProcess], models: Path, tmp_path: Path
) -> None:
    server = start_server(
        "--request_ids", "--access_log", "--model_name=m",
        f"--model_base_path={models / 'half_plus_two'}",
    )  # fmt: skip
    with Client.of(server) as client:
        request = predict_request("m", {"x": floats(1.0)})
        metadata = (("x-request-id", "mine-1"),)
        _, call = client.prediction.Predict.with_call(request, metadata=metadata)
        assert ("x-request-id", "mine-1") in call.initial_metadata()
        _, call = client.prediction.Predict.with_call(request)
        made = dict(call.initial_metadata())["x-request-id"]
        assert len(made) == 32
        refused(lambda: client.predict("nobody", {}))
    poll_until(
        lambda: "NOT_FOUND" in server.log, "the access log has all", details=lambda: server.log
    )
    lines = [line for line in server.log.splitlines() if "PredictionService/Predict" in line]
    assert "mine-1" in lines[0]
    assert " OK " in lines[0]
    assert made in lines[1]


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
