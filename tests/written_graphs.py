"""SavedModels written node by node, for graphs that no exporter would make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.messages import (
    AttrValue,
    FunctionDef,
    GraphDef,
    MetaGraphDef,
    NodeDef,
    SavedModel,
)

__all__ = ["add_node", "function", "graph_with", "set_signature", "write"]


def add_node(
    graph: GraphDef | FunctionDef, op: str, name: str, *inputs: str, **attr: Any
) -> NodeDef:
    """Add a node; attributes are types (numbers), texts (bytes), functions (str), or lists."""
    nodes = graph.node if isinstance(graph, GraphDef) else graph.node_def
    node: NodeDef = nodes.add(name=name, op=op, input=inputs)
    for key, value in attr.items():
        _set(node.attr[key], value)
    return node


def _set(attribute: AttrValue, value: Any) -> None:
    if isinstance(value, bool):
        attribute.b = value
    elif isinstance(value, int):
        attribute.type = value
    elif isinstance(value, bytes):
        attribute.s = value
    elif isinstance(value, str):
        attribute.func.name = value
    elif all(isinstance(one, bytes) for one in value):
        attribute.list.s.extend(value)
    else:
        attribute.list.type.extend(value)


def function(graph: GraphDef, name: str, arguments: Iterable[str] = ()) -> FunctionDef:
    """Add a function of texts to a graph; its nodes come with :func:`add_node`."""
    added = graph.library.function.add()
    added.signature.name = name
    for argument in arguments:
        added.signature.input_arg.add(name=argument, type=DataType.STRING)
    return added


def graph_with(*nodes: tuple[str, str, list[str]]) -> MetaGraphDef:
    """A meta graph with these nodes: names, ops and inputs."""
    made = MetaGraphDef()
    made.meta_info_def.tags.append("serve")
    for name, op, inputs in nodes:
        made.graph_def.node.add(name=name, op=op, input=inputs)
    return made


def set_signature(
    meta_graph: MetaGraphDef,
    name: str,
    outputs: Mapping[str, str],
    inputs: Mapping[str, str] | None = None,
) -> None:
    """Give it a signature of texts: the names of tensors by alias."""
    made = meta_graph.signature_def[name]
    made.method_name = "tensorflow/serving/predict"
    for infos, given in ((made.inputs, inputs or {}), (made.outputs, outputs)):
        for alias, tensor in given.items():
            infos[alias].name = tensor
            infos[alias].dtype = DataType.STRING
            infos[alias].tensor_shape.unknown_rank = True


def write(meta_graph: MetaGraphDef, directory: Path) -> Path:
    """Write it as a version directory, without variables."""
    directory.mkdir(parents=True, exist_ok=True)
    model = SavedModel(saved_model_schema_version=1, meta_graphs=[meta_graph])
    (directory / "saved_model.pb").write_bytes(model.SerializeToString())
    return directory
