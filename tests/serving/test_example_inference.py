"""Classify, Regress and MultiInference of a model server in this process."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.models.answers import read_answers
from tests.models.inputs import floats
from tests.polling import poll_until
from tfs_notebook.lifecycle import ManagerState
from tfs_notebook.serving.example_methods import CLASSIFY, REGRESS
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.multi_inference import joint_signatures, plan_multi_inference
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import InvalidArgument, Unimplemented
from tfs_notebook.wire.example_requests import InferenceTask
from tfs_notebook.wire.inference_results import Classifications, Regressions
from tfs_notebook.wire.messages import SignatureDef
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.signatures import Signature, TensorSpec

Start = Callable[..., ModelServer]

MODEL = ModelReference("examples")


@pytest.fixture
def server(start: Start, models: Path) -> ModelServer:
    return start(model_name="examples", model_base_path=str(models / "examples"))


@pytest.fixture
def rows(models: Path) -> list[bytes]:
    examples: list[bytes] = read_answers(models / "examples")[0].inputs["inputs"].tolist()
    return examples


def answered(model: ModelReference, result: Any) -> tuple[ModelReference, Any]:
    return model, result


def regression(server: ModelServer, signature: str, rows: Sequence[bytes]) -> Prediction[Any]:
    return server.hold(MODEL).inference(REGRESS, signature, rows, answered)


def tasks(*signatures: str) -> list[InferenceTask]:
    return [
        InferenceTask(ModelReference("examples", signature=name), REGRESS.name)
        for name in signatures
    ]


def test_a_classification(server: ModelServer, rows: list[bytes]) -> None:
    model, result = server.hold(MODEL).inference(CLASSIFY, "", rows, answered).run()
    assert model == ModelReference("examples", 1, None, "serving_default")
    assert isinstance(result, Classifications)
    assert result.labels is not None
    assert result.scores is not None
    assert result.labels[:, 0].tolist() == [b"one", b"", b"three"]
    assert result.scores.tolist() == [[1.5, 3.0], [0.0, 0.0], [-2.0, 7.0]]


@pytest.mark.parametrize("signature", ["values", "column"])
def test_a_regression(server: ModelServer, rows: list[bytes], signature: str) -> None:
    model, result = regression(server, signature, rows).run()
    assert model == ModelReference("examples", 1, None, signature)
    assert isinstance(result, Regressions)
    assert result.values.tolist() == [1.5, 0.0, -2.0]


def test_requests_are_counted_by_signature(server: ModelServer, rows: list[bytes]) -> None:
    regression(server, "values", rows).run()
    with pytest.raises(InvalidArgument):
        regression(server, "values", [b"\xff"]).run()
    with pytest.raises(InvalidArgument):
        regression(server, "values_are_integers", rows).run()
    held = server.hold(MODEL)
    held.multi_inference(tasks("values", "column"), rows, list).run()
    counts = {one.signature: (one.requests, one.errors) for one in server.statistics()}
    assert counts == {
        "values": (2, 1),
        "values_are_integers": (1, 1),
        "MultiInference(tf_example:0)": (1, 0),
    }
    assert not any(one.in_flight for one in server.statistics())


def test_a_version_stays_until_it_has_answered(
    start: Start, models: Path, rows: list[bytes], tmp_path: Path
) -> None:
    base = tmp_path / "examples"
    shutil.copytree(models / "examples" / "1", base / "1")
    server = start(model_name="examples", model_base_path=str(base))

    def state(version: int) -> ManagerState | None:
        states = {one.id.version: one.state for one in server.version_states(MODEL)}
        return states.get(version)

    one = regression(server, "values", rows)
    several = server.hold(MODEL).multi_inference(tasks("values", "column"), rows, list)
    shutil.copytree(base / "1", tmp_path / "next")
    (tmp_path / "next").rename(base / "2")
    poll_until(lambda: state(2) is ManagerState.AVAILABLE, "the new version serves")
    poll_until(lambda: state(1) is ManagerState.UNLOADING, "the old one is to go")
    assert one.run()[1].values.tolist() == [1.5, 0.0, -2.0]
    assert state(1) is ManagerState.UNLOADING
    assert [reference.version for reference, _ in several.run()] == [1, 1]
    poll_until(lambda: state(1) is ManagerState.END, "the old one has gone")


def test_tasks_that_need_the_same_tensor_share_it(
    server: ModelServer, rows: list[bytes]
) -> None:
    with server.hold(MODEL) as model:
        plan = plan_multi_inference(
            [
                *tasks("column"),
                InferenceTask(ModelReference("examples"), CLASSIFY.name),
                InferenceTask(ModelReference("examples", signature="scores"), CLASSIFY.name),
            ],
            model.signatures,
            model.signature_defs,
            joint_signatures(model.signatures),
            check_method=True,
        )
    scores = {task.outputs["scores"] for task in plan.tasks if "scores" in task.outputs}
    assert len(scores) == 1
    assert len(plan.outputs) == 3
    assert plan.outputs == sorted(plan.outputs)


def signature(name: str, method: str, tensor: str, *outputs: str) -> Signature:
    return Signature(
        name,
        method,
        {"inputs": TensorSpec("inputs", DataType.STRING, (-1,), tensor)},
        {
            alias: TensorSpec(alias, DataType.FLOAT, (-1,), f"{name}/{alias}")
            for alias in outputs
        },
    )


def test_what_is_kept_for_joint_runs_depends_on_the_model_alone() -> None:
    named: Mapping[str, Signature] = {
        "a": signature("a", REGRESS.name, "one:0", "outputs"),
        "b": signature("b", CLASSIFY.name, "one:0", "scores"),
        "c": signature("c", REGRESS.name, "other:0", "outputs"),
        "none": Signature("none", "", {}, {}),
        "no graph": signature("no graph", REGRESS.name, "", "outputs"),
    }
    joint = joint_signatures(named)
    assert {name: list(one.outputs) for name, one in joint.items()} == {
        "MultiInference(one:0)": ["a/outputs", "b/scores"],
        "MultiInference(other:0)": ["c/outputs"],
    }
    definitions = {name: SignatureDef() for name in named}

    def planned(*wanted: tuple[str, str]) -> Signature:
        asked = [InferenceTask(ModelReference("m", signature=one), how) for one, how in wanted]
        return plan_multi_inference(
            asked, named, definitions, joint, check_method=False
        ).signature

    assert planned(("a", REGRESS.name)) is joint["MultiInference(one:0)"]
    assert planned(("b", CLASSIFY.name), ("a", REGRESS.name)) is joint["MultiInference(one:0)"]
    assert planned(("c", REGRESS.name)) is joint["MultiInference(other:0)"]


def test_a_model_that_is_no_graph_says_so() -> None:
    named = {"a": signature("a", REGRESS.name, "", "outputs")}
    asked = [InferenceTask(ModelReference("m", signature="a"), REGRESS.name)]
    with pytest.raises(Unimplemented, match="one by one with Classify and Regress"):
        plan_multi_inference(asked, named, {"a": SignatureDef()}, {}, check_method=False)


def test_what_is_refused_lets_go_of_nothing_it_was_not_given(server: ModelServer) -> None:
    """A caller that keeps its hold can ask again."""
    with server.hold(MODEL) as model:
        with pytest.raises(InvalidArgument):
            model.inference(REGRESS, "x", [b""], answered)
        with pytest.raises(InvalidArgument):
            model.multi_inference(tasks("x"), [b""], list)
        got = model.inference(REGRESS, "values", [b""], answered).run()[1]
    np.testing.assert_array_equal(got.values, floats(0.0))
