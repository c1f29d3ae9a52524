"""Which signatures take the same work for all inputs of the same shapes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfs_notebook.runtimes.model import TellsWork
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model
from tfs_notebook.runtimes.tensorflow.steady_graph import SteadyGraph
from tfs_notebook.wire.messages import GraphDef

# Fills the tables when the model is loaded; nobody asks for it.
INIT = "__saved_model_init_op"


def with_steady_work(directory: Path) -> set[str]:
    model = load_saved_model(directory, ["serve"])
    try:
        assert isinstance(model, TellsWork)
        return {name for name, one in model.signatures.items() if model.has_steady_work(one)}
    finally:
        model.close()


@pytest.mark.parametrize(
    ("name", "steady"),
    [
        # Its other signatures parse examples.
        ("half_plus_two", {"serving_default", "twice", "odd_method", "reference"}),
        ("keras_3", {INIT, "serve", "serving_default"}),
        ("text_classifier", set()),
        ("string_lookup", set()),
        # It waits as long as its input says.
        ("slow", {INIT}),
        # Strings are handed through, and are as long as they like.
        ("texts", {INIT}),
        # Variables that are read by one signature, and assigned by another.
        ("string_keepers", set()),
        ("hangs", set()),
        ("tables", set()),
    ],
)
def test_signatures_of_models(models: Path, name: str, steady: set[str]) -> None:
    assert with_steady_work(models / name / "1") == steady


def graph(*nodes: tuple[str, str, list[str]]) -> GraphDef:
    found = GraphDef()
    for name, op, inputs in nodes:
        found.node.add(name=name, op=op, input=inputs)
    return found


def test_what_a_tensor_does_not_need_does_not_count() -> None:
    steady = SteadyGraph(
        graph(
            ("x", "Placeholder", []),
            ("loop", "While", ["x"]),
            ("y", "MatMul", ["x:0", "x"]),
            ("z", "Identity", ["y:0", "^loop"]),
        )
    )
    assert steady.makes(["y:0"])
    assert not steady.makes(["z:0"])
    assert not steady.makes(["y:0", "nowhere:0"])


def test_what_is_fed_is_not_made() -> None:
    steady = SteadyGraph(
        graph(
            ("text", "Placeholder", []),
            ("parsed", "ParseExampleV2", ["text"]),
            ("y", "Relu", ["parsed"]),
            ("z", "Relu", ["y", "^parsed"]),
            ("second", "Relu", ["parsed:1"]),
        )
    )
    assert not steady.makes(["y:0"])
    assert steady.makes(["y:0", "parsed:0"], given=["parsed:0"])
    assert not steady.makes(["z:0"], given=["parsed:0"])
    assert not steady.makes(["second:0"], given=["parsed:0"])


def test_a_size_that_is_fed_is_a_value_though_the_graph_has_a_constant_for_it() -> None:
    steady = SteadyGraph(
        graph(
            ("x", "Placeholder", []),
            ("size", "Const", []),
            ("same", "Identity", ["size"]),
            ("y", "Fill", ["same", "x"]),
        )
    )
    assert steady.makes(["y:0"], given=["x:0"])
    assert not steady.makes(["y:0"], given=["x:0", "size:0"])
    assert not steady.makes(["y:0"], given=["x:0", "same:0"])


def test_a_function_that_would_not_run_is_not_steady() -> None:
    found = graph(("x", "Placeholder", []), ("y", "PartitionedCall", ["x"]))
    found.node[1].attr["f"].func.name = "damaged"
    function = found.library.function.add()
    function.signature.name = "damaged"
    function.node_def.add(name="n", op="StridedSlice", input=["argument"])
    assert not SteadyGraph(found).makes(["y:0"])


@pytest.mark.parametrize("op", ["PyFunc", "DecodePng", "Where", "If", "QueueDequeueV2", "MyOp"])
def test_what_is_not_known_to_be_steady_is_not(op: str) -> None:
    found = graph(("x", "Placeholder", []), ("y", op, ["x"]))
    assert not SteadyGraph(found).makes(["y:0"])


@pytest.mark.parametrize(
    ("op", "inputs"),
    [
        ("Fill", ["{}", "x"]),
        ("Reshape", ["x", "{}"]),
        ("Tile", ["x", "{}"]),
        ("Range", ["zero", "{}", "zero"]),
        ("Slice", ["x", "zero", "{}"]),
        ("TopKV2", ["x", "{}"]),
        ("ConcatV2", ["x", "x", "{}", "^x"]),
    ],
)
@pytest.mark.parametrize(
    ("size", "steady"),
    [
        ("zero", True),
        ("of_shape", True),
        ("asked", False),
        ("of_value", False),
        ("variable", False),
        ("counted", False),
        ("nowhere", False),
    ],
)
def test_sizes_follow_from_shapes_or_it_is_not_steady(
    op: str, inputs: list[str], size: str, steady: bool
) -> None:
    found = graph(
        ("x", "Placeholder", []),
        ("asked", "Placeholder", []),
        ("zero", "Const", []),
        ("shape", "Shape", ["x"]),
        ("of_shape", "StridedSlice", ["shape:0", "zero", "zero", "zero"]),
        ("of_value", "Sum", ["x", "zero"]),
        ("handle", "VarHandleOp", []),
        ("variable", "ReadVariableOp", ["handle"]),
        # How many there are depends on the values.
        ("which", "Where", ["x"]),
        ("counted", "Identity", ["which"]),
        ("y", op, [name.format(size) for name in inputs]),
    )
    assert SteadyGraph(found).makes(["y:0"]) is steady


def test_functions_are_looked_into() -> None:
    found = graph(("x", "Placeholder", []), ("y", "StatefulPartitionedCall", ["x"]))
    found.node[1].attr["f"].func.name = "outer"
    steady = SteadyGraph(found)
    assert not steady.makes(["y:0"])
    outer, inner = found.library.function.add(), found.library.function.add()
    outer.signature.name, inner.signature.name = "outer", "inner"
    call = outer.node_def.add(name="call", op="PartitionedCall", input=["argument"])
    call.attr["f"].func.name = "inner"
    inner.node_def.add(name="out", op="Relu", input=["argument"])
    assert SteadyGraph(found).makes(["y:0"])
    # The argument of a function may come from anywhere.
    inner.node_def.add(name="more", op="Fill", input=["argument", "out:z:0"])
    assert not SteadyGraph(found).makes(["y:0"])


def test_functions_that_call_one_another_end() -> None:
    found = graph(("y", "PartitionedCall", []))
    found.node[0].attr["f"].func.name = "f"
    for name, called in (("f", "g"), ("g", "f")):
        function = found.library.function.add()
        function.signature.name = name
        function.node_def.add(name="n", op="PartitionedCall").attr["f"].func.name = called
    assert not SteadyGraph(found).makes(["y:0"])
