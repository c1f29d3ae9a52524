"""SavedModels whose ops reach beyond them are found out before TensorFlow has them."""

from __future__ import annotations

import ctypes
import shutil
from collections.abc import Callable
from ctypes import POINTER
from pathlib import Path

import pytest

from tests.server_process import ROOT
from tests.written_graphs import add_node, function, graph_with, set_signature
from tests.written_models import reading
from tfs_notebook.runtimes.tensorflow.graph_safety import OpRules, unsafe_ops_of
from tfs_notebook.runtimes.tensorflow.library import Buffer, load_library
from tfs_notebook.runtimes.tensorflow.op_safety import UNSAFE_OPS
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model
from tfs_notebook.runtimes.tensorflow.saved_model_file import read_saved_model
from tfs_notebook.wire.errors import DataLoss, InvalidArgument, PermissionDenied, Unimplemented
from tfs_notebook.wire.messages import AssetFileDef, MetaGraphDef, OpList

JUDGED = ROOT / "tests" / "runtimes" / "judged_ops.txt"
SERVE = ("serve",)


def registered_ops() -> set[str]:
    """The ops of the TensorFlow in use."""
    get = ctypes.PyDLL(str(load_library().path)).TF_GetAllOpList
    get.restype = POINTER(Buffer)
    buffer = get()
    listed = OpList.FromString(ctypes.string_at(buffer.contents.data, buffer.contents.length))
    load_library().DeleteBuffer(buffer)
    return {op.name for op in listed.op}


def test_every_op_has_been_judged() -> None:
    registered = registered_ops()
    judged = set(JUDGED.read_text("utf-8").split())
    assert judged & UNSAFE_OPS.keys() == set(), "an op is either harmless or not"
    new = registered - judged - UNSAFE_OPS.keys()
    assert new == set(), (
        f"TensorFlow has new ops. Look what they do: those that touch files, processes or the "
        f"network belong into op_safety.py, the others into {JUDGED.name}"
    )
    assert UNSAFE_OPS.keys() - registered == set(), "ops that are no more, or never were"


def reached(meta_graph: MetaGraphDef) -> list[str]:
    return [
        f"{one.op} in {one.function or 'graph'} by {one.start}"
        for one in unsafe_ops_of(meta_graph)
    ]


# -- models as they are ------------------------------------------------------------


def test_ordinary_models_pass(models: Path) -> None:
    refused = {}
    for file in models.glob("*/1/saved_model.pb"):
        for meta_graph in read_saved_model(file).meta_graphs:
            if found := reached(meta_graph):
                refused[file.parent.parent.name] = found
    # It hangs on a pipe when it is told to, for which it reads that.
    assert refused.keys() == {"hangs"}
    [op] = refused["hangs"]
    assert op.startswith("ReadFile in cond_")
    assert op.endswith("by signature 'from_pipe'")


def test_models_of_tensorflow_serving_pass(reference_models: Path) -> None:
    files = list(reference_models.glob("**/saved_model.pb"))
    assert files
    for file in files:
        for meta_graph in read_saved_model(file).meta_graphs:
            assert reached(meta_graph) == []


# -- where an op may hide ------------------------------------------------------------


def reader(meta_graph: MetaGraphDef, name: str = "read") -> None:
    """Have a function that reads a file."""
    body = function(meta_graph.graph_def, name, ["path"])
    add_node(body, "ReadFile", "deep", "path")


def by_call(meta_graph: MetaGraphDef) -> None:
    reader(meta_graph)
    add_node(meta_graph.graph_def, "StatefulPartitionedCall", "y", "x", f="read")


def by_name(meta_graph: MetaGraphDef) -> None:
    reader(meta_graph)
    add_node(meta_graph.graph_def, "read", "y", "x")


def by_branch(meta_graph: MetaGraphDef) -> None:
    reader(meta_graph)
    function(meta_graph.graph_def, "other", ["path"])
    node = add_node(meta_graph.graph_def, "If", "y", "x", "x", then_branch="other")
    node.attr["else_branch"].func.name = "read"


def by_case(meta_graph: MetaGraphDef) -> None:
    reader(meta_graph)
    node = add_node(meta_graph.graph_def, "Case", "y", "x", "x")
    node.attr["branches"].list.func.add(name="read")


