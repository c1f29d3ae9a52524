"""The Open Inference Protocol over both doors, as far as Triton's client does not show it."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import numpy as np
import pytest

from tests.frontends.open_inference import (
    LENGTH,
    METHOD,
    InferenceChannel,
    infer_message,
    json_body,
    outputs_in,
    outputs_of,
    raw_body,
)
from tests.frontends.repository_client import Start, socket_directory
from tests.metrics_page import page_of
from tests.models.answers import Answer, read_answers
from tests.models.comparing import assert_answers
from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text
from tfs_notebook.wire.dtypes import data_type_of
from tfs_notebook.wire.messages import (
    ModelMetadataRequest,
    ModelMetadataResponse,
    ModelReadyRequest,
    ModelStreamInferResponse,
    PredictionLog,
    RepositoryModelLoadRequest,
    RepositoryModelUnloadRequest,
    ServerMetadataResponse,
)
from tfs_notebook.wire.open_inference import datatype_of
from tfs_notebook.wire.tfrecord import read_records

ASKED = ("half_plus_two", "identities", "several", "texts", "defaults", "compiled", "readings")
X = {"x": np.array([1.0, 2.0, 5.0], np.float32)}
INFER = "/v2/models/half_plus_two/infer"


@pytest.fixture(scope="module")
def channel(server: ServerProcess) -> Iterator[InferenceChannel]:
    with InferenceChannel(server) as channel:
        yield channel


def can_carry(answer: Answer) -> bool:
    arrays = [*answer.inputs.values(), *answer.outputs.values()]
    numbers = [data_type_of(array.dtype) for array in arrays]
    names = {datatype_of(number) for number in numbers if number is not None}
    return names <= {
        "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64",
        "FP16", "FP32", "FP64", "BF16", "BYTES",
    }  # fmt: skip


def is_text(arrays: Any) -> bool:
    try:
        for array in arrays.values():
            if array.dtype == object:
                list(map(bytes.decode, array.reshape(-1).tolist()))
    except UnicodeDecodeError:
        return False
    return True


class TestAnswers:
    """Recorded answers of TensorFlow: they come out whichever way they are asked for."""

    @pytest.mark.parametrize("model", ASKED)
    def test_of_every_signature(
        self, model: str, models: Path, http: httpx.Client, channel: InferenceChannel
    ) -> None:
        answers = [one for one in read_answers(models / model) if can_carry(one)]
        assert answers
        for answer in answers:
            chosen = {"signature_name": answer.signature}
            body, length = raw_body(answer.inputs, **chosen)
            response = http.post(
                f"/v2/models/{model}/infer", content=body, headers={LENGTH: str(length)}
            )
            assert_answers(outputs_of(response), answer)
            message = infer_message(model, answer.inputs, **chosen)
            if not answer.inputs:
                message.parameters["binary_data_output"].bool_param = True
            assert_answers(outputs_in(channel.infer(message)), answer)
            if is_text(answer.inputs):
                body = json_body(answer.inputs, binary_data_output=True, **chosen)
                response = http.post(f"/v2/models/{model}/versions/1/infer", content=body)
                assert_answers(outputs_of(response), answer)

    def test_every_datatype_was_among_them(self, models: Path) -> None:
        seen = {
            datatype_of(number)
            for one in read_answers(models / "identities")
            for array in one.inputs.values()
            if (number := data_type_of(array.dtype)) is not None
        }
        assert seen >= {
            "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64",
            "FP16", "FP32", "FP64", "BF16", "BYTES",
        }  # fmt: skip

    def test_json_alone(self, http: httpx.Client) -> None:
        response = http.post(INFER, content=json_body(X))
        assert response.headers["content-type"] == "application/json"
        assert LENGTH not in response.headers
        assert response.json() == {
            "model_name": "half_plus_two",
            "model_version": "1",
            "outputs": [
                {"name": "y", "datatype": "FP32", "shape": [3], "data": [2.5, 3.0, 4.5]}
            ],
        }

    def test_typed_contents_are_answered_in_typed_contents(
        self, channel: InferenceChannel
    ) -> None:
        message = infer_message("half_plus_two", X)
        del message.raw_input_contents[:]
        message.inputs[0].contents.fp32_contents.extend([1, 2])
        message.inputs[0].shape[0] = 2
        response = channel.infer(message)
        assert list(response.outputs[0].contents.fp32_contents) == [2.5, 3.0]
        assert not response.raw_output_contents
        message.parameters["binary_data_output"].bool_param = True
        assert outputs_in(channel.infer(message))["y"].tolist() == [2.5, 3.0]

    @pytest.mark.parametrize(
        ("coding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
    )
    def test_compressed(
        self, http: httpx.Client, coding: str, compress: Callable[[bytes], bytes]
    ) -> None:
        body, length = raw_body(X)
        headers = {LENGTH: str(length), "Content-Encoding": coding}
        response = http.post(INFER, content=compress(body), headers=headers)
        assert outputs_of(response)["y"].tolist() == [2.5, 3.0, 4.5]

    def test_a_large_tensor(self, http: httpx.Client, channel: InferenceChannel) -> None:
        large = {"x": np.arange(3_000_000, dtype=np.float32)}
        body, length = raw_body(large)
        response = http.post(INFER, content=body, headers={LENGTH: str(length)})
        np.testing.assert_array_equal(outputs_of(response)["y"], large["x"] / 2 + 2)
        answer = channel.infer(infer_message("half_plus_two", large))
        np.testing.assert_array_equal(outputs_in(answer)["y"], large["x"] / 2 + 2)


class TestErrors:
    @pytest.mark.parametrize(
        ("path", "body", "headers", "status", "said"),
        [
            ("/v2/models/nobody/infer", json_body(X), {}, 404, "Servable not found"),
            ("/v2/models/half_plus_two/versions/9/infer", json_body(X), {}, 404, "Specific"),
            ("/v2/models/half_plus_two/versions/x/infer", json_body(X), {}, 400, "version"),
            (INFER, b"{", {}, 400, "is no JSON"),
            (INFER, b'{"inputs": []}', {}, 400, "input size does not match"),
            (INFER, json_body(X), {LENGTH: "many"}, 400, "number of bytes"),
            (INFER, json_body(X), {LENGTH: "9" * 17}, 400, "and the body has"),
            (INFER, json_body(X), {"Content-Encoding": "br"}, 400, "gzip or deflate"),
            (INFER, json_body(X), {"Content-Encoding": "gzip"}, 400, "no whole stream of gzip"),
            (
                INFER,
                zlib.compress(json_body(X))[:-1],
                {"Content-Encoding": "deflate"},
                400,
                "no whole stream of deflate",
            ),
            (INFER, json_body(X, signature_name="no"), {}, 400, "is one of "),
            (INFER, json_body(X, version_label="no"), {}, 400, "label"),
        ],
    )
    def test_over_rest(
        self,
        http: httpx.Client,
        path: str,
        body: bytes,
        headers: dict[str, str],
        status: int,
        said: str,
    ) -> None:
        response = http.post(path, content=body, headers=headers)
        assert response.status_code == status, response.text
        assert list(response.json()) == ["error"]
        assert said in response.json()["error"]

    def test_only_post(self, http: httpx.Client) -> None:
        response = http.get(INFER)
        assert (response.status_code, response.headers["allow"]) == (405, "POST")

    @pytest.mark.parametrize(
        ("method", "request_bytes", "code", "said"),
        [
            ("ModelInfer", b"\xff", grpc.StatusCode.INTERNAL, "Failed to parse"),
            ("ModelInfer", b"", grpc.StatusCode.INVALID_ARGUMENT, ""),
            ("ModelReady", ModelReadyRequest(name="nobody").SerializeToString(),
             grpc.StatusCode.NOT_FOUND, "nobody"),
            ("ModelMetadata", ModelMetadataRequest(name="half_plus_two", version="x")
             .SerializeToString(), grpc.StatusCode.INVALID_ARGUMENT, "version"),
            ("RepositoryModelLoad", RepositoryModelLoadRequest(model_name="m")
             .SerializeToString(), grpc.StatusCode.PERMISSION_DENIED, "--grpc_socket_path"),
        ],
    )  # fmt: skip
    def test_over_grpc(
        self,
        channel: InferenceChannel,
        method: str,
        request_bytes: bytes,
        code: grpc.StatusCode,
        said: str,
    ) -> None:
        with pytest.raises(grpc.RpcError) as caught:
            channel.call(method, request_bytes)
        assert caught.value.code() == code
        assert said in (caught.value.details() or "")

    def test_a_deadline_ends_a_call_and_nothing_else(self, channel: InferenceChannel) -> None:
        seconds = {"seconds": np.array([2.0], np.float32)}
        request = infer_message("slow", seconds).SerializeToString()
        with pytest.raises(grpc.RpcError) as caught:
            channel.call("ModelInfer", request, timeout=0.2)
        assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        assert channel.infer(infer_message("half_plus_two", X)).id == "a"


class TestServer:
    def test_metadata(self, channel: InferenceChannel) -> None:
        told = ServerMetadataResponse.FromString(channel.call("ServerMetadata"))
        assert told.name == "tfs_notebook"
        assert "binary_tensor_data" in told.extensions
        request = ModelMetadataRequest(name="half_plus_two").SerializeToString()
        model = ModelMetadataResponse.FromString(channel.call("ModelMetadata", request))
        assert (model.inputs[0].datatype, list(model.inputs[0].shape)) == ("FP32", [-1, 1])

    def test_a_stream_of_what_is_no_request(self, channel: InferenceChannel) -> None:
        stream = channel.channel.stream_stream(METHOD + "ModelStreamInfer", None, None)
        good = infer_message("half_plus_two", X).SerializeToString()
        answers = [
            ModelStreamInferResponse.FromString(answer)
            for answer in stream(iter([b"\xff", good, b"", good]), timeout=60)
        ]
        assert [bool(answer.error_message) for answer in answers] == [True, False, True, False]
        assert outputs_in(answers[3].infer_response)["y"].tolist() == [2.5, 3.0, 4.5]

    def test_a_stream_that_its_client_leaves(self, channel: InferenceChannel) -> None:
        stream = channel.channel.stream_stream(METHOD + "ModelStreamInfer", None, None)
        slow = infer_message("slow", {"seconds": np.array([0.5], np.float32)})
        call = stream(iter([slow.SerializeToString()] * 3), timeout=60)
        call.cancel()  # type: ignore[no-untyped-call]
        with pytest.raises(grpc.RpcError):
            list(call)
        assert channel.infer(infer_message("half_plus_two", X)).id == "a"

    def test_log_metrics_and_request_ids(
        self, start_server: Start, half_plus_two: Path, tmp_path: Path
    ) -> None:
        monitoring = tmp_path / "monitoring.config"
        monitoring.write_text("prometheus_config { enable: true }")
        server = start_server(
            "--model_name=half_plus_two",
            f"--model_base_path={half_plus_two.parent}",
            f"--monitoring_config_file={monitoring}",
            "--access_log",
            "--request_ids",
        )
        headers = {"X-Request-Id": "mine"}
        response = httpx.post(server.url + INFER, content=json_body(X), headers=headers)
        assert response.headers["X-Request-Id"] == "mine"
        httpx.post(server.url + INFER, content=b"{")
        good = infer_message("half_plus_two", X)
        with InferenceChannel(server) as channel:
            channel.infer(good)
            stream = channel.channel.stream_stream(METHOD + "ModelStreamInfer", None, None)
            list(stream(iter([good.SerializeToString(), b""]), timeout=60))
        counts = page_of(server.url).of(":tensorflow:serving:request_count")
        assert counts['model_name="half_plus_two",status="OK"'] == 3
        assert counts['model_name="half_plus_two",status="INVALID_ARGUMENT"'] == 1
        stats = httpx.get(f"{server.url}/v2/models/half_plus_two/stats").json()
        assert stats["model_stats"][0]["inference_stats"]["success"]["count"] == 3
        lines = (
            f'"POST {INFER}" 200',
            f'"POST {INFER}" 400',
            f'"{METHOD}ModelInfer" OK',
            f'"{METHOD}ModelStreamInfer" OK',
            f'"{METHOD}ModelStreamInfer" INVALID_ARGUMENT',
        )
        for line in lines:
            poll_until(lambda line=line: line in server.log, line)  # type: ignore[misc]

    def test_requests_are_logged_as_those_of_predict(
        self, start_server: Start, half_plus_two: Path, tmp_path: Path
    ) -> None:
        sampling = "sampling_config { sampling_rate: 1.0 }"
        collector = 'type: "tfrecord" filename_prefix: "log"'
        logging = f"logging_config {{ log_collector_config {{ {collector} }} {sampling} }}"
        config = tmp_path / "models.config"
        config.write_text(config_text({"m": half_plus_two.parent}, m=logging))
        server = start_server(f"--model_config_file={config}", f"--request_log_dir={tmp_path}")
        httpx.post(f"{server.url}/v2/models/m/infer", content=json_body(X))
        with InferenceChannel(server) as channel:
            channel.infer(infer_message("m", X))
        server.stop()
        [file] = tmp_path.glob("log*.tfrecord")
        with file.open("rb") as records:
            logged = [PredictionLog.FromString(record) for record in read_records(records)]
        assert [one.WhichOneof("log_type") for one in logged] == ["predict_log"] * 2
        for one in logged:
            assert one.predict_log.request.model_spec.name == "m"
            assert list(one.predict_log.response.outputs) == ["y"]


class TestControl:
    def test_over_the_socket_of_grpc(
        self, start_server: Start, two_versions: Path, half_plus_two: Path
    ) -> None:
        with socket_directory() as sockets:
            path = sockets / "grpc.sock"
            server = start_server(
                "--model_name=first",
                f"--model_base_path={half_plus_two.parent}",
                f"--grpc_socket_path={path}",
            )
            load = RepositoryModelLoadRequest(model_name="m")
            load.parameters["base_path"].string_param = str(two_versions)
            with InferenceChannel(server) as tcp:
                with pytest.raises(grpc.RpcError, match="--model_control=explicit"):
                    tcp.call("RepositoryModelLoad", load.SerializeToString())
                with grpc.insecure_channel(f"unix:{path}") as local:
                    change = local.unary_unary(METHOD + "RepositoryModelLoad", None, None)
                    change(load.SerializeToString(), timeout=60)
                    answer = outputs_in(tcp.infer(infer_message("m", X)))
                    assert answer["y"].tolist() == [3.5, 4.0, 5.5]
                    unload = RepositoryModelUnloadRequest(model_name="m").SerializeToString()
                    change = local.unary_unary(METHOD + "RepositoryModelUnload", None, None)
                    change(unload, timeout=60)
                with pytest.raises(grpc.RpcError, match="Servable not found"):
                    tcp.infer(infer_message("m", X))

    def test_over_tcp_with_the_token_of_grpc(
        self, start_server: Start, two_versions: Path, tmp_path: Path
    ) -> None:
        token = tmp_path / "token"
        token.write_text("s3cret")
        token.chmod(0o600)
        server = start_server(
            "--model_control=explicit",
            f"--model_control_token_file={token}",
            f"--grpc_token_file={token}",
        )
        load = RepositoryModelLoadRequest(model_name="m")
        load.parameters["base_path"].string_param = str(two_versions)
        shown = (("authorization", "Bearer s3cret"),)
        with InferenceChannel(server) as channel:
            with pytest.raises(grpc.RpcError) as caught:
                channel.call("RepositoryModelLoad", load.SerializeToString())
            assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED
            channel.call("RepositoryModelLoad", load.SerializeToString(), metadata=shown)
            stream = channel.channel.stream_stream(METHOD + "ModelStreamInfer", None, None)
            message = infer_message("m", X).SerializeToString()
            with pytest.raises(grpc.RpcError) as caught:
                list(stream(iter([message]), timeout=60))
            assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED
            [answer] = stream(iter([message]), timeout=60, metadata=shown)
        assert not ModelStreamInferResponse.FromString(answer).error_message
