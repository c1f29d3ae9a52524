"""TF Serving's own first model, ``y = x / 2 + 2``, written without TensorFlow.

``python -m tfs_notebook.demo.half_plus_two DIR`` writes version 1 below ``DIR``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.messages import (
    GraphDef,
    MetaGraphDef,
    NodeDef,
    SavedModel,
    SignatureDef,
    TensorInfo,
    TensorProto,
)
from tfs_notebook.wire.tensor_writer import tensor_to_wire

__all__ = ["half_plus_two", "write_half_plus_two"]

# A producer that every TensorFlow since 1.15 reads.
_PRODUCER = 134


def half_plus_two(factor: float = 0.5, addend: float = 2.0) -> SavedModel:
    """The model as a message: one signature, ``x`` to ``y``, rows of any number.

    Other numbers make another version of it, for those who compare two.
    """
    graph = GraphDef()
    graph.versions.producer = _PRODUCER
    placeholder = _node(graph, "x", "Placeholder")
    placeholder.attr["dtype"].type = DataType.FLOAT
    placeholder.attr["shape"].shape.unknown_rank = True
    _constant(graph, "a", factor)
    _constant(graph, "b", addend)
    _node(graph, "half", "Mul", "x", "a").attr["T"].type = DataType.FLOAT
    _node(graph, "y", "AddV2", "half", "b").attr["T"].type = DataType.FLOAT

    meta_graph = MetaGraphDef(graph_def=graph)
    meta_graph.meta_info_def.tags.append("serve")
    signature = SignatureDef(method_name="tensorflow/serving/predict")
    signature.inputs["x"].CopyFrom(_column("x:0"))
    signature.outputs["y"].CopyFrom(_column("y:0"))
    meta_graph.signature_def["serving_default"].CopyFrom(signature)
    return SavedModel(saved_model_schema_version=1, meta_graphs=[meta_graph])


def _node(graph: GraphDef, name: str, op: str, *inputs: str) -> NodeDef:
    return graph.node.add(name=name, op=op, input=inputs)


def _constant(graph: GraphDef, name: str, value: float) -> None:
    node = _node(graph, name, "Const")
    node.attr["dtype"].type = DataType.FLOAT
    tensor = b"".join(tensor_to_wire(np.array(value, np.float32)))
    node.attr["value"].tensor.CopyFrom(TensorProto.FromString(tensor))


def _column(tensor_name: str) -> TensorInfo:
    info = TensorInfo(name=tensor_name, dtype=DataType.FLOAT)
    info.tensor_shape.dim.add(size=-1)
    info.tensor_shape.dim.add(size=1)
    return info


def write_half_plus_two(
    base_path: str | Path, version: int = 1, *, factor: float = 0.5, addend: float = 2.0
) -> Path:
    """Write one version below ``base_path``, unless it is there, and return its directory.

    It appears whole or not at all: a server that watches never sees half of it.
    """
    base = Path(base_path)
    target = base / str(version)
    if target.exists():
        return target
    base.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".writing-", dir=base))
    (unfinished / "saved_model.pb").write_bytes(
        half_plus_two(factor, addend).SerializeToString()
    )
    unfinished.chmod(0o755)
    return unfinished.rename(target)


if __name__ == "__main__":
    print(write_half_plus_two(sys.argv[1]))  # noqa: T201 - a command's own output
