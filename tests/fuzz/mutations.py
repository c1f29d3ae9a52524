"""SavedModels with something wrong with them, made of good ones; the same for the same seed."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from tfs_notebook.wire.messages import MetaGraphDef, NodeDef, SavedModel

__all__ = ["SOURCES", "mutated"]

SOURCES: Final = (
    "half_plus_two", "several", "tables", "text_classifier", "keras_3", "string_lookup",
    "composites", "defaults", "compiled", "string_keepers", "legacy_keras", "examples",
    "identities", "string_memory", "coo_sparse", "readings",
)  # fmt: skip

# What sizes and indices are mistaken for.
_NUMBERS: Final = (-(2**63), -(2**31), -2, -1, 0, 1, 2, 7, 2**16, 2**31 - 1, 2**40, 2**62)
_DTYPES: Final = (0, 1, 2, 3, 4, 7, 9, 10, 14, 19, 20, 21, 23, 101, 120, 9999)
_OPS: Final = (
    "Add", "AddV2", "MatMul", "Reshape", "Gather", "GatherV2", "StridedSlice", "ConcatV2",
    "Fill", "Tile", "ReadVariableOp", "VarHandleOp", "LookupTableFindV2", "ParseExampleV2",
    "SparseToDense", "TensorListGetItem", "RaggedTensorToTensor", "Bitcast", "Identity",
    "NoOp", "Switch", "Merge", "Enter", "NextIteration", "Conv2D", "MaxPool", "NoSuchOp",
    "ResourceGather", "Placeholder", "Const", "StatefulPartitionedCall", "While", "Range",
    "SparseSegmentSum", "UnsortedSegmentSum", "QuantizeV2", "TopKV2", "Bincount", "Pack",
)  # fmt: skip

Rng = random.Random
_Edit = Callable[[Rng, MetaGraphDef], str]


def mutated(seed: int, models: Path, target: Path) -> str:
    """Make a version directory of this seed, and say what is wrong with it."""
    rng = random.Random(seed)
    source = rng.choice(SOURCES)
    shutil.copytree(models / source / "1", target, ignore=shutil.ignore_patterns("*.npz"))
    change = rng.choices((_bytes_of_graph, _message, _variables, _assets), (3, 6, 3, 1))[0]
    return f"{source}: {change(rng, target)}"


# -- files ---------------------------------------------------------------------------


def _bytes_of_graph(rng: Rng, target: Path) -> str:
    return _damage(rng, target / "saved_model.pb")


def _variables(rng: Rng, target: Path) -> str:
    files = sorted((target / "variables").glob("*")) if (target / "variables").is_dir() else []
    return _damage(rng, rng.choice(files), removable=True) if files else _message(rng, target)


def _assets(rng: Rng, target: Path) -> str:
    files = sorted((target / "assets").glob("*")) if (target / "assets").is_dir() else []
    return _damage(rng, rng.choice(files), removable=True) if files else _variables(rng, target)


def _damage(rng: Rng, file: Path, *, removable: bool = False) -> str:
    data = bytearray(file.read_bytes())
    place = rng.randrange(len(data) + 1)
    kind = rng.choice(["flip", "flip", "truncate", "insert", "repeat", "remove"])
    if kind == "remove" and removable:
        file.unlink()
        return f"{file.name} removed"
    if kind == "truncate":
        del data[place:]
    elif kind == "insert":
        data[place:place] = rng.randbytes(rng.randint(1, 64))
    elif kind == "repeat":
        data[place:place] = data[place : place + rng.randint(1, 512)]
    else:
        for _ in range(rng.choice((1, 1, 2, 8, 64)) if data else 0):
            data[rng.randrange(len(data))] = rng.randrange(256)
        kind = "flip"
    file.write_bytes(data)
    return f"{file.name} {kind} at {place}"


# -- messages ------------------------------------------------------------------------


def _message(rng: Rng, target: Path) -> str:
    file = target / "saved_model.pb"
    model = SavedModel.FromString(file.read_bytes())
    meta_graph = model.meta_graphs[0]
    edits = [rng.choice(_EDITS)(rng, meta_graph) for _ in range(rng.choice((1, 1, 1, 2, 4)))]
    file.write_bytes(model.SerializeToString(deterministic=True))
    return "; ".join(edits)


def _nodes(meta_graph: MetaGraphDef) -> Sequence[NodeDef]:
    graph = meta_graph.graph_def
    bodies = [function.node_def for function in graph.library.function]
    return [*graph.node, *(node for body in bodies for node in body)]


def _node(rng: Rng, meta_graph: MetaGraphDef) -> NodeDef:
    return rng.choice(_nodes(meta_graph))


def _op(rng: Rng, meta_graph: MetaGraphDef) -> str:
    node = _node(rng, meta_graph)
    before, node.op = node.op, rng.choice((*_OPS, _node(rng, meta_graph).op))
    return f"{node.name}: {before} becomes {node.op}"


def _input(rng: Rng, meta_graph: MetaGraphDef) -> str:
    node, other = _node(rng, meta_graph), _node(rng, meta_graph).name
    name = rng.choice(
        (other, f"{other}:1", f"^{other}", f"{other}:output:0", node.name, "", "?")
    )
    if node.input and rng.random() < 0.7:
        place = rng.randrange(len(node.input))
        before, node.input[place] = node.input[place], name
        return f"{node.name}: input {before} becomes {name!r}"
    if node.input and rng.random() < 0.5:
        return f"{node.name}: without input {node.input.pop()}"
    node.input.append(name)
    return f"{node.name}: one more input {name!r}"


def _attribute(rng: Rng, meta_graph: MetaGraphDef) -> str:
    node = rng.choice([node for node in _nodes(meta_graph) if node.attr])
    name = rng.choice(sorted(node.attr))
    attribute = node.attr[name]
    kind = attribute.WhichOneof("value")
    if rng.random() < 0.15:
        del node.attr[name]
        return f"{node.name}: without {name}"
    if kind == "type":
        attribute.type = rng.choice(_DTYPES)
    elif kind == "i":
        attribute.i = rng.choice(_NUMBERS)
    elif kind == "b":
        attribute.b = not attribute.b
    elif kind == "s":
        attribute.s = rng.choice((b"", b"?", rng.randbytes(9), b"x" * 100_000))
    elif kind == "shape":
        _resize(rng, attribute.shape)
    elif kind == "tensor":
        _tensor(rng, attribute.tensor)
    elif kind == "func":
        names = [one.signature.name for one in meta_graph.graph_def.library.function]
        attribute.func.name = rng.choice((*names, "no_such_function", ""))
    elif kind == "list":
        _list(rng, attribute.list)
    else:
        attribute.i = 1
    return f"{node.name} ({node.op}): another {name}"


def _list(rng: Rng, values: Any) -> None:
    for field in (values.type, values.i, values.s, values.shape, values.func):
        if len(field) and rng.random() < 0.5:
            del field[rng.randrange(len(field))]
    if values.type:
        values.type[0] = rng.choice(_DTYPES)
    if values.i:
        values.i[rng.randrange(len(values.i))] = rng.choice(_NUMBERS)


def _resize(rng: Rng, shape: Any) -> None:
    if rng.random() < 0.3:
        shape.dim.add(size=rng.choice(_NUMBERS))
    elif shape.dim:
        rng.choice(shape.dim).size = rng.choice(_NUMBERS)
    else:
        shape.unknown_rank = not shape.unknown_rank


def _tensor(rng: Rng, tensor: Any) -> None:
    kind = rng.randrange(4)
    if kind == 0:
        tensor.dtype = rng.choice(_DTYPES)
    elif kind == 1:
        _resize(rng, tensor.tensor_shape)
    elif tensor.tensor_content:
        content = bytearray(tensor.tensor_content)
        if kind == 2:
            del content[rng.randrange(len(content)) :]
        else:
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        tensor.tensor_content = bytes(content)
    else:
        for values in (tensor.int_val, tensor.int64_val):
            if values:
                values[rng.randrange(len(values))] = rng.choice((-2, -1, 0, 1, 7, 2**31 - 1))


def _remove(rng: Rng, meta_graph: MetaGraphDef) -> str:
    nodes = meta_graph.graph_def.node
    place = rng.randrange(len(nodes))
    name = nodes[place].name
    del nodes[place]
    return f"without node {name}"


def _duplicate(rng: Rng, meta_graph: MetaGraphDef) -> str:
    node = rng.choice(meta_graph.graph_def.node)
    meta_graph.graph_def.node.add().CopyFrom(node)
    return f"node {node.name} twice"


def _signature(rng: Rng, meta_graph: MetaGraphDef) -> str:
    name = rng.choice(sorted(meta_graph.signature_def))
    signature = meta_graph.signature_def[name]
    infos = rng.choice((signature.inputs, signature.outputs))
    if not infos:
        signature.method_name = "?"
        return f"signature {name}: another method"
    alias = rng.choice(sorted(infos))
    info = infos[alias]
    kind = rng.randrange(4)
    if kind == 0:
        info.dtype = rng.choice(_DTYPES)
    elif kind == 1:
        _resize(rng, info.tensor_shape)
    elif kind == 2:
        node = rng.choice(meta_graph.graph_def.node).name
        info.name = rng.choice((f"{node}:0", f"{node}:7", f"{node}:-1", node, "", ":", "?:0"))
    else:
        del infos[alias]
    return f"signature {name}: another {alias}"


def _function(rng: Rng, meta_graph: MetaGraphDef) -> str:
    functions = meta_graph.graph_def.library.function
    if not functions:
        return _op(rng, meta_graph)
    function = rng.choice(functions)
    name = function.signature.name
    kind = rng.randrange(5)
    if kind == 0 and function.ret:
        function.ret[rng.choice(sorted(function.ret))] = rng.choice(("", "?:0", "x:output:0"))
    elif kind == 1 and function.signature.input_arg:
        rng.choice(function.signature.input_arg).type = rng.choice(_DTYPES)
    elif kind == 2 and function.signature.output_arg:
        del function.signature.output_arg[0]
    elif kind == 3 and function.node_def:
        del function.node_def[rng.randrange(len(function.node_def))]
    else:
        function.signature.name = rng.choice(functions).signature.name
    return f"function {name}: another form ({kind})"


def _loading(rng: Rng, meta_graph: MetaGraphDef) -> str:
    node = rng.choice(meta_graph.graph_def.node).name
    kind = rng.randrange(4)
    if kind == 0:
        meta_graph.saver_def.restore_op_name = rng.choice((node, "", "?"))
    elif kind == 1:
        meta_graph.saver_def.filename_tensor_name = rng.choice((f"{node}:0", "", "?", ":"))
    elif kind == 2:
        meta_graph.collection_def["saved_model_main_op"].node_list.value.append(node)
    else:
        meta_graph.asset_file_def.add(filename="?").tensor_info.name = f"{node}:0"
    return f"another way to load ({kind}, {node})"


_EDITS: Final[Sequence[_Edit]] = (
    _op, _input, _input, _attribute, _attribute, _attribute, _attribute, _remove, _duplicate,
    _signature, _function, _loading,
)  # fmt: skip
