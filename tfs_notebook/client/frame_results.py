"""A model's outputs as DataFrames; only where the caller has passed one."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["classes_frame", "frame_of"]

_MATRIX_RANK: Final = 2
_RAW_BYTES: Final = "_bytes"


def frame_of(outputs: Mapping[str, np.ndarray], index: Any) -> DataFrame:  # noqa: ANN401 - an Index
    """Outputs by rows as columns.

    ``[n]`` and ``[n, 1]`` are a column of the output's name; ``[n, k]`` are ``NAME_0`` to
    ``NAME_{k-1}``; what has more dimensions is a column of arrays. Strings are text, unless
    they are not UTF-8 or the output's name ends in ``_bytes``.
    """
    pandas = importlib.import_module("pandas")
    parts = [pandas.DataFrame(_columns(alias, one), index) for alias, one in outputs.items()]
    frame: DataFrame = pandas.concat(parts, axis=1) if len(parts) > 1 else parts[0]
    return frame


def classes_frame(labels: np.ndarray, scores: np.ndarray, index: Any) -> DataFrame:  # noqa: ANN401 - an Index
    """Classifications as columns: the best ``label`` and its ``score``, then all scores.

    Where every row has the same labels the others are ``score_LABEL``, else ``label_0``,
    ``score_0`` and so on.
    """
    pandas = importlib.import_module("pandas")
    rows, classes = scores.shape
    if not classes:
        return pandas.DataFrame({"label": [""] * rows, "score": [np.nan] * rows}, index)
    best = scores.argmax(1), np.arange(rows)
    columns = {"label": labels[best[1], best[0]], "score": scores[best[1], best[0]]}
    if classes > 1 and rows:
        first = labels[0].tolist()
        if len(set(first)) == classes and (labels == labels[0]).all():
            columns |= {f"score_{one}": scores[:, place] for place, one in enumerate(first)}
        else:
            for place in range(classes):
                columns[f"label_{place}"] = labels[:, place]
                columns[f"score_{place}"] = scores[:, place]
    return pandas.DataFrame(columns, index)


def _columns(alias: str, array: np.ndarray) -> dict[str, Any]:
    if array.dtype == object and not alias.endswith(_RAW_BYTES):
        array = _text(array)
    if array.ndim == 1:
        return {alias: array}
    if array.ndim == _MATRIX_RANK and array.shape[1] == 1:
        return {alias: array[:, 0]}
    if array.ndim == _MATRIX_RANK:
        return {f"{alias}_{place}": array[:, place] for place in range(array.shape[1])}
    return {alias: list(array)}


def _text(array: np.ndarray) -> np.ndarray:
    try:
        flat = [one.decode() for one in array.reshape(-1).tolist()]
    except (UnicodeDecodeError, AttributeError):  # bytes that are no text, or whole arrays
        return array
    text = np.empty(len(flat), object)
    text[:] = flat
    return text.reshape(array.shape)
