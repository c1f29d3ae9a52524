"""One configuration for every entrance; its names are TF Serving's flag names.

The standalone command reads it from flags, Jupyter from its configuration
files, a notebook from keyword arguments. What TF Serving lacks has a new name
and says so in its help.
"""

from __future__ import annotations

from tfs_notebook.config.batching import BatchingFlags
from tfs_notebook.config.grpc import GrpcFlags
from tfs_notebook.config.loading import LoadingFlags
from tfs_notebook.config.models import ModelFlags
from tfs_notebook.config.rest import MAX_BODY_BYTES, RestFlags
from tfs_notebook.config.server import ServerFlags
from tfs_notebook.config.tensorflow import TensorFlowFlags

__all__ = ["GROUPS", "MAX_BODY_BYTES", "ServerConfig"]

GROUPS = ("Models", "gRPC", "REST", "Batching", "Loading", "TensorFlow", "Server")


class ServerConfig(
    ModelFlags,
    GrpcFlags,
    RestFlags,
    BatchingFlags,
    LoadingFlags,
    TensorFlowFlags,
    ServerFlags,
):
    """What a model server is told at its start; not changed while it runs."""
