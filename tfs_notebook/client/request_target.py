"""Recorded requests, addressed to another model, version or label."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

from tfs_notebook.wire.messages import ModelSpec, MultiInferenceRequest
from tfs_notebook.wire.recorded_requests import Recorded

__all__ = ["Target", "addressed"]


@dataclass(frozen=True, slots=True)
class Target:
    """Which model to ask in the place of the recorded one.

    Attributes:
        model: by its name, or None for the recorded one.
        version: of it, or None.
        label: of it, or None; without both it is the recorded choice.
    """

    model: str | None = None
    version: int | None = None
    label: str | None = None

    def __str__(self) -> str:
        if self.version is not None:
            return f"version {self.version}"
        return "what was asked for" if self.label is None else f"label {self.label}"

    def put_into(self, spec: ModelSpec) -> None:
        """Let a request ask for this."""
        if self.model is not None and self.model != spec.name:
            spec.name = self.model
            # A version of another model is none of this.
            spec.ClearField("version")
            spec.ClearField("version_label")
        if self.version is not None:
            spec.version.value = self.version
        elif self.label is not None:
            spec.version_label = self.label


def addressed(recorded: Recorded, target: Target) -> bytes:
    """A recorded request, serialised, as it asks this."""
    # Not the record's own: another version may be asked as well.
    request = deepcopy(recorded.request)
    if isinstance(request, MultiInferenceRequest):
        for task in request.tasks:
            target.put_into(task.model_spec)
    else:
        target.put_into(request.model_spec)
    return request.SerializeToString()
