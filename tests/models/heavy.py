"""A model that takes up memory, written without TensorFlow: ``y = x + step``."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.messages import MetaGraphDef, SavedModel, TensorProto
from tfs_notebook.wire.tensor_writer import tensor_to_wire

__all__ = ["write_heavy"]


def write_heavy(version: Path, step: float, megabytes: int) -> Path:
    """Write a version directory that appears whole, and return it.

    Args:
        version: must not exist.
        step: what is added to ``x``.
        megabytes: of the constant that ``step`` is the greatest element of.
    """
    meta_graph = MetaGraphDef()
    meta_graph.meta_info_def.tags.append("serve")
    graph = meta_graph.graph_def
    graph.versions.producer = 134
    x = graph.node.add(name="x", op="Placeholder")
    x.attr["dtype"].type = DataType.FLOAT
    x.attr["shape"].shape.unknown_rank = True
    ballast = np.random.default_rng(int(step)).random(megabytes * 250_000, np.float32)
    ballast[0] = step
    for name, value, dtype in (
        ("ballast", ballast, DataType.FLOAT),
        ("axis", np.array([0], np.int32), DataType.INT32),
    ):
        constant = graph.node.add(name=name, op="Const")
        constant.attr["dtype"].type = dtype
        tensor = b"".join(tensor_to_wire(value, as_content=True))
        constant.attr["value"].tensor.CopyFrom(TensorProto.FromString(tensor))
    greatest = graph.node.add(name="greatest", op="Max", input=["ballast", "axis"])
    greatest.attr["T"].type = DataType.FLOAT
    greatest.attr["Tidx"].type = DataType.INT32
    y = graph.node.add(name="y", op="AddV2", input=["x", "greatest"])
    y.attr["T"].type = DataType.FLOAT
    signature = meta_graph.signature_def["serving_default"]
    signature.method_name = "tensorflow/serving/predict"
    for tensors, name in ((signature.inputs, "x"), (signature.outputs, "y")):
        tensors[name].name, tensors[name].dtype = f"{name}:0", DataType.FLOAT
        tensors[name].tensor_shape.unknown_rank = True
    arriving = version.parent / f"{version.name}.arriving"
    arriving.mkdir(parents=True)
    model = SavedModel(saved_model_schema_version=1, meta_graphs=[meta_graph])
    (arriving / "saved_model.pb").write_bytes(model.SerializeToString())
    return arriving.rename(version)
