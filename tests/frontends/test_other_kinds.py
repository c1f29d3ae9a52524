"""TFLite models, functions and ensembles, over the doors of a real process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests import tflite_files
from tests.frontends.official import (
    Client,
    Code,
    classification_pb2,
    get_model_metadata_pb2,
    predict_refused,
    refused,
)
from tests.server_process import ServerProcess, config_text
from tests.serving.ensembles.ensemble_files import chain, ensemble_in

PREDICT = "tensorflow/serving/predict"
ROWS = np.array([[1], [2], [5]], np.float32)


@pytest.fixture(scope="module", params=["unbatched", "batched"])
def server(
    request: pytest.FixtureRequest,
    half_plus_two: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ServerProcess]:
    """A server of all kinds."""
    path = tmp_path_factory.mktemp("kinds")
    tflite_files.version_of(path / "lite", tflite_files.half_plus_two())
    written = {"serving_default": PREDICT, "regress": "tensorflow/serving/regress"}
    tflite_files.version_of(path / "written", tflite_files.half_plus_two(written=written))
    tflite_files.version_of(path / "texts", tflite_files.picked_texts())
    both = tflite_files.version_of(path / "both", tflite_files.half_plus_two(native=["lite"]))
    for file in half_plus_two.rglob("*"):
        if file.is_file():
            target = both / file.relative_to(half_plus_two)
            target.parent.mkdir(exist_ok=True, parents=True)
            target.write_bytes(file.read_bytes())
    function = path / "function" / "1"
    function.mkdir(parents=True)
    said = {"schema_version": 1, "function": "tests.serving.ensembles.functions:double"}
    (function / "tfs_notebook_function.json").write_text(json.dumps(said))
    ensemble_in(path / "ensemble", chain("lite", "function", "saved"))
    names = ("lite", "written", "texts", "both", "function", "ensemble")
    models = {name: path / name for name in names} | {"saved": half_plus_two.parent}
    config = path / "models.config"
    config.write_text(config_text(models))
    flags = [
        f"--model_config_file={config}",
        "--allowed_function_modules=tests.serving.ensembles.functions",
    ]
    if request.param == "batched":
        flags += ["--enable_batching", "--prefer_tflite_model"]
    with ServerProcess(path, flags) as process:
        process.prefers_tflite = request.param == "batched"  # type: ignore[attr-defined]
        yield process


@pytest.fixture(scope="module")
def client(server: ServerProcess) -> Iterator[Client]:
    with Client.of(server) as client:
        yield client


@pytest.mark.parametrize("name", ["lite", "written", "function", "ensemble"])
def test_predict_over_both_doors(client: Client, server: ServerProcess, name: str) -> None:
    others: dict[str, list[float]] = {"function": [2, 4, 10], "ensemble": [4.5, 5, 6.5]}
    wanted = others.get(name, [2.5, 3, 4.5])
    answer = client.predict(name, {"x": ROWS})
    assert answer["y"].ravel().tolist() == wanted
    body = {"instances": [[1], [2], [5]]}
    done = httpx.post(f"{server.url}/v1/models/{name}:predict", json=body)
    assert done.json() == {"predictions": [[one] for one in wanted]}


def test_texts_over_both_doors(client: Client, server: ServerProcess) -> None:
    texts = np.array(["a", "二"], object)
    answer = client.predict("texts", {"texts": texts, "places": np.array([1, 0], np.int32)})
    assert answer["picked"].tolist() == ["二".encode(), b"a"]
    body = {"inputs": {"texts": ["a", "二"], "places": [1, 0]}}
    done = httpx.post(f"{server.url}/v1/models/texts:predict", json=body)
    assert done.json() == {"outputs": ["二", "a"]}


def test_which_of_both_is_served_is_a_matter_of_the_flag(
    client: Client, server: ServerProcess
) -> None:
    metadata = httpx.get(f"{server.url}/v1/models/both/metadata").json()
    names = metadata["metadata"]["signature_def"]["signature_def"].keys()
    platform = httpx.get(f"{server.url}/v2/models/both").json()["platform"]
    if server.prefers_tflite:  # type: ignore[attr-defined]
        assert names == {"lite"}
        assert platform == "tflite"
    else:
        assert "serving_default" in names
        assert platform == "tensorflow_savedmodel"


def test_metadata(client: Client) -> None:
    request = get_model_metadata_pb2.GetModelMetadataRequest()
    request.model_spec.name = "ensemble"
    request.metadata_field.append("signature_def")
    packed = client.prediction.GetModelMetadata(request).metadata["signature_def"]
    signatures = get_model_metadata_pb2.SignatureDefMap()
    packed.Unpack(signatures)
    definition = signatures.signature_def["serving_default"]
    assert definition.inputs["x"].name == "request.x"
    assert [dim.size for dim in definition.inputs["x"].tensor_shape.dim] == [-1, 1]
    assert definition.outputs["y"].name == "s2.y"
    assert definition.method_name == PREDICT


@pytest.mark.parametrize("name", ["lite", "function", "ensemble"])
def test_classify_is_refused_as_tf_serving_does(client: Client, name: str) -> None:
    request = classification_pb2.ClassificationRequest()
    request.model_spec.name = name
    request.input.example_list.examples.add()
    code, text = refused(lambda: client.prediction.Classify(request))
    assert code is Code.INVALID_ARGUMENT
    assert text.startswith("No classification inputs found in SignatureDef: inputs {")


def test_types_and_names_are_checked_as_of_a_saved_model(client: Client) -> None:
    for name in ("lite", "ensemble"):
        code, text = predict_refused(client, name, {"x": np.array([[1]], np.float64)})
        assert code is Code.INVALID_ARGUMENT
        assert "Expects arg[0] to be float but double is provided" in text
        code, text = predict_refused(client, name, {"z": ROWS})
        assert code is Code.INVALID_ARGUMENT
        assert "Signature input alias: x(feed name: " in text


def test_the_steps_are_counted(client: Client, server: ServerProcess) -> None:
    client.predict("ensemble", {"x": ROWS})
    [told] = httpx.get(f"{server.url}/v2/models/ensemble/stats").json()["model_stats"]
    assert told["ensemble_steps"].keys() == {"s0", "s1", "s2"}
    assert told["ensemble_steps"]["s1"]["requests"] >= 1
    [told] = httpx.get(f"{server.url}/v2/models/lite/stats").json()["model_stats"]
    assert "ensemble_steps" not in told


def test_a_module_that_is_not_allowed_is_not_imported(tmp_path: Path) -> None:
    directory = tmp_path / "m" / "1"
    directory.mkdir(parents=True)
    said = {"schema_version": 1, "function": "antigravity:fly"}
    (directory / "tfs_notebook_function.json").write_text(json.dumps(said))
    flags = [f"--model_base_path={tmp_path / 'm'}", "--max_num_load_retries=0"]
    with ServerProcess(tmp_path, flags) as server:
        done = httpx.get(f"{server.url}/v1/models/default").json()
    [state] = done["model_version_status"]
    assert state["status"]["error_code"] == "PERMISSION_DENIED"
    assert "--allowed_function_modules=antigravity" in state["status"]["error_message"]


def test_a_large_request_to_an_ensemble_takes_no_thread_for_its_wait(
    client: Client, server: ServerProcess
) -> None:
    rows = np.arange(200_000, dtype=np.float32).reshape(-1, 1)
    if server.prefers_tflite:  # type: ignore[attr-defined]
        rows = rows[:1000]
    answer = client.predict("ensemble", {"x": rows})
    assert answer["y"].shape == rows.shape
    body = {"instances": [[1.0]] * len(rows)}
    done = httpx.post(f"{server.url}/v1/models/ensemble:predict", json=body, timeout=60)
    assert done.json()["predictions"][0] == [4.5]


def test_the_overview_tells_what_each_is(server: ServerProcess) -> None:
    overview = httpx.get(f"{server.url}/v2/repository/overview").json()
    told = {one["name"]: one["versions"][0] for one in overview["models"]}
    kinds = {name: version["kind"] for name, version in told.items()}
    both = "tflite" if server.prefers_tflite else "saved_model"  # type: ignore[attr-defined]
    assert kinds == {
        "lite": "tflite",
        "written": "tflite",
        "texts": "tflite",
        "both": both,
        "function": "function",
        "ensemble": "ensemble",
        "saved": "saved_model",
    }
    assert told["lite"]["steps"] is None
    asked = [(one["model"], one["version"], one["label"]) for one in told["ensemble"]["steps"]]
    assert asked == [("lite", None, None), ("function", None, None), ("saved", None, None)]
