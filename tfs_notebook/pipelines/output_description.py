"""What a pipeline file says of the scores: their names, and how they are to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["OutputDescription", "ScoreKind"]

ScoreKind = Literal["probabilities", "logits", "sigmoid"]


@dataclass(frozen=True, slots=True)
class OutputDescription:
    """The ``output`` of a pipeline; see the schema for each.

    Attributes:
        name: the alias of the scores.
        labels: a name for each score, in their order; None if they are in a file, or
            if the scores are known by their places alone.
        labels_file: the file they are in, by its name beside the pipeline file.
        scores: what the model gives: ``probabilities`` are left as they are, of
            ``logits`` the softmax is taken, for ``sigmoid`` that of each.
        top: how many labels an answer tells, unless the request says so.
    """

    name: str
    labels: tuple[str, ...] | None = None
    labels_file: str | None = None
    scores: ScoreKind = "probabilities"
    top: int | None = None

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> OutputDescription:
        """Take it from a document that is valid by the schema."""
        labels, top = said.get("labels"), said.get("top")
        return cls(
            said["name"],
            None if labels is None else tuple(labels),
            said.get("labels_file"),
            said.get("scores", "probabilities"),
            None if top is None else int(top),
        )

    def document(self) -> dict[str, Any]:
        """As the pipeline file says it."""
        said: dict[str, Any] = {"name": self.name, "scores": self.scores}
        if self.labels is not None:
            said["labels"] = list(self.labels)
        if self.labels_file is not None:
            said["labels_file"] = self.labels_file
        if self.top is not None:
            said["top"] = self.top
        return said
