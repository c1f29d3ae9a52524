"""The answers of the REST API's classify and regress calls, as TensorFlow Serving prints them.

Classes are ``[label, score]``, a list of them for each example; a model without labels
gives empty ones, one without scores zeros. Values of a regression are a plain list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.inference_results import Classifications, InferenceResult, Regressions
from tfs_notebook.wire.json_responses import EncodedPredictions, element_texts

__all__ = ["encode_results"]

_NO_LABEL: Final = b'""'
_NO_SCORE: Final = b"0.0"


def encode_results(result: InferenceResult) -> EncodedPredictions:
    """Encode what a model gave. Safe on any thread.

    Raises:
        InvalidArgument: it is of no examples.
    """
    if isinstance(result, Regressions):
        return _regressions(result)
    return _classifications(result)


def _classifications(result: Classifications) -> EncodedPredictions:
    examples, classes = result.shape
    if not examples:
        raise InvalidArgument("Cannot convert empty ClassificationResults to JSON")
    labels: Sequence[bytes] = [_NO_LABEL] * (examples * classes)
    scores: Sequence[bytes] = [_NO_SCORE] * (examples * classes)
    has_replaced_text = False
    if result.labels is not None:
        labels, has_replaced_text = element_texts(result.labels, DataType.STRING)
    if result.scores is not None:
        scores, _ = element_texts(result.scores, DataType.FLOAT)
    pairs = [b"[%b, %b]" % pair for pair in zip(labels, scores, strict=True)]
    rows = [
        b"[%b]" % b", ".join(pairs[row * classes : (row + 1) * classes])
        for row in range(examples)
    ]
    body = b'{\n    "results": [%b\n    ]\n}' % b", ".join(rows)
    return EncodedPredictions(body, has_replaced_text)


def _regressions(result: Regressions) -> EncodedPredictions:
    if not result.values.size:
        raise InvalidArgument("Cannot convert empty RegressionResults to JSON")
    values, _ = element_texts(result.values, DataType.FLOAT)
    body = b'{\n    "results": [%b]\n}' % b", ".join(values)
    return EncodedPredictions(body, has_replaced_text=False)
