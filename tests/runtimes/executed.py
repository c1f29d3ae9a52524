"""The graph that TensorFlow runs, after all that it does to the model's own."""

from __future__ import annotations

import ctypes

import numpy as np

from tfs_notebook.runtimes.tensorflow.library import load_library
from tfs_notebook.runtimes.tensorflow.saved_model import TensorFlowModel
from tfs_notebook.runtimes.tensorflow.tensors import tensor_from_parts
from tfs_notebook.wire.messages import NodeDef, RunMetadata, RunOptions


def executed_nodes(model: TensorFlowModel) -> list[NodeDef]:
    """The nodes of a run of ``serving_default``, whose one input is of floats."""
    library = load_library()
    session, signature = model._session, model.signatures["serving_default"]
    [spec] = signature.inputs.values()
    assert spec.shape is not None
    fed = np.zeros([max(size, 1) for size in spec.shape], np.float32)
    feeds = session.resolve([spec.tensor_name])
    fetches = session.resolve([spec.tensor_name for spec in signature.outputs.values()])
    options = RunOptions(output_partition_graphs=True).SerializeToString()
    buffer, metadata = library.NewBufferFromString(options, len(options)), library.NewBuffer()
    tensor = tensor_from_parts(library, [fed], spec.dtype)
    results, status = (ctypes.c_void_p * len(fetches))(), library.NewStatus()
    library.SessionRun(
        session._session, buffer, feeds.outputs, (ctypes.c_void_p * 1)(tensor), 1,
        fetches.outputs, results, len(fetches), None, 0, metadata, status,
    )  # fmt: skip
    library.check(status)
    told = ctypes.string_at(metadata.contents.data, metadata.contents.length)
    for one in (tensor, *results):
        library.DeleteTensor(one)
    for one in (buffer, metadata):
        library.DeleteBuffer(one)
    library.DeleteStatus(status)
    graphs = RunMetadata.FromString(told).partition_graphs
    return [node for graph in graphs for node in graph.node]
