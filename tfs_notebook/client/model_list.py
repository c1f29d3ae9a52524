"""Which models a server has, as it lists them (TensorFlow Serving has no such list)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tfs_notebook.client.transport import VersionStatus
from tfs_notebook.wire.errors import Code, Internal

__all__ = ["MODEL_HEADS", "ServedModel", "model_rows", "served_models"]

MODEL_HEADS: Final = ("model", "version", "state", "labels", "from")


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model as its server lists it.

    Attributes:
        name: by which it is asked for.
        base_path: where its versions lie.
        versions: their states, the newest first.
        labels: version by label.
        waiting_for: why there is nothing to load; empty if there is.
    """

    name: str
    base_path: str
    versions: tuple[VersionStatus, ...]
    labels: Mapping[str, int]
    waiting_for: str

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


def model_rows(models: Iterable[ServedModel]) -> list[tuple[str, ...]]:
    """The cells of :data:`MODEL_HEADS`: a row a version, or one for a model without any."""
    return [row for model in models for row in _rows(model)]


def _rows(model: ServedModel) -> list[tuple[str, ...]]:
    if not model.versions:
        waits = f"waiting: {model.waiting_for}" if model.waiting_for else "waiting"
        return [(model.name, "", waits, _labels(model, None), model.base_path)]
    rows: list[tuple[str, ...]] = []
    for one in model.versions:
        reason = f" ({Code(one.code).name}: {one.error})" if one.code else ""
        labels = _labels(model, one.version)
        rows.append((model.name, str(one.version), one.state + reason, labels, model.base_path))
    return rows


def _labels(model: ServedModel, version: int | None) -> str:
    return ", ".join(
        label if version is not None else f"{label}: {number}"
        for label, number in sorted(model.labels.items())
        if version in (None, number)
    )
