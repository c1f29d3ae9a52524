"""A client for this server and for any TensorFlow Serving."""

from tfs_notebook.client.chunks import InterruptedPredictWarning
from tfs_notebook.client.client import Client
from tfs_notebook.client.given import Outputs
from tfs_notebook.client.labelled_scores import LabelledScores
from tfs_notebook.client.model_handle import ModelHandle
from tfs_notebook.client.scored_labels import ScoredLabel, ScoredLabels
from tfs_notebook.client.statistics import ModelStatistics
from tfs_notebook.client.transport import ModelMetadata, VersionStatus

__all__ = [
    "Client",
    "InterruptedPredictWarning",
    "LabelledScores",
    "ModelHandle",
    "ModelMetadata",
    "ModelStatistics",
    "Outputs",
    "ScoredLabel",
    "ScoredLabels",
    "VersionStatus",
]
