"""Which models a server has, as it lists them (TensorFlow Serving has no such list)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from tfs_notebook.client.counted_cells import COUNTED_HEADS, counted_cells
from tfs_notebook.client.statistics import ModelStatistics, VersionStatistics
from tfs_notebook.client.transport import VersionStatus
from tfs_notebook.wire.errors import Code, Internal

__all__ = ["ServedModel", "model_table", "served_models", "with_statistics"]

_HEADS: Final = ("model", "version", "state", "labels")
_FROM: Final = "from"


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model as its server lists it.

    Attributes:
        name: by which it is asked for.
        base_path: where its versions lie.
        versions: their states, the newest first.
        labels: version by label.
        waiting_for: why there is nothing to load; empty if there is.
        statistics: what was counted of it; None if nobody has asked, or nobody tells.
    """

    name: str
    base_path: str
    versions: tuple[VersionStatus, ...]
    labels: Mapping[str, int]
    waiting_for: str
    statistics: ModelStatistics | None = None

    @property
    def available(self) -> list[int]:
        """The versions that answer, the newest first."""
        return [one.version for one in self.versions if one.state == "AVAILABLE"]


def served_models(answer: Any) -> list[ServedModel]:  # noqa: ANN401 - any JSON
    """All models of an answer to ``GET /v1/models``, in the order of the configuration.

    Raises:
        Internal: what came is no such list.
    """
    try:
        return [_served(model) for model in answer["models"]]
    except (LookupError, TypeError, ValueError) as error:
        raise Internal(f"this is no list of models: {error!r}") from None


def _served(model: Any) -> ServedModel:  # noqa: ANN401 - JSON
    versions = [
        VersionStatus(
            int(one["version"]),
            str(one["state"]),
            _code(one["status"]["error_code"]),
            str(one["status"]["error_message"]),
        )
        for one in model.get("model_version_status", ())
    ]
    return ServedModel(
        str(model["name"]),
        str(model["base_path"]),
        tuple(sorted(versions, key=lambda one: one.version, reverse=True)),
        {label: int(version) for label, version in model.get("version_labels", {}).items()},
        str(model.get("waiting_for", "")),
    )


def _code(value: object) -> int:
    return int(value) if isinstance(value, int) else Code[str(value)].value


def with_statistics(
    models: Iterable[ServedModel], statistics: Mapping[str, ModelStatistics]
) -> list[ServedModel]:
    """The same models, and what was counted of them by their names."""
    return [replace(model, statistics=statistics.get(model.name)) for model in models]


def model_table(models: Sequence[ServedModel]) -> tuple[Sequence[str], list[tuple[str, ...]]]:
    """Heads and cells: a row a version, or one for a model without any.

    Memory and traffic are columns of it if anything is known of them.
    """
    is_counted = any(model.statistics is not None for model in models)
    rows = [
        (*row, *(counted_cells(_counted(model, version)) if is_counted else ()), place)
        for model in models
        for version, row, place in _rows(model)
    ]
    return (*_HEADS, *(COUNTED_HEADS if is_counted else ()), _FROM), rows


def _counted(model: ServedModel, version: int | None) -> VersionStatistics | None:
    # What has ended takes no memory, whatever was counted of it.
    if model.statistics is None or version is None or version not in model.available:
        return None
    return model.statistics.version(version)


def _rows(model: ServedModel) -> list[tuple[int | None, tuple[str, ...], str]]:
    if not model.versions:
        waits = f"waiting: {model.waiting_for}" if model.waiting_for else "waiting"
        return [(None, (model.name, "", waits, _labels(model, None)), model.base_path)]
    rows: list[tuple[int | None, tuple[str, ...], str]] = []
    for one in model.versions:
        reason = f" ({Code(one.code).name}: {one.error})" if one.code else ""
        labels = _labels(model, one.version)
        cells = (model.name, str(one.version), one.state + reason, labels)
        rows.append((one.version, cells, model.base_path))
    return rows


def _labels(model: ServedModel, version: int | None) -> str:
    return ", ".join(
        label if version is not None else f"{label}: {number}"
        for label, number in sorted(model.labels.items())
        if version in (None, number)
    )
