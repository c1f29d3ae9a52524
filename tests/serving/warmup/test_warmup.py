"""Versions that are warmed up before they serve: with their own requests, or with zeros."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.models.answers import read_answers
from tests.polling import poll_until
from tests.serving.asking import predict
from tests.serving.warmup.warmup_records import (
    classify_log,
    file_of,
    multi_inference_log,
    predict_log,
    prediction_log_pb2,
    regress_log,
    with_records,
)
from tfs_notebook.lifecycle import ManagerState
from tfs_notebook.runtimes.tensorflow.saved_model import TensorFlowModel
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.wire.errors import Code, ServingError
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.signatures import Signature

Start = Callable[..., ModelServer]
Seen = list[tuple[str, dict[str, tuple[int, ...]]]]

MODEL = ModelReference("m")


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """Every run of a SavedModel: the name of the signature, and the shapes it was given."""
    runs: Seen = []
    really = TensorFlowModel.run

    def run(
        self: TensorFlowModel, signature: Signature, inputs: Any, outputs: Any
    ) -> list[np.ndarray]:
        shapes = {alias: array.shape for alias, (array, _) in inputs.items()}
        runs.append((signature.name, shapes))
        return really(self, signature, inputs, outputs)

    monkeypatch.setattr(TensorFlowModel, "run", run)
    return runs


@pytest.fixture
def serve(start: Start) -> Start:
    """Starts servers of a base path; what fails is not tried again."""

    def start_with(base: Path, **settings: object) -> ModelServer:
        given = {"max_num_load_retries": 0, "file_system_poll_wait_seconds": 0, **settings}
        return start(model_name="m", model_base_path=str(base), **given)

    return start_with


@pytest.fixture
def rows(models: Path) -> list[bytes]:
    examples: list[bytes] = read_answers(models / "examples")[0].inputs["inputs"].tolist()
    return examples


def state(server: ModelServer) -> ManagerState:
    return server.version_states(MODEL)[0].state


def load_error(server: ModelServer) -> ServingError:
    [found] = server.version_states(MODEL)
    assert found.state is ManagerState.END
    assert found.error is not None
    return found.error


class TestItsOwnRequests:
    def test_every_kind_is_run_in_order(
        self, models: Path, tmp_path: Path, serve: Start, seen: Seen, rows: list[bytes]
    ) -> None:
        records = [
            predict_log(rows[:2], "inputs", "scores"),
            classify_log(rows),
            regress_log(rows[:1], "values"),
            multi_inference_log(rows, "values", "column"),
            prediction_log_pb2.PredictionLog(),
        ]
        base = with_records(models / "examples" / "1", tmp_path / "m", records)
        server = serve(base)
        assert state(server) is ManagerState.AVAILABLE
        assert [(name, shapes["inputs"]) for name, shapes in seen] == [
            ("scores", (2,)),
            ("serving_default", (3,)),
            ("values", (1,)),
            ("MultiInference(tf_example:0)", (3,)),
        ]
        # They are nobody's requests.
        assert server.statistics() == ()

    def test_iterations(
        self, half_plus_two: Path, tmp_path: Path, serve: Start, seen: Seen
    ) -> None:
        base = with_records(
            half_plus_two, tmp_path / "m", [predict_log([1.0]), predict_log([2.0])]
        )
        serve(base, num_request_iterations_for_warmup=3)
        assert len(seen) == 6

    def test_threads(
        self, half_plus_two: Path, tmp_path: Path, serve: Start, seen: Seen
    ) -> None:
        records = [predict_log([1.0] * number) for number in range(1, 31)]
        base = with_records(half_plus_two, tmp_path / "m", records)
        server = serve(base, num_model_warmup_threads=4)
        assert state(server) is ManagerState.AVAILABLE
        assert sorted(shapes["x"] for _, shapes in seen) == [(n,) for n in range(1, 31)]

    @pytest.mark.parametrize("threads", [1, 3])
    def test_a_request_that_fails_fails_the_load(
        self, half_plus_two: Path, tmp_path: Path, serve: Start, seen: Seen, threads: int
    ) -> None:
        records = [predict_log([1.0]), predict_log([1.0], "wrong"), predict_log([1.0])]
        base = with_records(half_plus_two, tmp_path / "m", records)
        error = load_error(serve(base, num_model_warmup_threads=threads))
        assert error.status_text == (
            "INVALID_ARGUMENT: Signature input alias: x(feed name: x:0) not found in request "
            "and no default value provided. Inputs expected to be in the set {x}."
        )
        assert len(seen) <= 2

    def test_the_version_before_goes_on(
        self, half_plus_two: Path, half_plus_three: Path, tmp_path: Path, serve: Start
    ) -> None:
        base = tmp_path / "m"
        shutil.copytree(half_plus_two, base / "1")
        server = serve(base, file_system_poll_wait_seconds=1)
        other = with_records(half_plus_three, tmp_path / "next", [predict_log(["no number"])])
        (other / "1").rename(base / "2")
        states: dict[int, Any] = {}

        def failed() -> bool:
            states.update({one.id.version: one for one in server.version_states(MODEL)})
            return 2 in states and states[2].error is not None

        poll_until(failed, "the new version has failed")
        assert states[2].error.message.startswith("Expects arg[0] to be float but string")
        assert predict(server, MODEL) == 2.5

    @pytest.mark.parametrize(
        ("field", "number"), [("session_run_log", 5), ("predict_streamed_log", 7)]
    )
    def test_kinds_that_cannot_be_made_again(
        self, half_plus_two: Path, tmp_path: Path, serve: Start, field: str, number: int
    ) -> None:
        log = prediction_log_pb2.PredictionLog()
        getattr(log, field).SetInParent()
        error = load_error(serve(with_records(half_plus_two, tmp_path / "m", [log])))
        assert error.status_text == f"UNIMPLEMENTED: Unsupported log_type for warmup: {number}"

    def test_a_record_that_is_no_message(
        self, half_plus_two: Path, tmp_path: Path, serve: Start
    ) -> None:
        base = with_records(half_plus_two, tmp_path / "m", [b"malformed-record"])
        assert load_error(serve(base)).status_text == (
            "INVALID_ARGUMENT: Failed to parse warmup record: malformed-record from "
            f"{file_of(base / '1')}"
        )

    @pytest.mark.parametrize("threads", [1, 2])
    def test_a_thousand_records_and_no_more(
        self, half_plus_two: Path, tmp_path: Path, serve: Start, threads: int
    ) -> None:
        record = predict_log([1.0])
        enough = with_records(half_plus_two, tmp_path / "m", [record] * 1000)
        assert state(serve(enough, num_model_warmup_threads=threads)) is ManagerState.AVAILABLE
        too_many = with_records(half_plus_two, tmp_path / "n", [record] * 1001)
        error = load_error(serve(too_many, num_model_warmup_threads=threads))
        assert error.status_text == (
            "INVALID_ARGUMENT: Number of warmup records exceeds the maximum (1000) at "
            f"{file_of(too_many / '1')}"
        )

    def test_a_file_of_something_else(
        self, half_plus_two: Path, tmp_path: Path, serve: Start
    ) -> None:
        base = with_records(half_plus_two, tmp_path / "m", [])
        file_of(base / "1").write_bytes(b"a file that was not written as records")
        assert load_error(serve(base)).status_text == (
            "DATA_LOSS: corrupted record at 0 (Is this even a TFRecord file?). Please verify "
            "your warmup data is in TFRecord format."
        )

    def test_a_file_that_is_cut_off(
        self, half_plus_two: Path, tmp_path: Path, serve: Start, seen: Seen
    ) -> None:
        base = with_records(half_plus_two, tmp_path / "m", [predict_log([1.0])] * 2)
        file = file_of(base / "1")
        file.write_bytes(file.read_bytes()[:-1])
        error = load_error(serve(base))
        assert error.code is Code.DATA_LOSS
        assert error.message.endswith(
            "failed with Read less bytes than requested. Please verify your warmup data is in "
            "TFRecord format."
        )
        assert len(seen) == 1

    def test_an_empty_file_means_no_warm_up(
        self, half_plus_two: Path, tmp_path: Path, serve: Start, seen: Seen
    ) -> None:
        base = with_records(half_plus_two, tmp_path / "m", [])
        assert state(serve(base)) is ManagerState.AVAILABLE
        assert seen == []

    @pytest.mark.parametrize("kind", ["directory", "pipe"])
    def test_something_that_is_no_file(
        self, half_plus_two: Path, tmp_path: Path, serve: Start, kind: str
    ) -> None:
        base = with_records(half_plus_two, tmp_path / "m", [])
        path = file_of(base / "1")
        path.unlink()
        if kind == "pipe":
            os.mkfifo(path)
        else:
            path.mkdir()
        assert load_error(serve(base)).status_text == (
            f"FAILED_PRECONDITION: The warm-up data at {path} is not a file"
        )

    def test_with_batching_they_are_filled_up(
        self, half_plus_two: Path, tmp_path: Path, serve: Start, seen: Seen
    ) -> None:
        parameters = tmp_path / "batching.pbtxt"
        parameters.write_text(
            "max_batch_size { value: 8 } allowed_batch_sizes: 2 allowed_batch_sizes: 4 "
            "allowed_batch_sizes: 8"
        )
        records = [predict_log([1.0] * 3), predict_log([1.0]), predict_log([1.0] * 5)]
        base = with_records(half_plus_two, tmp_path / "m", records)
        serve(base, enable_batching=True, batching_parameters_file=str(parameters))
        # The first of its kind in the larger sizes as well.
        assert [shapes["x"] for _, shapes in seen] == [(4,), (8,), (2,), (8,)]

    def test_examples_are_filled_up_too(
        self, models: Path, tmp_path: Path, serve: Start, seen: Seen, rows: list[bytes]
    ) -> None:
        parameters = tmp_path / "batching.pbtxt"
        parameters.write_text("max_batch_size { value: 4 } allowed_batch_sizes: 4")
        records = [classify_log(rows[:1]), multi_inference_log(rows, "values", "column")]
        base = with_records(models / "examples" / "1", tmp_path / "m", records)
        server = serve(base, enable_batching=True, batching_parameters_file=str(parameters))
        assert state(server) is ManagerState.AVAILABLE
        assert [shapes["inputs"] for _, shapes in seen] == [(4,), (4,)]

    def test_none_at_all(
        self, half_plus_two: Path, tmp_path: Path, serve: Start, seen: Seen
    ) -> None:
        base = with_records(half_plus_two, tmp_path / "m", [b"malformed-record"])
        server = serve(base, enable_model_warmup=False)
        assert state(server) is ManagerState.AVAILABLE
        assert seen == []


class TestZeros:
    def test_the_default_signature_first_and_often(
        self, half_plus_two: Path, serve: Start, seen: Seen
    ) -> None:
        server = serve(half_plus_two.parent)
        assert seen[0][0] == "serving_default"
        assert seen[:20] == [seen[0]] * 20
        assert server.statistics() == ()

    def test_small_models_run_inline_from_the_first_client_on(
        self, half_plus_two: Path, serve: Start
    ) -> None:
        server = serve(half_plus_two.parent)
        with server.hold(MODEL) as held:
            model = held._model
            assert isinstance(model, TensorFlowModel)
            assert model._plans["serving_default"].pool.inline

    @pytest.mark.parametrize("setting", ["enable_model_warmup", "enable_automatic_warmup"])
    def test_none(self, half_plus_two: Path, serve: Start, seen: Seen, setting: str) -> None:
        assert state(serve(half_plus_two.parent, **{setting: False})) is ManagerState.AVAILABLE
        assert seen == []

    def test_none_while_a_request_waits_for_the_load(
        self, half_plus_two: Path, start: Start, seen: Seen
    ) -> None:
        server = start(
            model_name="m", model_base_path=str(half_plus_two.parent), lazy_loading=True
        )
        assert server.predict("m", [1.0])["y"].tolist() == [2.5]
        assert len(seen) == 1

    def test_what_would_change_the_model_is_left_alone(
        self, models: Path, serve: Start, seen: Seen
    ) -> None:
        serve(models / "string_keepers")
        assert {name for name, _ in seen} == {"values", "numbers"}

    def test_what_fails_keeps_no_model_from_serving(
        self,
        models: Path,
        serve: Start,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        with caplog.at_level("INFO"):
            server = serve(models / "composites")
        assert state(server) is ManagerState.AVAILABLE
        [line] = [text for text in caplog.messages if text.startswith("Warmed up")]
        assert "{name: m version: 1} with zeros for" in line

    @pytest.mark.parametrize(
        ("text", "sizes"),
        [
            (
                "max_batch_size { value: 8 } allowed_batch_sizes: 2 allowed_batch_sizes: 8",
                [2, 8],
            ),
            ("max_batch_size { value: 8 }", [1, 8]),
        ],
    )
    def test_batches(
        self,
        models: Path,
        tmp_path: Path,
        serve: Start,
        seen: Seen,
        text: str,
        sizes: list[int],
    ) -> None:
        parameters = tmp_path / "batching.pbtxt"
        parameters.write_text(text)
        serve(
            models / "keras_3", enable_batching=True, batching_parameters_file=str(parameters)
        )
        of_default = [shapes for name, shapes in seen if name == "serving_default"]
        found = [next(iter(shapes.values()))[0] for shapes in of_default]
        assert found == [sizes[0]] * 20 + sizes[1:]
