"""What is known of one configured model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tfs_notebook.lifecycle import ServableState
from tfs_notebook.serving.model_config import ModelSettings

__all__ = ["ModelStatus"]


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What is known of one configured model.

    Attributes:
        settings: how it is configured.
        versions: their states, the newest first.
        waiting_for: why there is nothing to load, or None.
        labels: versions by label, as they are in force.
    """

    settings: ModelSettings
    versions: tuple[ServableState, ...]
    waiting_for: str | None
    labels: Mapping[str, int]
