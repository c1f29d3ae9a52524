"""What there is to choose from: models, their versions and labels. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tfs_notebook.client.model_list import ServedModel
from tfs_notebook.client.transport import VersionStatus
from tfs_notebook.notebook.widgets.translation import Translate
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["Choice", "choices_of", "choices_of_statuses", "reference_text", "with_choice"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the versions of a model, as it is offered.

    Attributes:
        version: its number, if it is chosen by that.
        label: its label, if it is chosen by that; neither for the newest one.
        text: how it is shown.
    """

    version: int | None
    label: str | None
    text: str

    def of(self, name: str) -> ModelReference:
        """What it stands for."""
        return ModelReference(name, self.version, self.label)

    @property
    def key(self) -> str:
        """Tells it from the others."""
        if self.version is not None:
            return f"version {self.version}"
        return "" if self.label is None else f"label {self.label}"


def choices_of(model: ServedModel | None, translate: Translate) -> list[Choice]:
    """The newest version first, then labels, then versions; what cannot answer is left out."""
    if model is None:
        return [Choice(None, None, translate("newest"))]
    labels = [
        Choice(None, label, f"{label} → {version}")
        for label, version in sorted(model.labels.items())
    ]
    return [*_numbers(model.available, translate), *labels]


def choices_of_statuses(
    statuses: Iterable[VersionStatus], translate: Translate
) -> list[Choice]:
    """The same of a server that lists no models, and tells no labels."""
    return _numbers([one.version for one in statuses if one.state == "AVAILABLE"], translate)


def _numbers(available: Sequence[int], translate: Translate) -> list[Choice]:
    newest = f" ({available[0]})" if available else ""
    first = Choice(None, None, translate("newest") + newest)
    return [first, *(Choice(one, None, str(one)) for one in available)]


def with_choice(choices: Sequence[Choice], key: str) -> Choice | None:
    """The one of them with a key, if it is still there."""
    return next((one for one in choices if one.key == key), None)


def reference_text(reference: ModelReference, version: int | None = None) -> str:
    """``spam``, ``spam 2``, ``spam stable → 2``.

    Args:
        reference: what was asked for.
        version: what has answered, if that is known.
    """
    if reference.version is not None:
        return f"{reference.name} {reference.version}"
    if reference.label is not None:
        arrow = "" if version is None else f" → {version}"
        return f"{reference.name} {reference.label}{arrow}"
    return reference.name if version is None else f"{reference.name} {version}"
