"""MultiInference by TensorFlow Serving's own client: one run of the graph for all tasks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.frontends.example_requests import (
    CLASSIFY,
    REGRESS,
    classes_of,
    invalid,
    multi_inference_request,
    values_of,
)
from tests.frontends.official import Client, Code, inference_pb2, refused
from tests.server_process import ServerProcess

JOINT = "MultiInference(tf_example:0)"
ONE = {"x": 1.0}
FOUR_ROWS = """
max_batch_size { value: 4 }
batch_timeout_micros { value: 20000000 }
num_batch_threads { value: 2 }
"""


def task(signature: str = "", method: str = REGRESS, model: str = "examples") -> Any:
    return model, signature, method


def infer(client: Client, *tasks: Any, **options: Any) -> list[Any]:
    request = multi_inference_request(tasks, **options)
    return list(client.prediction.MultiInference(request, timeout=60).results)


def refusal(client: Client, *tasks: Any, **options: Any) -> str:
    return invalid(client, "MultiInference", multi_inference_request(tasks, **options))


def counted(server: ServerProcess, signature: str) -> dict[str, Any]:
    (told,) = httpx.get(f"{server.url}/v2/models/examples/stats").json()["model_stats"]
    found: dict[str, Any] = told["signatures"].get(signature, {})
    return found


def test_one_task_of_each_method(either: Client) -> None:
    regressed, classified = infer(either, task("values"), task("", CLASSIFY))
    assert regressed.WhichOneof("result") == "regression_result"
    assert values_of(regressed.regression_result) == [1.5, -2.0]
    assert classified.WhichOneof("result") == "classification_result"
    assert classes_of(classified.classification_result) == [
        [("one", 1.5), ("other", 3.0)],
        [("two", -2.0), ("other", 0.0)],
    ]


def test_results_name_their_signatures_in_the_order_of_the_tasks(either: Client) -> None:
    asked = ["values", "", "column", "scores", "labels", "lengths"]
    methods = [REGRESS, CLASSIFY, REGRESS, CLASSIFY, CLASSIFY, REGRESS]
    results = infer(either, *map(task, asked, methods))
    specs = [result.model_spec for result in results]
    assert [spec.signature_name for spec in specs] == [
        name or "serving_default" for name in asked
    ]
    assert {(spec.name, spec.version.value) for spec in specs} == {("examples", 1)}
    assert values_of(results[2].regression_result) == [1.5, -2.0]
    assert values_of(results[5].regression_result) == [3.0, 0.0]
    assert classes_of(results[4].classification_result)[1] == [("two", 0.0), ("other", 0.0)]


def test_a_single_task(either: Client) -> None:
    (result,) = infer(either, task("values"))
    assert values_of(result.regression_result) == [1.5, -2.0]
    (result,) = infer(either, task("other"))
    assert values_of(result.regression_result) == [1.5, -2.0]


def test_several_signatures_of_one_method(either: Client) -> None:
    names = ("regress_x_to_y", "regress_x_to_y2", "regress_x2_to_y3")
    tasks = [task(name, model="half_plus_two") for name in names]
    results = infer(either, *tasks, rows=[{"x": 2.0, "x2": 8.0}, {"x": 4.0, "x2": 0.0}])
    assert [values_of(result.regression_result) for result in results] == [
        [3.0, 4.0], [4.0, 5.0], [7.0, 3.0],
    ]  # fmt: skip


def test_the_graph_runs_once(either_server: ServerProcess, either: Client) -> None:
    """The model counts its own runs, and so does the server."""
    before = counted(either_server, JOINT).get("requests", 0)
    alone = counted(either_server, "runs").get("requests", 0)
    tasks = task("runs"), task("runs_again"), task("runs_as_scores", CLASSIFY)
    told = []
    for _ in range(3):
        runs, again, scores = infer(either, *tasks, rows=[ONE])
        (number,) = values_of(runs.regression_result)
        assert values_of(again.regression_result) == [number]
        assert classes_of(scores.classification_result) == [[("", number)]]
        told.append(number)
    assert told == [told[0], told[0] + 1, told[0] + 2]
    counts = counted(either_server, JOINT)
    assert counts["requests"] - before == 3
    assert counted(either_server, "runs").get("requests", 0) == alone
    if counts["batches"]:
        assert counts["batches"]["runs"] == counts["requests"] - counts["errors"]


def test_requests_share_a_run(
    start_server: Callable[..., ServerProcess], models: Path, tmp_path: Path
) -> None:
    file = tmp_path / "batching.pbtxt"
    file.write_text(FOUR_ROWS)
    server = start_server(
        f"--model_base_path={models / 'examples'}",
        "--model_name=examples",
        "--enable_batching",
        f"--batching_parameters_file={file}",
    )
    # The batch is complete when all four are there, whatever the order of their tasks.
    orders = [("runs", "values"), ("values", "runs")] * 2
    rows = [{"x": float(number)} for number in range(4)]
    with Client.of(server) as client, ThreadPoolExecutor(4) as pool:
        futures = [
            pool.submit(infer, client, *map(task, order), rows=[row])
            for order, row in zip(orders, rows, strict=True)
        ]
        for order, row, future in zip(orders, rows, futures, strict=True):
            by_name = {
                result.model_spec.signature_name: values_of(result.regression_result)
                for result in future.result(60)
            }
            assert tuple(by_name) == order
            assert by_name == {"runs": [1.0], "values": [row["x"]]}
    assert counted(server, JOINT)["batches"]["runs"] == 1


def test_tasks_of_two_models(either: Client) -> None:
    other = task("regress_x_to_y", model="half_plus_two")
    assert refusal(either, task("values"), other) == (
        "All ModelSpecs in a MultiInferenceRequest must access the same model name."
    )


def test_a_signature_twice(either: Client) -> None:
    text = "Duplicate evaluation of signature: values"
    assert refusal(either, task("values"), task("values")) == text
    assert refusal(either, task("values"), task("values", CLASSIFY)) == text
    default = task("", CLASSIFY), task("serving_default", CLASSIFY)
    assert refusal(either, *default) == "Duplicate evaluation of signature: serving_default"


def test_a_signature_that_is_not_there(either: Client) -> None:
    text = "Requested signature not found in model graph: "
    assert refusal(either, task("x")) == text + "x"
    assert refusal(either, task(model="identities")) == text + "serving_default"


@pytest.mark.parametrize("method", ["", "tensorflow/serving/predict", "classify"])
def test_methods_that_are_not_supported(either: Client, method: str) -> None:
    request = multi_inference_request([task("values"), task("column", method)])
    assert refused(lambda: either.prediction.MultiInference(request, timeout=60)) == (
        Code.UNIMPLEMENTED,
        f"Unsupported signature method_name: {method}",
    )


def test_inputs_that_differ(either: Client) -> None:
    assert refusal(either, task("values"), task("other")) == (
        "Input tensor must be the same for all Signatures."
    )


def test_requests_without_a_model(either: Client) -> None:
    nameless = "ModelSpec has no name specified."
    assert refusal(either) == nameless
    assert refusal(either, task("values", model="")) == nameless
    request = inference_pb2.MultiInferenceRequest()
    request.tasks.add(method_name=REGRESS)
    assert invalid(either, "MultiInference", request) == nameless
    assert refusal(either, task("values"), task("column", model="")) == (
        "Found ModelSpec with an empty model name."
    )


def test_models_that_are_not_there(either: Client) -> None:
    request = multi_inference_request([task("values")], version=9)
    assert refused(lambda: either.prediction.MultiInference(request, timeout=60)) == (
        Code.NOT_FOUND,
        "Servable not found for request: Specific(examples, 9)",
    )


def test_no_examples(either: Client) -> None:
    assert refusal(either, task("values"), rows=[]) == "Input is empty."
    # What is wrong with the tasks is said first.
    assert refusal(either, task("x"), rows=[]).startswith("Requested signature not found")


@pytest.mark.parametrize(
    ("signature", "method", "text"),
    [
        ("two_outputs", REGRESS, "Expected one output Tensor."),
        ("three", CLASSIFY, "Expected one or two output Tensors, found 3"),
        ("two_inputs", CLASSIFY, "Expected one input Tensor."),
        ("values_are_integers", REGRESS, "Expected output Tensor of DT_FLOAT.  Got: DT_INT64"),
        ("labels_are_numbers", CLASSIFY, "Expected classes Tensor of DT_STRING. Got: DT_INT64"),
    ],
)
def test_one_task_that_does_not_fit(
    either: Client, signature: str, method: str, text: str
) -> None:
    assert refusal(either, task("values"), task(signature, method)) == text


def test_examples_that_are_none(either: Client) -> None:
    request = multi_inference_request([task("values"), task("column")])
    request.ClearField("input")
    data = request.SerializeToString() + b"\x12\x07\x0a\x05\x0a\x03\xff\xff\xff"
    call = either.channel.unary_unary("/tensorflow.serving.PredictionService/MultiInference")
    code, text = refused(lambda: call(data, timeout=60))
    assert code == Code.INVALID_ARGUMENT
    assert text.startswith("Could not parse example input")


def test_method_names_are_looked_at_when_a_flag_says_so(
    start_server: Callable[..., ServerProcess], models: Path
) -> None:
    server = start_server(
        f"--model_base_path={models / 'examples'}",
        "--model_name=examples",
        "--enable_signature_method_name_check",
    )
    with Client.of(server) as client:
        assert len(infer(client, task("values"), task("", CLASSIFY))) == 2
        assert refusal(client, task("values"), task("for_predict")) == (
            "Expected regression signature method_name to be tensorflow/serving/regress. "
            "Was: tensorflow/serving/predict"
        )


def test_reference_model(
    start_server: Callable[..., ServerProcess], reference_models: Path
) -> None:
    server = start_server(
        "--model_name=m",
        f"--model_base_path={reference_models / 'saved_model_half_plus_two_cpu'}",
    )
    rows = [{"x": 2.0}]
    with Client.of(server) as client:
        tasks = [task(name, model="m") for name in ("regress_x_to_y", "regress_x_to_y2")]
        results = infer(client, *tasks, task("classify_x_to_y", CLASSIFY, "m"), rows=rows)
        assert values_of(results[0].regression_result) == [3.0]
        assert values_of(results[1].regression_result) == [4.0]
        assert classes_of(results[2].classification_result) == [[("", 3.0)]]
        # The third one names a tensor of numbers as its input.
        assert refusal(client, tasks[0], task("regress_x2_to_y3", model="m")) == (
            "Input tensor must be the same for all Signatures."
        )
