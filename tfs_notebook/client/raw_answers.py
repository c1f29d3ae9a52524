"""What a server says of pipelines, and of the texts and images that go through them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tfs_notebook.wire.errors import Internal
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE

__all__ = ["INDICES", "LABELS", "SCORES", "PipelineFacts", "pipeline_facts", "raw_answer"]

LABELS: Final = "labels"
SCORES: Final = "scores"
INDICES: Final = "indices"

# What the client makes of an array.
_OF_ARRAYS: Final = "PNG"


@dataclass(frozen=True, slots=True)
class PipelineFacts:
    """What raw input a version takes.

    Attributes:
        kind: ``text`` or ``image``.
        signature: what it runs.
        formats: of images that it takes; empty for texts.
        top: how many labels it tells unless it is asked for more.
    """

    kind: str
    signature: str
    formats: tuple[str, ...] = ()
    top: int = 1

    def is_for(self, signature: str) -> bool:
        """Whether a call that names this signature, or none, may go through it."""
        return not signature or signature == self.signature

    def example(self, call: str) -> str:
        """A call with raw input that works, whatever the model is for.

        Args:
            call: the handle as a person would write it.
        """
        if self.kind == "text":
            return f'{call}.predict("some text")  # or a list or a column of texts'
        if self.formats and _OF_ARRAYS not in self.formats:
            return f'{call}.predict("picture.{self.formats[0].lower()}")  # or several files'
        return (
            f'{call}.predict(np.zeros((8, 8), "uint8"))  # or a path, the bytes of a file, a '
            "picture of Pillow, or a list or a column of them"
        )


def pipeline_facts(document: Any) -> PipelineFacts:  # noqa: ANN401 - any JSON
    """Read an answer of ``GET /v2/models/NAME/pipeline``.

    Raises:
        Internal: it is none.
    """
    try:
        return PipelineFacts(
            str(document["kind"]),
            str(document["signature"] or DEFAULT_SIGNATURE),
            tuple(map(str, document["input"].get("formats", ()))),
            int(document.get("top") or 1),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Internal(f"this does not tell of a pipeline: {error!r}") from None


def raw_answer(document: Any) -> dict[str, np.ndarray]:  # noqa: ANN401 - any JSON
    """Read an answer of ``POST /predict``.

    Returns:
        labels (text), scores (float32) and their places in the model's output, the likeliest
        first: ``[inputs, labels told]`` each.

    Raises:
        Internal: it is no such answer.
    """
    try:
        rows = [_row(record) for record in document["data"]]
        told = len(rows[0]) if rows else 1
        labels = np.empty((len(rows), told), object)
        scores = np.empty((len(rows), told), np.float32)
        indices = np.empty((len(rows), told), np.int64)
        for place, row in enumerate(rows):
            labels[place] = [str(one["label"]) for one in row]
            scores[place] = [_score(one["score"]) for one in row]
            indices[place] = [one["index"] for one in row]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise Internal(f"this is no answer to raw input: {error!r}") from None
    return {LABELS: labels, SCORES: scores, INDICES: indices}


def _row(record: Any) -> list[Any]:  # noqa: ANN401 - any JSON
    alone = {"label": record["label"], "score": record["score"], "index": record["predict"]}
    return record.get("top") or [alone]


def _score(value: float | None) -> float:
    # JSON has no word for what is not a number.
    return math.nan if value is None else value