def by_function_of_a_function(meta_graph: MetaGraphDef) -> None:
    reader(meta_graph)
    node = add_node(meta_graph.graph_def, "MapDefun", "y", "x")
    node.attr["f"].func.name = "outer"
    node.attr["f"].func.attr["inner"].func.name = "read"
    function(meta_graph.graph_def, "outer", ["path"])


def by_text(meta_graph: MetaGraphDef) -> None:
    reader(meta_graph)
    add_node(meta_graph.graph_def, "Identity", "y", "x", backward_function_name=b"read")


def by_stand_in(meta_graph: MetaGraphDef) -> None:
    reader(meta_graph)
    plain = function(meta_graph.graph_def, "plain", ["path"])
    for one in meta_graph.graph_def.library.function:
        one.attr["api_implements"].s = b"lstm"
    assert plain.signature.name == "plain"
    add_node(meta_graph.graph_def, "PartitionedCall", "y", "x", f="plain")


def by_gradient(meta_graph: MetaGraphDef) -> None:
    reader(meta_graph)
    function(meta_graph.graph_def, "forward", ["path"])
    meta_graph.graph_def.library.gradient.add(function_name="forward", gradient_func="read")
    add_node(meta_graph.graph_def, "SymbolicGradient", "y", "x", f="forward")


def by_control(meta_graph: MetaGraphDef) -> None:
    add_node(meta_graph.graph_def, "ReadFile", "deep", "x")
    add_node(meta_graph.graph_def, "Identity", "y", "x", "^deep")


@pytest.mark.parametrize(
    "hide",
    [
        by_call, by_name, by_branch, by_case, by_function_of_a_function, by_text, by_stand_in,
        by_gradient, by_control,
    ],
)  # fmt: skip
def test_it_is_found_wherever_it_hides(hide: Callable[[MetaGraphDef], None]) -> None:
    meta_graph = graph_with(("x", "Placeholder", []))
    hide(meta_graph)
    set_signature(meta_graph, "serving_default", {"y": "y:0"}, {"x": "x:0"})
    [found] = unsafe_ops_of(meta_graph)
    assert (found.op, found.node, found.start) == (
        "ReadFile", "deep", "signature 'serving_default'"
    )  # fmt: skip
    assert found.function == ("" if hide is by_control else "read")


def test_what_nobody_can_run_is_left_alone() -> None:
    meta_graph = graph_with(
        ("x", "Placeholder", []), ("y", "Identity", ["x"]), ("aside", "WriteFile", ["x", "x"])
    )
    reader(meta_graph)
    set_signature(meta_graph, "serving_default", {"y": "y:0"}, {"x": "x:0"})
    assert reached(meta_graph) == []


def test_what_a_request_gives_is_not_run() -> None:
    meta_graph = graph_with(
        ("path", "Const", []), ("image", "ReadFile", ["path"]), ("y", "Identity", ["image"])
    )
    set_signature(meta_graph, "given", {"y": "y:0"}, {"x": "image:0"})
    assert reached(meta_graph) == []
    set_signature(meta_graph, "read", {"y": "y:0"})
    assert reached(meta_graph) == ["ReadFile in graph by signature 'read'"]


def test_initialisation_is_run_too() -> None:
    meta_graph = graph_with(("path", "Const", []), ("init", "WriteFile", ["path", "path"]))
    meta_graph.collection_def["saved_model_main_op"].node_list.value.append("init")
    assert reached(meta_graph) == ["WriteFile in graph by the model's initialisation"]
    meta_graph.ClearField("collection_def")
    meta_graph.signature_def["__saved_model_init_op"].outputs["op"].name = "init"
    assert reached(meta_graph) == ["WriteFile in graph by the model's initialisation"]


# -- ops that are harmless with some attributes ----------------------------------------


