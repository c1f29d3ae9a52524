"""What ``classify`` gives for examples that are no DataFrame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, overload

import numpy as np

from tfs_notebook.client.text_tables import html_table, text_table

__all__ = ["LabelledScores"]

_MOST_ROWS: Final = 20
_MOST_CLASSES: Final = 5


class LabelledScores(Sequence["list[tuple[str, float]]"]):
    """For each example its classes: pairs of label and score, in the model's order.

    ::

        answer = server["spam"].classify([{"text": "…"}])
        answer[0]            # [("spam", 0.79), ("pass", 0.21)]
        answer.best          # ["spam"]

    Attributes:
        labels: text in an object array, ``[examples, classes]``; empty texts from a model
            that has none.
        scores: float32 of the same shape; zeros from a model that has none.
    """

    def __init__(self, labels: np.ndarray, scores: np.ndarray) -> None:
        self.labels = labels
        self.scores = scores

    @property
    def best(self) -> list[str]:
        """The label with the highest score, for each example."""
        return [row[0][0] if row else "" for row in map(self.top, range(len(self)))]

    def top(self, example: int, count: int = 1) -> list[tuple[str, float]]:
        """The classes of one example with the highest scores, the highest first."""
        return sorted(self[example], key=lambda pair: -pair[1])[:count]

    def __len__(self) -> int:
        return len(self.scores)

    @overload
    def __getitem__(self, index: int) -> list[tuple[str, float]]: ...
    @overload
    def __getitem__(self, index: slice) -> LabelledScores: ...
    def __getitem__(self, index: int | slice) -> list[tuple[str, float]] | LabelledScores:
        if isinstance(index, slice):
            return LabelledScores(self.labels[index], self.scores[index])
        return list(zip(self.labels[index].tolist(), self.scores[index].tolist(), strict=True))

    def __iter__(self) -> Iterator[list[tuple[str, float]]]:
        return (self[index] for index in range(len(self)))

    def _table(self) -> tuple[list[str], list[list[str]]]:
        count = min(self.scores.shape[1], _MOST_CLASSES)
        heads = ["", *(text for _ in range(count) for text in ("label", "score"))]
        rows = [
            [
                str(index),
                *(
                    cell
                    for label, score in self.top(index, count)
                    for cell in (label, f"{score:.4g}")
                ),
            ]
            for index in range(min(len(self), _MOST_ROWS))
        ]
        if len(self) > _MOST_ROWS:
            rows.append([f"… {len(self)} in all", *[""] * (2 * count)])
        return heads, rows

    def __repr__(self) -> str:
        return text_table(*self._table())

    def _repr_html_(self) -> str:
        return html_table(*self._table())
