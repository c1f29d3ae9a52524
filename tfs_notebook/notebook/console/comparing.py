"""What tells two answers to one question apart, in a line. Pure."""

from __future__ import annotations

from html import escape
from typing import Final

import numpy as np

from tfs_notebook.notebook.console.questions import Answer
from tfs_notebook.notebook.widgets.markup import note
from tfs_notebook.notebook.widgets.translation import Translate

__all__ = ["difference_html"]

_NUMBERS: Final = "fiu"


def difference_html(first: Answer, second: Answer, translate: Translate) -> str:
    """Whether they agree, and how far apart they are."""
    if first.judged or second.judged:
        text, agrees = _of_labels(first, second, translate)
    else:
        text, agrees = _of_outputs(first, second, translate)
    return note("good" if agrees else "warn", "=" if agrees else "≠", escape(text))


def _of_labels(first: Answer, second: Answer, translate: Translate) -> tuple[str, bool]:
    pairs = list(zip(first.judged, second.judged, strict=False))
    same = sum(one.label == other.label for one, other in pairs)
    if len(pairs) == 1:
        said = translate("the same label") if same else translate("another label")
    else:
        said = translate("the same label for {same} of {all}").format(same=same, all=len(pairs))
    apart = [
        abs(dict(one.scores).get(label, 0.0) - score)
        for one, other in pairs
        if one.has_scores and other.has_scores
        for label, score in other.scores
    ]
    if apart:
        most = float(np.nanmax([0.0, *apart]))
        off = translate("scores differ by {most} at most").format(most=f"{most:.4g}")
        said = f"{said}; {off}"
    return said, same == len(pairs)


def _of_outputs(first: Answer, second: Answer, translate: Translate) -> tuple[str, bool]:
    if {name: one.shape for name, one in first.outputs.items()} != {
        name: one.shape for name, one in second.outputs.items()
    }:
        return translate("other outputs, or of other shapes"), False
    pairs = [(one, second.outputs[name]) for name, one in first.outputs.items()]
    unequal = [pair for pair in pairs if not _is_equal(*pair)]
    if not unequal:
        return translate("the same to the last bit"), True
    if any(one.dtype.kind not in _NUMBERS for one, _ in unequal):
        return translate("other values"), False
    most = max(_apart(*pair) for pair in unequal)
    return translate("values differ by {most} at most").format(most=f"{most:.4g}"), False


def _is_equal(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    # As they are, unsigned numbers would wrap around.
    off = np.abs(one.astype(np.float64) - other.astype(np.float64))
    return float(np.max(off, where=~np.isnan(off), initial=0.0))