@pytest.mark.parametrize(
    ("op", "attributes", "is_refused"),
    [
        ("PrintV2", {"output_stream": b"stderr"}, False),
        ("PrintV2", {"output_stream": b"file:///tmp/x"}, True),
        ("DebugIdentity", {}, False),
        ("DebugIdentity", {"debug_urls": [b"grpc://elsewhere:1"]}, True),
        ("DebugIdentityV2", {"debug_urls": [b"file:///tmp"]}, True),
        ("CopyHost", {"debug_ops_spec": [b"DebugIdentity;grpc://elsewhere:1;1"]}, True),
        ("EncodeProto", {}, False),
        ("EncodeProto", {"descriptor_source": b"local://"}, False),
        ("DecodeProtoV2", {"descriptor_source": b"bytes://abc"}, False),
        ("DecodeProtoV2", {"descriptor_source": b"/etc/passwd"}, True),
        ("FixedUnigramCandidateSampler", {"vocab_file": b""}, False),
        ("FixedUnigramCandidateSampler", {"vocab_file": b"/etc/passwd"}, True),
        ("PyFunc", {}, True),
        ("Abort", {}, True),
        ("CollectiveReduceV2", {}, True),
        ("MatMul", {}, False),
    ],
)
def test_attributes(op: str, attributes: dict[str, object], is_refused: bool) -> None:
    meta_graph = graph_with(("x", "Placeholder", []))
    add_node(meta_graph.graph_def, op, "y", "x", **attributes)
    set_signature(meta_graph, "serving_default", {"y": "y:0"}, {"x": "x:0"})
    assert bool(unsafe_ops_of(meta_graph)) == is_refused


# -- a model's own files ---------------------------------------------------------------


def test_only_the_restore_op_reads_a_checkpoint() -> None:
    meta_graph = graph_with(
        ("file", "Placeholder", []),
        ("read", "RestoreV2", ["file", "file", "file"]),
        ("restore", "NoOp", ["^read"]),
    )
    meta_graph.saver_def.filename_tensor_name = "file:0"
    meta_graph.saver_def.restore_op_name = "restore"
    meta_graph.saver_def.save_tensor_name = "saved:0"
    add_node(meta_graph.graph_def, "SaveV2", "saved", "file")
    assert reached(meta_graph) == []
    set_signature(meta_graph, "peek", {"y": "read:0"}, {"path": "file:0"})
    assert reached(meta_graph) == ["RestoreV2 in graph by signature 'peek'"]


def with_table(file_op: str, file_name: str | None) -> MetaGraphDef:
    meta_graph = graph_with(("path", file_op, []), ("table", "HashTableV2", []))
    add_node(meta_graph.graph_def, "Identity", "same", "path")
    add_node(meta_graph.graph_def, "StatefulPartitionedCall", "init", "same", "table", f="fill")
    body = function(meta_graph.graph_def, "fill", ["file", "handle"])
    add_node(body, "InitializeTableFromTextFileV2", "read", "handle", "file")
    meta_graph.signature_def["__saved_model_init_op"].outputs["op"].name = "init"
    if file_name is not None:
        asset = meta_graph.asset_file_def.add(filename=file_name)
        asset.tensor_info.name = "path:0"
    return meta_graph


@pytest.mark.parametrize(
    ("file_name", "is_refused"),
    [
        ("words.txt", False),
        ("more/words.txt", False),
        (None, True),
        ("../../../etc/passwd", True),
        ("more/../../words.txt", True),
        ("/etc/passwd", True),
    ],
)
def test_tables_are_filled_from_assets_only(file_name: str | None, is_refused: bool) -> None:
    assert bool(reached(with_table("Const", file_name))) == is_refused


def test_assets_as_tensorflow_1_has_them() -> None:
    meta_graph = with_table("Const", None)
    asset = AssetFileDef(filename="words.txt")
    asset.tensor_info.name = "path:0"
    packed = meta_graph.collection_def["saved_model_assets"].any_list.value.add()
    packed.value = asset.SerializeToString()
    assert reached(meta_graph) == []
    # TensorFlow does not look there if there are others.
    meta_graph.asset_file_def.add(filename="words.txt").tensor_info.name = "other:0"
    assert len(reached(meta_graph)) == 1
    meta_graph.ClearField("asset_file_def")
    packed.value = b"no message"
    with pytest.raises(DataLoss, match="saved_model_assets"):
        unsafe_ops_of(meta_graph)


def test_a_signature_may_not_fill_a_table_from_a_file() -> None:
    # The name of the asset is put in when the model is loaded, and not for requests.
    meta_graph = with_table("Const", "words.txt")
    set_signature(meta_graph, "peek", {"y": "init:0"})
    assert reached(meta_graph) == ["InitializeTableFromTextFileV2 in fill by signature 'peek'"]


def test_another_call_of_the_same_function_is_looked_at() -> None:
    meta_graph = with_table("Const", "words.txt")
    add_node(meta_graph.graph_def, "Const", "secret")
    add_node(
        meta_graph.graph_def, "StatefulPartitionedCall", "more", "secret", "table", f="fill"
    )
    add_node(meta_graph.graph_def, "NoOp", "both", "^init", "^more")
    meta_graph.signature_def["__saved_model_init_op"].outputs["op"].name = "both"
    assert len(reached(meta_graph)) == 1


