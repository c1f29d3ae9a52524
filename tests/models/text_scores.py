"""A model for the small pipeline, written without TensorFlow: two scores of mean vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.pipelines.small_pipeline import write_pipeline
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.messages import GraphDef, MetaGraphDef, NodeDef, SavedModel, TensorProto
from tfs_notebook.wire.tensor_writer import tensor_to_wire

# "free" is spam, "see" is a pass, "微信" is a bit of both; no word at all gives zeros.
WEIGHTS = ((4.0, 0.0), (0.0, 4.0), (2.0, 1.0))


def _constant(graph: GraphDef, name: str, value: np.ndarray, dtype: int) -> str:
    node = graph.node.add(name=name, op="Const")
    node.attr["dtype"].type = dtype
    tensor = b"".join(tensor_to_wire(value))
    node.attr["value"].tensor.CopyFrom(TensorProto.FromString(tensor))
    return name


def _node(graph: GraphDef, name: str, op: str, *inputs: str) -> NodeDef:
    node = graph.node.add(name=name, op=op, input=inputs)
    node.attr["T"].type = DataType.FLOAT
    return node


def write_text_scores(
    version: Path, weights: Sequence[Sequence[float]] = WEIGHTS, *, pipeline: bool = True
) -> Path:
    """Write a version directory: ``words`` [n, 4, 3] to ``scores`` [n, 2]; return it.

    Args:
        version: made if it is not there.
        weights: of the three values of a word's vector for the two scores.
        pipeline: whether the small pipeline lies beside it.
    """
    meta_graph = MetaGraphDef()
    meta_graph.meta_info_def.tags.append("serve")
    graph = meta_graph.graph_def
    graph.versions.producer = 134
    words = graph.node.add(name="words", op="Placeholder")
    words.attr["dtype"].type = DataType.FLOAT
    words.attr["shape"].shape.unknown_rank = True
    axes = _constant(graph, "axes", np.array([1], np.int32), DataType.INT32)
    matrix = _constant(graph, "weights", np.array(weights, np.float32), DataType.FLOAT)
    _node(graph, "mean", "Mean", "words", axes).attr["Tidx"].type = DataType.INT32
    _node(graph, "scores", "MatMul", "mean", matrix)
    signature = meta_graph.signature_def["serving_default"]
    signature.method_name = "tensorflow/serving/predict"
    for info, name, shape in (
        (signature.inputs["words"], "words:0", (-1, 4, 3)),
        (signature.outputs["scores"], "scores:0", (-1, 2)),
    ):
        info.name, info.dtype = name, DataType.FLOAT
        for size in shape:
            info.tensor_shape.dim.add(size=size)
    version.mkdir(parents=True, exist_ok=True)
    model = SavedModel(saved_model_schema_version=1, meta_graphs=[meta_graph])
    (version / "saved_model.pb").write_bytes(model.SerializeToString())
    if pipeline:
        write_pipeline(version)
    return version
