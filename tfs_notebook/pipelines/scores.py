"""A model's scores, read as what they say of each input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tfs_notebook.pipelines.output_description import OutputDescription, ScoreKind
from tfs_notebook.pipelines.tensor_check import check_output
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import FailedPrecondition
from tfs_notebook.wire.signatures import Signature

__all__ = ["LabelledScore", "LabelledScores", "ScoreReader"]

_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class LabelledScore:
    """One label of several: its name, its place in the output, and its score."""

    label: str
    index: int
    score: float


@dataclass(frozen=True, slots=True)
class LabelledScores:
    """What a model says of one text or image.

    Attributes:
        label: the name of the highest score; of the first one among equals.
        index: its place in the output.
        score: its value.
        scores: every score by label, in the output's order.
    """

    label: str
    index: int
    score: float
    scores: Mapping[str, float]

    def top(self, count: int) -> list[LabelledScore]:
        """Return the highest scores, the highest first; what is not a number comes last."""
        labels = list(self.scores)
        values = _numbers(self.scores)
        # NumPy, too, has what is no number last, and equals in their order.
        ranked = np.argsort(-values, kind="stable")[: count + 1].tolist()
        # Rounded, several may be as high as the best.
        places = [self.index, *(place for place in ranked if place != self.index)][:count]
        return [LabelledScore(labels[place], place, float(values[place])) for place in places]


class _ScoresByLabel(Mapping[str, float]):
    """The scores of one row: a hundred thousand labels are no dictionary an image."""

    __slots__ = ("_places", "numbers")

    def __init__(self, places: Mapping[str, int], numbers: np.ndarray) -> None:
        self._places = places
        self.numbers = numbers

    def __getitem__(self, label: str) -> float:
        return float(self.numbers[self._places[label]])

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __repr__(self) -> str:
        return repr(dict(self))


def _numbers(scores: Mapping[str, float]) -> np.ndarray:
    if isinstance(scores, _ScoresByLabel):
        return scores.numbers
    return np.fromiter(scores.values(), np.float64, len(scores))


def _best(scores: np.ndarray) -> np.ndarray:
    """The place of each row's highest score; what is no number is lower than all."""
    unknown = np.isnan(scores)
    best: np.ndarray = np.where(unknown, -np.inf, scores).argmax(axis=1)
    # Nothing is lower than minus infinity, so what is no number may have come before it.
    lost = np.take_along_axis(unknown, best[:, None], axis=1)[:, 0]
    best[lost] = (~unknown[lost]).argmax(axis=1)
    return best


class ScoreReader:
    """Reads the output that a pipeline describes; immutable, for any thread.

    Attributes:
        labels: a name for each score, or None: they are known by their places.
    """

    def __init__(self, said: OutputDescription, labels: Sequence[str] | None) -> None:
        self._said = said
        self.labels = None if labels is None else tuple(labels)
        self._places = {label: place for place, label in enumerate(self.labels or ())}

    def check(self, signature: Signature) -> None:
        """See that a signature gives such scores.

        Raises:
            FailedPrecondition: it does not.
        """
        count = None if self.labels is None else len(self.labels)
        shapes: list[tuple[int | None, ...]] = [(None, count)]
        if count == _PAIR:
            shapes.append((None, 1))
        check_output(signature, self._said.name, DataType.FLOAT, shapes)

    def read(self, outputs: Mapping[str, np.ndarray]) -> list[LabelledScores]:
        """Return what the scores say, one record a row.

        Raises:
            FailedPrecondition: the scores are missing or not one a label.
        """
        given = self._checked(outputs)
        if not len(given):
            return []
        scores = self._probabilities(given)
        ranked = given if given.shape == scores.shape else scores
        best = _best(ranked).tolist()
        places = self._places or {str(place): place for place in range(scores.shape[1])}
        names = self.labels or tuple(places)
        return [
            LabelledScores(names[index], index, float(row[index]), _ScoresByLabel(places, row))
            for row, index in zip(scores, best, strict=True)
        ]

    def _checked(self, outputs: Mapping[str, np.ndarray]) -> np.ndarray:
        name, labels = self._said.name, self.labels
        scores = outputs.get(name)
        if scores is None:
            raise FailedPrecondition(
                f"The pipeline needs the output {name!r}; the model gave {sorted(outputs)}"
            )
        if scores.ndim != 2 or not (scores.shape[1] if labels is None else self._fits(scores)):
            wanted = "some scores" if labels is None else f"{len(labels)} labels"
            columns = "scores" if labels is None else len(labels)
            raise FailedPrecondition(
                f"The output {name!r} has shape {list(scores.shape)}; the pipeline's "
                f"{wanted} need [rows, {columns}]"
            )
        return scores

    def _fits(self, scores: np.ndarray) -> bool:
        return scores.shape[1] == len(self._places) or self._is_one_for_two(scores)

    def _is_one_for_two(self, scores: np.ndarray) -> bool:
        return len(self._places) == _PAIR and scores.shape[1] == 1

    def _probabilities(self, scores: np.ndarray) -> np.ndarray:
        if not self._is_one_for_two(scores):
            return _applied(self._said.scores, scores)
        kind: ScoreKind = self._said.scores
        second = _applied("sigmoid" if kind == "logits" else kind, scores)
        return np.concatenate([1 - second, second], axis=1)


def _applied(kind: ScoreKind, scores: np.ndarray) -> np.ndarray:
    if kind == "probabilities" or not scores.size:
        return scores
    # In double precision, so that the rounding is the answer's alone.
    exact = scores.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        if kind == "logits":
            powers = np.exp(exact - exact.max(axis=1, keepdims=True))
            exact = powers / powers.sum(axis=1, keepdims=True)
        else:
            # Of no large positive number, whose power is infinite.
            powers = np.exp(-np.abs(exact))
            exact = np.where(exact >= 0, 1, powers) / (1 + powers)
    rounded: np.ndarray = exact.astype(np.float32)
    return rounded
