"""What an ensemble's file may say, and what follows from it for its signature."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.serving.ensembles.ensemble_files import chain, document, step
from tfs_notebook.lifecycle import ServableId
from tfs_notebook.serving.ensembles.description import (
    read_ensemble,
    validated_ensemble,
    write_ensemble,
)
from tfs_notebook.serving.ensembles.member_graph import DEEPEST, MemberGraph
from tfs_notebook.serving.ensembles.signature import derived_definition
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import DataLoss, InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.signatures import Signature, TensorSpec, signature_of

FLOAT, STRING = DataType.FLOAT, DataType.STRING
Shapes = dict[str, tuple[int, tuple[int, ...] | None]]


def signature(inputs: Shapes, outputs: Shapes) -> Signature:
    def specs(shapes: Shapes) -> dict[str, TensorSpec]:
        return {name: TensorSpec(name, *said) for name, said in shapes.items()}

    return Signature("serving_default", "", specs(inputs), specs(outputs))


HALF = signature({"x": (FLOAT, (-1, 1))}, {"y": (FLOAT, (-1, 1))})


def test_steps_are_put_in_order_and_pruned() -> None:
    said = document(
        {
            "last": step("c", x="left.y", z="right.y"),
            "left": step("a", x="request.x"),
            "right": step("b", x="request.x"),
        },
        y="last.y",
        half="left.y",
    )
    ensemble = validated_ensemble(said, "here")
    assert list(ensemble.steps)[-1] == "last"
    assert ensemble.members == {"a", "b", "c"}
    assert ensemble.needed_for(frozenset({"half"})) == {"left"}
    assert ensemble.needed_for(frozenset({"y"})) == {"left", "right", "last"}
    assert ensemble.used_outputs("left") == ("y",)


def test_aliases_may_have_points_and_versions_and_labels_are_read() -> None:
    steps = {
        "one": {"model": "a", "version": 3, "signature": "s", "inputs": {"x/0": "request.x.y"}},
        "two": {"model": "b", "label": "stable", "inputs": {"x": "one.a.b"}},
    }
    ensemble = validated_ensemble(document(steps, y="two.y"), "here")
    assert ensemble.steps["one"].reference == ModelReference("a", 3, None, "s")
    assert ensemble.steps["one"].inputs["x/0"].name == "x.y"
    assert ensemble.steps["two"].reference == ModelReference("b", None, "stable")
    assert ensemble.steps["two"].inputs["x"].name == "a.b"
    assert ensemble.steps["two"].member == "b label 'stable'"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ([], "the document: \\[\\] is not of type 'object'"),
        ({}, "'schema_version' is a required property"),
        (document({}, y="a.y"), "steps: {}"),
        (document({"a": step("m", x="request.x")}), "outputs: {}"),
        (document({"request": step("m", x="request.x")}, y="request.y"), "steps"),
        (document({"a b": step("m", x="request.x")}, y="a.y"), "'a b' does not match"),
        (document({"a": step("m", x="request.x")}, y="b.y"), "outputs.y: there is no step 'b'"),
        (document({"a": step("m", x="request.x")}, y="request.x"), "no step 'request'"),
        (
            document({"a": step("m", x="b.y")}, y="a.y"),
            "steps.a.inputs.x: there is no step 'b'",
        ),
        (document({"a": step("m", x="a.y")}, y="a.y"), "steps a need one another in a circle"),
        (
            document({"a": step("m", x="b.y"), "b": step("m", x="a.y")}, y="b.y"),
            "the steps a, b need one another in a circle",
        ),
        (document({"a": step("m", x="nothing")}, y="a.y"), "steps.a.inputs.x: 'nothing'"),
        (document({"a": step("", x="request.x")}, y="a.y"), "steps.a.model"),
        (
            document({"a": step("m", x="request.x") | {"version": 1, "label": "l"}}, y="a.y"),
            "steps.a: a step has a version or a label, not both",
        ),
        (document({"a": step("m", x="request.x") | {"code": "1"}}, y="a.y"), "'code'"),
        (
            document({"a": step("m", x="request.x") | {"model": ["x"] * 999}}, y="a.y"),
            r"steps.a.model: .{60}… is not of type 'string'",
        ),
    ],
)
def test_what_is_not_valid_is_told_with_its_place(said: object, text: str) -> None:
    with pytest.raises(DataLoss, match=f"here is no valid ensemble: .*{text}"):
        validated_ensemble(said, "here")


def test_files(tmp_path: Path) -> None:
    path = write_ensemble(tmp_path / "1", chain("a", "b"))
    assert list(read_ensemble(path).steps) == ["s0", "s1"]
    assert json.loads(path.read_text()) == chain("a", "b")
    with pytest.raises(DataLoss, match="is no valid ensemble"):
        write_ensemble(tmp_path / "2", {})
    assert not (tmp_path / "2").exists()
    for content in (b"{", b"\xff", b"[" * 100_000):
        path.write_bytes(content)
        with pytest.raises(DataLoss, match="cannot be read as JSON"):
            read_ensemble(path)
    path.write_bytes(b" " * (1 << 21))
    with pytest.raises(DataLoss, match="1048576 at most"):
        read_ensemble(path)


def derived(said: dict[str, Any], **members: Signature) -> Signature:
    ensemble = validated_ensemble(said, "here")
    return signature_of("serving_default", derived_definition(ensemble, members))


def test_the_signature_follows_from_the_members() -> None:
    whole = derived(chain("a", "b"), s0=HALF, s1=HALF)
    assert [str(one) for one in whole.inputs.values()] == ["x: float [?, 1]"]
    assert [str(one) for one in whole.outputs.values()] == ["y: float [?, 1]"]
    assert whole.method_name == "tensorflow/serving/predict"


def test_an_input_of_several_steps_has_what_suits_all() -> None:
    said = document(
        {name: step(name, x="request.x") for name in ("a", "b", "c")},
        a="a.y", b="b.y", c="c.y",
    )  # fmt: skip
    outputs: Shapes = {"y": (FLOAT, None)}
    whole = derived(
        said,
        a=signature({"x": (FLOAT, None)}, outputs),
        b=signature({"x": (FLOAT, (-1, -1, 3))}, outputs),
        c=signature({"x": (FLOAT, (1, 20, -1))}, outputs),
    )
    assert whole.inputs["x"].shape == (-1, 20, 3)
    assert whole.outputs["a"].shape is None


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        (
            HALF,
            signature({"x": (STRING, (-1, 1))}, {"y": (FLOAT, None)}),
            "step 's1': input 'x' of b is string, and s0.y is float",
        ),
        (
            HALF,
            signature({"x": (FLOAT, (-1, 2))}, {"y": (FLOAT, None)}),
            r"step 's1': input 'x' of b has the shape \[\?, 2\], and s0.y has \[\?, 1\]",
        ),
        (
            HALF,
            signature({"x": (FLOAT, (-1,))}, {"y": (FLOAT, None)}),
            r"has the shape \[\?\], and",
        ),
        (HALF, signature({"z": (FLOAT, None)}, {"y": (FLOAT, None)}), "b takes no x in"),
        (
            HALF,
            signature({"x": (FLOAT, None), "z": (FLOAT, None)}, {"y": (FLOAT, None)}),
            "b needs z in",
        ),
        (signature({"x": (FLOAT, None)}, {}), HALF, "step 's1': s0.y is not there"),
        (HALF, signature({"x": (FLOAT, None)}, {}), "output 'y': s1.y is not there"),
    ],
)
def test_steps_that_do_not_fit_together(first: Signature, second: Signature, text: str) -> None:
    with pytest.raises(InvalidArgument, match=text):
        derived(chain("a", "b"), s0=first, s1=second)


def test_no_ensemble_comes_to_ask_itself() -> None:
    graph = MemberGraph()
    a = graph.add(ServableId("a", 1), {"b", "m"})
    graph.add(ServableId("b", 1), {"c", "m"})
    with pytest.raises(InvalidArgument, match=r"c asks a asks b asks c|a asks b asks c asks a"):
        graph.add(ServableId("c", 1), {"a"})
    with pytest.raises(InvalidArgument, match="m asks m"):
        graph.add(ServableId("m", 2), {"m"})
    graph.remove(a)
    graph.remove(a)
    graph.add(ServableId("c", 1), {"a"})


def test_ensembles_lie_in_one_another_to_a_depth() -> None:
    graph = MemberGraph()
    # From the outside in, so that the innermost comes last.
    for number in range(DEEPEST):
        graph.add(ServableId(f"e{number}", 1), {f"e{number + 1}"})
    with pytest.raises(InvalidArgument, match=f"At most {DEEPEST} may"):
        graph.add(ServableId(f"e{DEEPEST}", 1), {"m"})
