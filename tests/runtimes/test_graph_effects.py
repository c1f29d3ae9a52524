"""Which signatures may be run without leaving anything behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfs_notebook.runtimes.model import TellsEffects
from tfs_notebook.runtimes.tensorflow.graph_effects import GraphEffects
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model
from tfs_notebook.wire.messages import GraphDef

# Fills the tables when the model is loaded; nobody asks for it.
INIT = "__saved_model_init_op"


def with_effects(directory: Path) -> set[str]:
    model = load_saved_model(directory, ["serve"])
    try:
        assert isinstance(model, TellsEffects)
        return {
            name
            for name, one in model.signatures.items()
            if model.has_effects(one) and name != INIT
        }
    finally:
        model.close()


@pytest.mark.parametrize(
    "name", ["half_plus_two", "keras_3", "tables", "text_classifier", "slow", "string_lookup"]
)
def test_models_that_only_compute(models: Path, name: str) -> None:
    # They have variables and tables, and graphs that restore them.
    assert with_effects(models / name / "1") == set()


def test_tables_queues_and_variables_that_are_changed(models: Path) -> None:
    assert with_effects(models / "string_keepers" / "1") == {
        "insert", "assign", "assign_old", "enqueue", "dequeue"
    }  # fmt: skip


def test_what_would_be_done_in_a_branch_counts(models: Path) -> None:
    assert with_effects(models / "hangs" / "1") == {
        "serving_default", "scores", "values", "from_pipe", "let_go"
    }  # fmt: skip


def graph(*nodes: tuple[str, str, list[str]]) -> GraphDef:
    found = GraphDef()
    for name, op, inputs in nodes:
        found.node.add(name=name, op=op, input=inputs)
    return found


def test_what_a_tensor_waits_for_counts_and_what_lies_beside_it_does_not() -> None:
    effects = GraphEffects(
        graph(
            ("x", "Placeholder", []),
            ("write", "WriteFile", ["x"]),
            ("y", "Identity", ["x:0", "^write"]),
            ("z", "Identity", ["x"]),
        )
    )
    assert effects.of(["y:0"])
    assert not effects.of(["z:0"])
    assert not effects.of(["nowhere:0"])


def test_functions_that_call_one_another_end() -> None:
    found = graph(("y", "f", []), ("z", "g", []))
    for name, called in (("f", "g"), ("g", "f")):
        function = found.library.function.add()
        function.signature.name = name
        function.node_def.add(name="n", op=called)
    assert not GraphEffects(found).of(["y:0"])
    found.library.function[1].node_def.add(name="m", op="AssignVariableOp")
    assert GraphEffects(found).of(["y:0"])
    assert GraphEffects(found).of(["z:0"])
