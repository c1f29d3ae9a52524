"""Which versions labels may be given to, and what becomes of them as versions come up."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tfs_notebook.serving.labels import Labels
from tfs_notebook.serving.managed_models import ManagedModels
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.wire.errors import FailedPrecondition

__all__ = ["LabelRules"]


class LabelRules:
    """Says whether a label may stand for a version. Any thread may call it.

    Args:
        labels: of all models.
        managed: knows which versions are available.
        allow_unavailable: see the flag
            ``allow_version_labels_for_unavailable_models``.
    """

    def __init__(
        self, labels: Labels, managed: ManagedModels, *, allow_unavailable: bool
    ) -> None:
        self._labels = labels
        self._managed = managed
        self._allow_unavailable = allow_unavailable

    def check(
        self, settings: ModelSettings, versions: Collection[int], old: Mapping[str, int]
    ) -> None:
        """Refuse labels of what goes, before it has gone.

        Args:
            settings: what a model is to become.
            versions: those that are to be there then.
            old: the labels it has.

        Raises:
            FailedPrecondition: a label stands for another version.
        """
        for label, version in settings.version_labels.items():
            if version not in versions and not self._may_name_anything(label, version, old):
                raise FailedPrecondition(
                    f"{_not_available(settings.name, version)} as {label!r}. Have it "
                    "loaded by a version_policy that includes it, or let the label stand for "
                    "another version"
                )

    def settle(self, model: ModelSettings, old: Mapping[str, int]) -> str | None:
        """Give a model the labels it is to have, or leave it those it had.

        Returns:
            why it has not got them, or not yet; None if it has.
        """
        usable = self._managed.usable(model.name)
        expected = self._managed.expected(model.name)
        missing = {
            label: version
            for label, version in model.version_labels.items()
            if version not in usable and not self._may_name_anything(label, version, old)
        }
        if all(version in expected for version in missing.values()):
            # What is yet to come up gets its labels then; until then they stay where they are.
            self._labels.keep_only(model.name, model.version_labels, set(missing))
        else:
            self._labels.assign(model.name, old)
        if not missing:
            return None
        return _not_available(model.name, next(iter(missing.values())))

    def _may_name_anything(self, label: str, version: int, old: Mapping[str, int]) -> bool:
        return self._allow_unavailable and (label not in old or old[label] == version)


def _not_available(name: str, version: int) -> str:
    return (
        f"Request to assign label to version {version} of model {name}, "
        "which is not currently available for inference"
    )
