"""Models to measure with, written without TensorFlow."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tfs_notebook.demo.half_plus_two import write_half_plus_two
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.messages import MetaGraphDef, SavedModel, SignatureDef, TensorProto
from tfs_notebook.wire.tensor_writer import tensor_to_wire

__all__ = ["write_busy", "write_half_plus_two", "write_image_mean"]

_RANDOM_NUMBERS = 20_000_000


def write_image_mean(base_path: Path) -> Path:
    """A model that takes images and gives each one's mean: all input, no work."""
    meta_graph = MetaGraphDef()
    meta_graph.meta_info_def.tags.append("serve")
    graph = meta_graph.graph_def
    graph.versions.producer = 134
    images = graph.node.add(name="images", op="Placeholder")
    images.attr["dtype"].type = DataType.FLOAT
    images.attr["shape"].shape.unknown_rank = True
    axes = graph.node.add(name="axes", op="Const")
    axes.attr["dtype"].type = DataType.INT32
    tensor = b"".join(tensor_to_wire(np.array([1, 2, 3], np.int32)))
    axes.attr["value"].tensor.CopyFrom(TensorProto.FromString(tensor))
    mean = graph.node.add(name="mean", op="Mean", input=["images", "axes"])
    mean.attr["T"].type = DataType.FLOAT
    mean.attr["Tidx"].type = DataType.INT32
    signature = SignatureDef(method_name="tensorflow/serving/predict")
    for info, name in (
        (signature.inputs["images"], "images:0"),
        (signature.outputs["mean"], "mean:0"),
    ):
        info.name, info.dtype = name, DataType.FLOAT
        info.tensor_shape.unknown_rank = True
    return _write(base_path, meta_graph, signature)


def write_busy(base_path: Path) -> Path:
    """A model that computes for tens of milliseconds, on all processors, and gives ``x``."""
    meta_graph = MetaGraphDef()
    meta_graph.meta_info_def.tags.append("serve")
    graph = meta_graph.graph_def
    graph.versions.producer = 134
    x = graph.node.add(name="x", op="Placeholder")
    x.attr["dtype"].type = DataType.FLOAT
    x.attr["shape"].shape.unknown_rank = True
    constants = {
        "shape": np.array([_RANDOM_NUMBERS], np.int32),
        "axis": np.array([0], np.int32),
        # Next to nothing; by nothing the work would be optimised away.
        "factor": np.array(1e-30, np.float32),
    }
    for name, value in constants.items():
        constant = graph.node.add(name=name, op="Const")
        floats = value.dtype == np.float32
        constant.attr["dtype"].type = DataType.FLOAT if floats else DataType.INT32
        tensor = b"".join(tensor_to_wire(value))
        constant.attr["value"].tensor.CopyFrom(TensorProto.FromString(tensor))
    random = graph.node.add(name="random", op="RandomUniform", input=["shape"])
    random.attr["dtype"].type = DataType.FLOAT
    random.attr["T"].type = DataType.INT32
    steps = (("sum", "Sum", "random", "axis"), ("less", "Mul", "sum", "factor"))
    for name, op, *inputs in (*steps, ("y", "AddV2", "x", "less")):
        graph.node.add(name=name, op=op, input=inputs).attr["T"].type = DataType.FLOAT
    signature = SignatureDef(method_name="tensorflow/serving/predict")
    for info, name in ((signature.inputs["x"], "x:0"), (signature.outputs["y"], "y:0")):
        info.name, info.dtype = name, DataType.FLOAT
        info.tensor_shape.unknown_rank = True
    return _write(base_path, meta_graph, signature)


def _write(base_path: Path, meta_graph: MetaGraphDef, signature: SignatureDef) -> Path:
    meta_graph.signature_def["serving_default"].CopyFrom(signature)
    version = base_path / "1"
    version.mkdir(parents=True, exist_ok=True)
    model = SavedModel(saved_model_schema_version=1, meta_graphs=[meta_graph])
    (version / "saved_model.pb").write_bytes(model.SerializeToString())
    return version
