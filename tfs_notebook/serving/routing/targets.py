"""What versions and labels stand for, and whether requests could be sent to them."""

from __future__ import annotations

from collections.abc import Collection

from tfs_notebook.serving.managed_models import ManagedModels
from tfs_notebook.serving.model_list import ModelList
from tfs_notebook.serving.routing.split import Target
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument

__all__ = ["Targets"]


class Targets:
    """Looks up targets of models. Any thread may call any method; none blocks.

    Args:
        models: the list, which has the labels.
        managed: knows which versions are available.
        allow_unavailable: see the flag ``allow_version_labels_for_unavailable_models``.
    """

    def __init__(
        self, models: ModelList, managed: ManagedModels, *, allow_unavailable: bool
    ) -> None:
        self._models = models
        self._managed = managed
        self._allow_unavailable = allow_unavailable

    def usable(self, name: str) -> list[int]:
        """The versions of a model that are available, the lowest first."""
        return sorted(self._managed.usable(name))

    def labels(self, name: str) -> Collection[str]:
        """The labels of a model."""
        return self._models.labels.wanted(name)

    def versions(self, name: str, target: Target) -> tuple[int, ...]:
        """The versions that a target stands for, the first of which is meant.

        Raises:
            InvalidArgument: there is no such label.
        """
        if isinstance(target, int):
            return (target,)
        return self._models.labels.resolve(name, target)

    def version_there(self, name: str, target: Target) -> int | None:
        """The version that answers for a target now; None if none does."""
        try:
            versions = self.versions(name, target)
        except InvalidArgument:
            return None
        usable = self._managed.usable(name)
        return next((version for version in versions if version in usable), None)

    def check(self, name: str, targets: Collection[Target]) -> None:
        """Hold targets to what is there, unless what is not may be spoken of.

        Raises:
            FailedPrecondition: there is no such label, or its version is not available.
        """
        if self._allow_unavailable:
            return
        for target in targets:
            try:
                version = self.versions(name, target)[0]
            except InvalidArgument:
                labels = ", ".join(self.labels(name)) or "none"
                raise FailedPrecondition(
                    f"model {name} has no label {target!r} that requests could be sent to; its "
                    f"labels are: {labels}"
                ) from None
            self.check_version(name, version)

    def check_version(self, name: str, version: int) -> None:
        """Hold a version to being there.

        Raises:
            FailedPrecondition: it is not available.
        """
        usable = self.usable(name)
        if version not in usable:
            there = ", ".join(map(str, usable)) or "none"
            raise FailedPrecondition(
                f"version {version} of model {name} is not currently available for inference, "
                f"so no request can be sent to it (available versions: {there}). Have it "
                "loaded by a version_policy that includes it"
            )
