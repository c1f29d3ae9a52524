"""What Classify, Regress and MultiInference give, from NumPy to messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat
from typing import TypeAlias

import numpy as np

from tfs_notebook.wire.messages import (
    ClassificationResponse,
    ClassificationResult,
    MultiInferenceResponse,
    RegressionResponse,
    RegressionResult,
)
from tfs_notebook.wire.model_spec import ModelReference, model_spec_of

__all__ = [
    "Classifications",
    "InferenceResult",
    "Regressions",
    "encode_inference_response",
    "encode_multi_inference_response",
]


@dataclass(frozen=True, slots=True)
class Classifications:
    """The classes of each example: labels, scores, or both.

    Attributes:
        labels: ``bytes`` in an object array, ``[examples, classes]``; None if the
            model does not give any.
        scores: float32 of the same shape; None if the model does not give any.
    """

    labels: np.ndarray | None
    scores: np.ndarray | None

    @property
    def shape(self) -> tuple[int, int]:
        """Examples, and classes of each."""
        array = self.scores if self.labels is None else self.labels
        if array is None:
            return 0, 0
        examples, classes = array.shape
        return examples, classes


@dataclass(frozen=True, slots=True)
class Regressions:
    """The value of each example.

    Attributes:
        values: float32, ``[examples]``.
    """

    values: np.ndarray


InferenceResult: TypeAlias = Classifications | Regressions


def encode_inference_response(model: ModelReference, result: InferenceResult) -> bytes:
    """Serialise a ``ClassificationResponse`` or a ``RegressionResponse``.

    Args:
        model: what answered: name, version and signature.
        result: bytes of labels that are not UTF-8, which no client could read,
            become U+FFFD.
    """
    spec = model_spec_of(model)
    if isinstance(result, Classifications):
        return ClassificationResponse(
            model_spec=spec, result=_classification_result(result)
        ).SerializeToString()
    return RegressionResponse(
        model_spec=spec, result=_regression_result(result)
    ).SerializeToString()


def encode_multi_inference_response(
    results: Iterable[tuple[ModelReference, InferenceResult]],
) -> bytes:
    """Serialise a ``MultiInferenceResponse``: what answered each task, and its result."""
    response = MultiInferenceResponse()
    for model, result in results:
        task = response.results.add(model_spec=model_spec_of(model))
        if isinstance(result, Classifications):
            task.classification_result.CopyFrom(_classification_result(result))
        else:
            task.regression_result.CopyFrom(_regression_result(result))
    return response.SerializeToString()


def _classification_result(sent: Classifications) -> ClassificationResult:
    result = ClassificationResult()
    examples, classes = sent.shape
    labels: Iterable[list[str]] = repeat([""] * classes, examples)
    scores: Iterable[list[float]] = repeat([0.0] * classes, examples)
    if sent.labels is not None:
        labels = ([_text(label) for label in row] for row in sent.labels.tolist())
    if sent.scores is not None:
        scores = sent.scores.tolist()
    for row in zip(labels, scores, strict=True):
        add = result.classifications.add().classes.add
        for label, score in zip(*row, strict=True):
            add(label=label, score=score)
    return result


def _regression_result(sent: Regressions) -> RegressionResult:
    result = RegressionResult()
    for value in sent.values.tolist():
        result.regressions.add(value=value)
    return result


def _text(label: bytes) -> str:
    return label.decode("utf-8", "replace")
