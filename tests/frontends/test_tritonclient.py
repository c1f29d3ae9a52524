"""Triton's own client, HTTP and gRPC, asks this server and is content."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.frontends.repository_client import Start
from tests.server_process import ServerProcess

triton = pytest.importorskip("tritonclient.utils", reason="tritonclient is not installed")


def module_of(door: str) -> Any:
    if door == "http":
        import tritonclient.http as http

        return http
    import tritonclient.grpc as grpc

    return grpc


class Asker:
    """A client of one of the two kinds, and the module it is of."""

    def __init__(self, door: str, server: ServerProcess) -> None:
        self.door = door
        self.module = module_of(door)
        address = server.grpc_address if door == "grpc" else server.url.removeprefix("http://")
        self.client = self.module.InferenceServerClient(address)

    def infer(
        self,
        model: str,
        arrays: dict[str, tuple[str, np.ndarray]],
        outputs: tuple[str, ...] = (),
        *,
        binary: bool = True,
        **more: Any,
    ) -> Any:
        inputs = []
        for name, (datatype, array) in arrays.items():
            entry = self.module.InferInput(name, list(array.shape), datatype)
            if self.door == "http":
                entry.set_data_from_numpy(array, binary_data=binary)
            else:
                entry.set_data_from_numpy(array)
            inputs.append(entry)
        options = {"binary_data": binary} if self.door == "http" else {}
        wanted = [self.module.InferRequestedOutput(name, **options) for name in outputs]
        return self.client.infer(model, inputs, outputs=wanted or None, **more)


@pytest.fixture(scope="module", params=["http", "grpc"])
def asker(request: pytest.FixtureRequest, either_server: ServerProcess) -> Iterator[Asker]:
    asker = Asker(request.param, either_server)
    yield asker
    asker.client.close()


X = {"x": ("FP32", np.array([1, 2, 5], np.float32))}


def test_health_and_metadata(asker: Asker) -> None:
    client = asker.client
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("half_plus_two")
    assert client.is_model_ready("half_plus_two", "1")
    options = {"as_json": True} if asker.door == "grpc" else {}
    assert "model_repository" in client.get_server_metadata(**options)["extensions"]
    told = client.get_model_metadata("half_plus_two", **options)
    assert told["platform"] == "tensorflow_savedmodel"
    assert [entry["name"] for entry in told["inputs"]] == ["x"]
    assert told["inputs"][0]["datatype"] == "FP32"


@pytest.mark.parametrize("binary", [True, False])
def test_infer(asker: Asker, binary: bool) -> None:
    result = asker.infer("half_plus_two", X, ("y",), binary=binary, request_id="7")
    assert result.as_numpy("y").tolist() == [2.5, 3.0, 4.5]
    answer = result.get_response()
    if asker.door == "grpc":
        assert (answer.model_name, answer.model_version) == ("half_plus_two", "1")
        assert answer.id == "7"
        assert len(answer.raw_output_contents) == 1
    else:
        assert (answer["model_name"], answer["model_version"]) == ("half_plus_two", "1")
        assert answer["id"] == "7"


@pytest.mark.parametrize("algorithm", ["gzip", "deflate"])
def test_compressed(either_server: ServerProcess, algorithm: str) -> None:
    asker = Asker("http", either_server)
    large = {"x": ("FP32", np.arange(5000, dtype=np.float32).reshape(50, 100))}
    result = asker.infer(
        "half_plus_two",
        large,
        ("y",),
        request_compression_algorithm=algorithm,
        response_compression_algorithm=algorithm,
    )
    np.testing.assert_array_equal(result.as_numpy("y"), large["x"][1] / 2 + 2)
    asker.client.close()


def test_all_outputs_of_a_version(asker: Asker) -> None:
    result = asker.infer("half_plus_two", X, model_version="1")
    assert result.as_numpy("y").tolist() == [2.5, 3.0, 4.5]


def test_a_signature_and_a_label(asker: Asker) -> None:
    given = {
        "a": ("INT32", np.array([7, 8], np.int32)),
        "b": ("INT32", np.array([2, 4], np.int32)),
    }
    result = asker.infer("several", given, parameters={"signature_name": "divide"})
    assert result.as_numpy("quotient").tolist() == [3, 2]
    result = asker.infer("half_plus_two", X, parameters={"version_label": "stable"})
    assert result.as_numpy("y").tolist() == [2.5, 3.0, 4.5]


def output_names(asker: Asker, result: Any) -> list[str]:
    answer = result.get_response()
    outputs = answer.outputs if asker.door == "grpc" else answer["outputs"]
    return [one.name if asker.door == "grpc" else one["name"] for one in outputs]


@pytest.mark.parametrize("binary", [True, False])
def test_texts(asker: Asker, binary: bool) -> None:
    sent = np.array([["one", "zwei"], ["三", ""]], object)
    given = {"text": ("BYTES", sent)}
    result = asker.infer("texts", given, binary=binary, parameters={"signature_name": "echo"})
    [name] = output_names(asker, result)
    got = result.as_numpy(name)
    assert got.shape == (2, 2)
    assert [
        value.decode() if isinstance(value, bytes) else value for value in got.reshape(-1)
    ] == sent.reshape(-1).tolist()


def test_errors_are_those_of_the_client(asker: Asker) -> None:
    error = triton.InferenceServerException
    with pytest.raises(error, match="nobody"):
        asker.infer("nobody", X)
    with pytest.raises(error, match="input size does not match"):
        asker.infer("half_plus_two", {"z": X["x"], "x": X["x"]})
    with pytest.raises(error, match="Expects arg"):
        asker.infer("half_plus_two", {"x": ("INT64", np.array([1], np.int64))})
    with pytest.raises(error, match="has no signature 'nothing'"):
        asker.infer("half_plus_two", X, parameters={"signature_name": "nothing"})
    with pytest.raises(error, match="output tensor alias not found"):
        asker.infer("half_plus_two", X, ("nothing",))


def test_index_and_statistics(asker: Asker) -> None:
    asker.infer("half_plus_two", X)
    options = {"as_json": True} if asker.door == "grpc" else {}
    index = asker.client.get_model_repository_index(**options)
    models = index["models"] if asker.door == "grpc" else index
    assert {"name": "half_plus_two", "version": "1", "state": "READY"}.items() <= next(
        one for one in models if one["name"] == "half_plus_two"
    ).items()
    told = asker.client.get_inference_statistics("half_plus_two", **options)["model_stats"][0]
    assert int(told["inference_count"]) > 0
    assert int(told["inference_stats"]["success"]["count"]) > 0


def test_control_is_refused_without_its_flags(asker: Asker) -> None:
    for change in (asker.client.load_model, asker.client.unload_model):
        with pytest.raises(triton.InferenceServerException, match="--model_control=explicit"):
            change("half_plus_two")
    assert asker.client.is_model_ready("half_plus_two")


@pytest.mark.parametrize("door", ["http", "grpc"])
def test_repository_control(
    door: str, start_server: Start, two_versions: Path, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("s3cret")
    token.chmod(0o600)
    server = start_server("--model_control=explicit", f"--model_control_token_file={token}")
    client = Asker(door, server).client
    headers = {"authorization": "Bearer s3cret"}
    config = f'{{"base_path": "{two_versions}"}}'
    with pytest.raises(triton.InferenceServerException, match="got none"):
        client.load_model("m", config=config)
    with pytest.raises(triton.InferenceServerException, match="got another"):
        client.load_model("m", headers={"authorization": "Bearer no"}, config=config)
    client.load_model("m", headers=headers, config=config)
    assert client.is_model_ready("m")
    client.unload_model("m", headers=headers)
    with pytest.raises(triton.InferenceServerException, match="Servable not found"):
        client.get_model_metadata("m")
    with pytest.raises(triton.InferenceServerException, match="file"):
        client.load_model("m", headers=headers, config=config, files={"file:1/model": b"x"})
    client.close()


def test_a_stream_goes_on_after_an_error(either_server: ServerProcess) -> None:
    asker = Asker("grpc", either_server)
    grpc = asker.module
    answers: queue.SimpleQueue[tuple[Any, Any]] = queue.SimpleQueue()
    asker.client.start_stream(lambda result, error: answers.put((result, error)))
    for number in range(40):
        entry = grpc.InferInput("x", [1], "FP32")
        entry.set_data_from_numpy(np.array([number], np.float32))
        name = "nobody" if number % 10 == 3 else "half_plus_two"
        asker.client.async_stream_infer(name, [entry], request_id=str(number))
    for number in range(40):
        result, error = answers.get(timeout=60)
        if number % 10 == 3:
            assert "nobody" in str(error)
        else:
            assert error is None
            assert result.get_response().id == str(number)
            assert result.as_numpy("y").tolist() == [number / 2 + 2]
    asker.client.stop_stream()
    asker.client.close()
