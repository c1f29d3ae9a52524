"""Models whose scores are what they were given, so that it can be told from an answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests.pipelines.small_image import write_document
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.messages import GraphDef, MetaGraphDef, SavedModel, TensorProto
from tfs_notebook.wire.tensor_writer import tensor_to_wire


def write_raw_scores(
    version: Path, dtype: DataType, shape: tuple[int, ...], document: Mapping[str, Any]
) -> Path:
    """Write a version: ``input`` of any shape to ``scores``, its values in a row each.

    Of strings they are the lengths. Returns the version.

    Args:
        version: made if it is not there.
        dtype: of the input.
        shape: as the signature says it.
        document: the pipeline.
    """
    meta_graph = MetaGraphDef()
    meta_graph.meta_info_def.tags.append("serve")
    graph = meta_graph.graph_def
    graph.versions.producer = 134
    given = graph.node.add(name="given", op="Placeholder")
    given.attr["dtype"].type = dtype
    given.attr["shape"].shape.unknown_rank = True
    numbers = "given"
    if dtype == DataType.STRING:
        graph.node.add(name="lengths", op="StringLength", input=["given"])
        numbers, dtype = "lengths", DataType.INT32
    cast = graph.node.add(name="cast", op="Cast", input=[numbers])
    cast.attr["SrcT"].type, cast.attr["DstT"].type = dtype, DataType.FLOAT
    _constant(graph, "rows", np.array([-1, abs(int(np.prod(shape[1:])))], np.int32))
    scores = graph.node.add(name="scores", op="Reshape", input=["cast", "rows"])
    scores.attr["T"].type, scores.attr["Tshape"].type = DataType.FLOAT, DataType.INT32
    signature = meta_graph.signature_def["serving_default"]
    signature.method_name = "tensorflow/serving/predict"
    for info, name, size in (
        (signature.inputs["input"], "given:0", shape),
        (signature.outputs["scores"], "scores:0", (-1, -1)),
    ):
        info.name, info.dtype = name, DataType.FLOAT
        for dimension in size:
            info.tensor_shape.dim.add(size=dimension)
    signature.inputs["input"].dtype = given.attr["dtype"].type
    version.mkdir(parents=True, exist_ok=True)
    model = SavedModel(saved_model_schema_version=1, meta_graphs=[meta_graph])
    (version / "saved_model.pb").write_bytes(model.SerializeToString())
    write_document(version, document)
    return version


def _constant(graph: GraphDef, name: str, value: np.ndarray) -> None:
    node = graph.node.add(name=name, op="Const")
    node.attr["dtype"].type = DataType.INT32
    tensor = b"".join(tensor_to_wire(value))
    node.attr["value"].tensor.CopyFrom(TensorProto.FromString(tensor))
