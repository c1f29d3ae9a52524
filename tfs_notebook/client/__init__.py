"""A client for this server and for any TensorFlow Serving."""

from tfs_notebook.client.client import Client
from tfs_notebook.client.model_handle import ModelHandle, Outputs
from tfs_notebook.client.transport import ModelMetadata, VersionStatus

__all__ = ["Client", "ModelHandle", "ModelMetadata", "Outputs", "VersionStatus"]
