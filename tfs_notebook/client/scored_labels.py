"""What a model with a pipeline says of raw texts and images."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, overload

import numpy as np

from tfs_notebook.client.raw_answers import INDICES, LABELS, SCORES
from tfs_notebook.client.text_tables import html_table, text_table

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["ScoredLabel", "ScoredLabels", "scores_frame"]

_MOST_ROWS: Final = 20
_LONGEST_TEXT: Final = 48
_BAR: Final = 10
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True, slots=True, repr=False)
class ScoredLabel:
    """What a model says of one text or image.

    Attributes:
        label: the likeliest.
        score: of that label.
        index: its place in the model's output.
        top: the likeliest labels with their scores, that one first: as many as ``k=`` or the
            pipeline says.
        text: what was judged; None for an image.
        version: of the model, that answered; None if the server does not say.
    """

    label: str
    score: float
    index: int
    top: tuple[tuple[str, float], ...]
    text: str | None = None
    version: int | None = None

    def _table(self) -> tuple[list[str], list[list[str]]]:
        rows = [[label, _number(score), _bar(score)] for label, score in self.top]
        return ["label", "score", ""], rows

    def __repr__(self) -> str:
        return text_table(*self._table())

    def _repr_html_(self) -> str:
        return html_table(*self._table())


class ScoredLabels(Sequence[ScoredLabel]):
    """What a model says of several texts or images, one :class:`ScoredLabel` each.

    ::

        answer = server["spam"].predict(["win a prize", "see you at lunch"])
        answer[0].label, answer[0].score
        answer.labels        # ["spam", "pass"]
        answer.scores        # float32 of [2]

    Attributes:
        version: of the model, that answered; None if the server does not say.
    """

    def __init__(
        self,
        outputs: Mapping[str, np.ndarray],
        texts: Sequence[str] | None = None,
        version: int | None = None,
    ) -> None:
        """Take an answer.

        Args:
            outputs: of :func:`~tfs_notebook.client.raw_answers.raw_answer`.
            texts: what was judged, if it was text.
            version: that answered, if it says so; the last one, if there were several.
        """
        self.version = version
        self._outputs = outputs
        self._texts = texts

    @property
    def labels(self) -> list[str]:
        """The likeliest label of each."""
        labels: list[str] = self._outputs[LABELS][:, 0].tolist()
        return labels

    @property
    def scores(self) -> np.ndarray:
        """The scores of those: float32 of ``[inputs]``."""
        scores: np.ndarray = self._outputs[SCORES][:, 0].copy()
        return scores

    def __len__(self) -> int:
        return len(self._outputs[LABELS])

    @overload
    def __getitem__(self, index: int) -> ScoredLabel: ...
    @overload
    def __getitem__(self, index: slice) -> ScoredLabels: ...
    def __getitem__(self, index: int | slice) -> ScoredLabel | ScoredLabels:
        texts = None if self._texts is None else self._texts[index]
        if isinstance(index, slice):
            some = {name: array[index] for name, array in self._outputs.items()}
            return ScoredLabels(some, texts, self.version)
        labels, scores = self._outputs[LABELS][index], self._outputs[SCORES][index]
        top = tuple(zip(labels.tolist(), map(float, scores), strict=True))
        place = int(self._outputs[INDICES][index, 0])
        text = None if texts is None else str(texts)
        return ScoredLabel(*top[0], place, top, text, self.version)

    def __iter__(self) -> Iterator[ScoredLabel]:
        return (self[index] for index in range(len(self)))

    def _table(self) -> tuple[list[str], list[list[str]]]:
        told = self._outputs[LABELS].shape[1]
        heads = ["", *([] if self._texts is None else ["text"]), "label", "score", ""]
        if told > 1:
            heads.append("next")
        rows = [self._cells(place, heads) for place in range(min(len(self), _MOST_ROWS))]
        if len(self) > _MOST_ROWS:
            rows.append([f"… {len(self)} in all", *[""] * (len(heads) - 1)])
        return heads, rows

    def _cells(self, place: int, heads: Sequence[str]) -> list[str]:
        one = self[place]
        cells = [str(place), *([] if one.text is None else [_excerpt(one.text)])]
        cells += [one.label, _number(one.score), _bar(one.score)]
        if len(cells) < len(heads):
            shown = (f"{label} {_number(score)}" for label, score in one.top[1:4])
            cells.append(", ".join(shown) + (" …" if len(one.top) > 4 else ""))
        return cells

    def __repr__(self) -> str:
        return text_table(*self._table())

    def _repr_html_(self) -> str:
        return html_table(*self._table())


def scores_frame(outputs: Mapping[str, np.ndarray], index: Any) -> DataFrame:  # noqa: ANN401 - an Index
    """An answer as columns ``label`` and ``score``; the next ones are ``label_2`` and so on."""
    pandas = importlib.import_module("pandas")
    columns: dict[str, np.ndarray] = {}
    for place in range(outputs[LABELS].shape[1]):
        tail = f"_{place + 1}" if place else ""
        columns["label" + tail] = outputs[LABELS][:, place]
        columns["score" + tail] = outputs[SCORES][:, place]
    frame: DataFrame = pandas.DataFrame(columns, index)
    return frame


def _number(score: float) -> str:
    return f"{score:.4f}" if 0 <= score <= 1 else f"{score:.4g}"


def _bar(score: float) -> str:
    """A bar of characters, which are shown alike by a terminal, a page and GitHub."""
    if not 0 <= score <= 1:
        return ""
    whole, eighths = divmod(round(score * _BAR * 8), 8)
    return ("█" * whole + _EIGHTHS[eighths]).rstrip()


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_TEXT else line[: _LONGEST_TEXT - 1] + "…"
