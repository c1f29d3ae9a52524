"""Which predictions an event loop may make itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.models.inputs import floats
from tfs_notebook.runtimes.tensorflow.saved_model import TensorFlowModel, load_saved_model
from tfs_notebook.serving.brief_runs import BriefRuns
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.serving.run_pool import RunPool
from tfs_notebook.wire.model_spec import ModelReference

X = np.zeros(3, np.float32)
FLOAT = 1


@pytest.fixture(scope="module")
def model(models: Path) -> TensorFlowModel:
    return load_saved_model(models / "half_plus_two" / "1", ["serve"])


def test_it_takes_several_of_the_same_kind(model: TensorFlowModel) -> None:
    runs = BriefRuns(model)
    signature = model.signatures["serving_default"]
    kind = runs.kind(signature, {"x": (X, FLOAT)}, ())
    assert kind is not None
    for _ in range(8):
        assert not runs.expects(kind)
        runs.record(kind, 0.0001)
    assert runs.expects(kind)
    for other in (
        runs.kind(signature, {"x": (np.zeros((1, 3), np.float32), FLOAT)}, ()),
        runs.kind(signature, {"x": (X, FLOAT)}, ("y",)),
    ):
        assert other != kind
        assert not runs.expects(other)


def test_which_input_has_which_shape_makes_a_kind(model: TensorFlowModel) -> None:
    runs = BriefRuns(model)
    signature = model.signatures["serving_default"]
    row, column = np.zeros((1, 9), np.float32), np.zeros((9, 1), np.float32)
    one = runs.kind(signature, {"a": (row, FLOAT), "b": (column, FLOAT)}, ())
    # A product of the one is a number, and of the other a table.
    assert runs.kind(signature, {"b": (row, FLOAT), "a": (column, FLOAT)}, ()) != one


def test_one_that_was_kept_waiting_does_not_change_it(model: TensorFlowModel) -> None:
    runs = BriefRuns(model)
    for seconds in [0.00005] * 8 + [0.5] * 3:
        runs.record("kind", seconds)
    assert runs.expects("kind")
    for _ in range(200):
        runs.record("kind", 0.5)
    assert not runs.expects("kind")


def test_what_takes_long_is_not_brief(model: TensorFlowModel) -> None:
    runs = BriefRuns(model)
    for _ in range(100):
        runs.record("kind", 0.0008)
    assert not runs.expects("kind")


def test_what_depends_on_values_is_of_no_kind(model: TensorFlowModel) -> None:
    examples = np.array([b""], object)
    signature = model.signatures["regress_x_to_y"]
    assert BriefRuns(model).kind(signature, {"inputs": (examples, 7)}, ()) is None


def test_a_client_that_asks_for_ever_new_shapes_fills_no_memory(model: TensorFlowModel) -> None:
    runs = BriefRuns(model)
    for number in range(1000):
        for _ in range(8):
            runs.record(number, 0.0001)
    assert sum(map(runs.expects, range(1000))) == 256


async def makers(server: ModelServer, requests: int, inputs: int = 1) -> list[str]:
    """The threads that make predictions which come one at a time."""
    pool = RunPool("test-run", 1)
    runner = RequestRunner(server, pool, nothing_runs=lambda: pool.is_idle)
    answers: list[str] = []

    def maker(outputs: Mapping[str, np.ndarray]) -> str:
        assert outputs["y"].tolist() == [2.5] * inputs
        return threading.current_thread().name

    def prepare() -> Prediction[str]:
        model = server.hold(ModelReference("m"))
        given = {"x": (floats(*[1.0] * inputs), FLOAT)}
        return model.prediction(model.signature(""), given, maker)

    try:
        for _ in range(requests):
            answers.append(await runner.predict(prepare, small=True))
            await asyncio.sleep(0.001)
    finally:
        assert pool.stop(10)
    return answers


async def test_requests_that_come_one_at_a_time_stay_on_the_loop(
    start: Callable[..., ModelServer], models: Path
) -> None:
    server = start(model_name="m", model_base_path=str(models / "half_plus_two"))
    here = threading.current_thread().name
    threads = await makers(server, 60)
    assert threads[0] != here
    assert threads[-1] == here
    # What has not been seen is not known.
    assert (await makers(server, 1, inputs=1000))[0] != here