def with_variable(*given: str) -> MetaGraphDef:
    meta_graph = with_table("Placeholder", "words.txt")
    graph = meta_graph.graph_def
    graph.node[2].input[:] = ["value"]
    add_node(graph, "VarHandleOp", "kept", shared_name=b"kept")
    add_node(graph, "ReadVariableOp", "value", "kept")
    for number, name in enumerate(given):
        add_node(graph, "AssignVariableOp", f"assign_{number}", "kept", name)
    return meta_graph


def test_a_variable_may_keep_the_name_of_an_asset() -> None:
    assert reached(with_variable("path")) == []
    # That has been given nothing, or more.
    assert len(reached(with_variable())) == 1
    meta_graph = with_variable("path", "secret")
    add_node(meta_graph.graph_def, "Const", "secret")
    assert len(reached(meta_graph)) == 1
    # By another name of the same variable.
    meta_graph = with_variable("path")
    body = function(meta_graph.graph_def, "aside")
    add_node(body, "VarHandleOp", "alias", shared_name=b"kept")
    assert len(reached(meta_graph)) == 1
    # By a function that is given it.
    meta_graph = with_variable("path")
    add_node(meta_graph.graph_def, "PartitionedCall", "call", "kept", f="aside")
    assert len(reached(meta_graph)) == 1


def test_circles_end() -> None:
    meta_graph = with_table("Const", "words.txt")
    meta_graph.graph_def.node[2].input[:] = ["same"]
    assert len(reached(meta_graph)) == 1
    loop = graph_with(("a", "Identity", ["b"]), ("b", "Identity", ["a"]))
    again = function(loop.graph_def, "again")
    add_node(again, "PartitionedCall", "call", f="again")
    add_node(loop.graph_def, "PartitionedCall", "y", "a", f="again")
    set_signature(loop, "serving_default", {"y": "y:0"})
    assert reached(loop) == []


# -- the rules -------------------------------------------------------------------------


def test_the_refusal_says_what_where_and_what_to_do(tmp_path: Path) -> None:
    path = reading(tmp_path / "1")
    with pytest.raises(PermissionDenied) as caught:
        OpRules().check(path, SERVE)
    assert str(caught.value) == (
        f"{path} is refused, because it does more than compute: ReadFile reads files (node "
        "'read' of the graph, by signature 'serving_default'). If you trust whoever made this "
        "model, start the server with --allowed_unsafe_ops=ReadFile, or with "
        "--refuse_unsafe_ops=false to load any model"
    )


def test_what_is_allowed_passes(tmp_path: Path) -> None:
    path = reading(tmp_path / "1")
    OpRules.of(True, " ReadFile, WriteFile ").check(path, SERVE)
    OpRules.of(False, "").check(path, SERVE)
    with pytest.raises(PermissionDenied):
        OpRules.of(True, "WriteFile").check(path, SERVE)


def test_the_file_that_is_judged_is_the_one_that_is_loaded(
    tmp_path: Path, half_plus_two: Path
) -> None:
    # Two others that TensorFlow would take where there is no saved_model.pb.
    path = shutil.copytree(half_plus_two, tmp_path / "1")
    (path / "saved_model.cpb").write_bytes(b"no chunks")
    (path / "saved_model.pbtxt").write_text("no message")
    OpRules().check(path, SERVE)
    load_saved_model(path, SERVE).close()
    (path / "saved_model.pb").unlink()
    (path / "saved_model.pbtxt").unlink()
    with pytest.raises(Unimplemented, match="in chunks"):
        OpRules().check(path, SERVE)


def test_what_cannot_be_judged_is_refused(tmp_path: Path) -> None:
    path = reading(tmp_path / "1")
    (path / "saved_model.pb").write_bytes(b"garbage")
    with pytest.raises(DataLoss, match="is not a SavedModel"):
        OpRules().check(path, SERVE)


def test_a_slip_in_the_flag_is_told() -> None:
    with pytest.raises(InvalidArgument, match=r"'ReadFiles', which .* did you mean ReadFile\?"):
        OpRules.of(True, "ReadFiles")


def test_no_judgement_without_the_meta_graph(tmp_path: Path) -> None:
    # TensorFlow says in its own words that it is not there.
    OpRules().check(reading(tmp_path / "1"), ["train"])
