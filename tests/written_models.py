"""Models that end, stop or fill the process that loads them, and one that asks for files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.written_graphs import add_node, graph_with, set_signature, write
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.messages import MetaGraphDef, TensorProto

__all__ = ["LARGE_BYTES", "aborting", "hanging", "large", "reading"]

LARGE_BYTES: Final = 2_000_000_000


def _initialised_by(meta_graph: MetaGraphDef, node: str) -> None:
    meta_graph.signature_def["__saved_model_init_op"].outputs[
        "__saved_model_init_op"
    ].name = node


def reading(directory: Path) -> Path:
    """What it is asked for is the path of a file, and what it answers is the file."""
    meta_graph = graph_with()
    add_node(meta_graph.graph_def, "Placeholder", "path", dtype=DataType.STRING)
    add_node(meta_graph.graph_def, "ReadFile", "read", "path")
    set_signature(meta_graph, "serving_default", {"text_bytes": "read:0"}, {"path": "path:0"})
    return write(meta_graph, directory)


def aborting(directory: Path) -> Path:
    """A C++ exception that TensorFlow does not catch, when the graph is prepared."""
    meta_graph = graph_with()
    add_node(meta_graph.graph_def, "Placeholder", "x", dtype=DataType.STRING)
    add_node(meta_graph.graph_def, "Identity", "y", T=DataType.STRING)
    set_signature(meta_graph, "serving_default", {"y": "y:0"}, {"x": "x:0"})
    return write(meta_graph, directory)


def hanging(directory: Path) -> Path:
    """Its initialisation waits for a queue that nobody fills."""
    meta_graph = graph_with()
    graph = meta_graph.graph_def
    floats = [int(DataType.FLOAT)]
    add_node(graph, "FIFOQueueV2", "queue", component_types=floats)
    add_node(graph, "QueueDequeueV2", "wait", "queue", component_types=floats)
    _initialised_by(meta_graph, "wait")
    return write(meta_graph, directory)


def large(directory: Path) -> Path:
    """Its initialisation takes :data:`LARGE_BYTES` of memory, and then waits."""
    meta_graph = graph_with()
    graph = meta_graph.graph_def
    floats = [int(DataType.FLOAT)]
    size = TensorProto(dtype=DataType.INT32, int_val=[LARGE_BYTES // 4])
    size.tensor_shape.dim.add(size=1)
    zero = TensorProto(dtype=DataType.FLOAT, float_val=[0.0])
    zero.tensor_shape.SetInParent()
    for name, value in (("size", size), ("zero", zero)):
        node = add_node(graph, "Const", name, dtype=value.dtype)
        node.attr["value"].tensor.CopyFrom(value)
    add_node(graph, "Fill", "filled", "size", "zero", T=DataType.FLOAT)
    add_node(graph, "FIFOQueueV2", "full", component_types=floats)
    add_node(graph, "QueueEnqueueV2", "put", "full", "filled", Tcomponents=floats)
    add_node(graph, "FIFOQueueV2", "empty", component_types=floats)
    add_node(graph, "QueueDequeueV2", "wait", "empty", "^put", component_types=floats)
    _initialised_by(meta_graph, "wait")
    return write(meta_graph, directory)
