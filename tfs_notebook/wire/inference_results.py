"""What Classify, Regress and MultiInference give, straight from NumPy to the wire."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from tfs_notebook.wire.model_spec import ModelReference, model_spec_to_wire
from tfs_notebook.wire.usual_fields import encode_field

__all__ = [
    "Classifications",
    "InferenceResult",
    "Regressions",
    "encode_inference_response",
    "encode_multi_inference_response",
]

_RESULTS: Final = b"\x0a"
_RESULT, _ANSWERING = b"\x0a", b"\x12"
_TASK, _CLASSIFICATION, _REGRESSION = b"\x0a", b"\x12", b"\x1a"
# Of ClassificationResult, Classifications and RegressionResult.
_ENTRY: Final = b"\x0a"
_LABEL, _SCORE, _VALUE = b"\x0a", b"\x15", b"\x0d"
_ZERO: Final = bytes(4)


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
    spec = model_spec_to_wire(model)
    return encode_field(_RESULT, _encoded(result)) + encode_field(_ANSWERING, spec)


def encode_multi_inference_response(
    results: Iterable[tuple[ModelReference, InferenceResult]],
) -> bytes:
    """Serialise a ``MultiInferenceResponse``: what answered each task, and its result."""
    return b"".join(encode_field(_RESULTS, _encoded_task(*result)) for result in results)


def _encoded_task(model: ModelReference, result: InferenceResult) -> bytes:
    tag = _CLASSIFICATION if isinstance(result, Classifications) else _REGRESSION
    return encode_field(_TASK, model_spec_to_wire(model)) + encode_field(tag, _encoded(result))


def _encoded(result: InferenceResult) -> bytes:
    if isinstance(result, Regressions):
        return b"".join(encode_field(_ENTRY, value) for value in _floats(_VALUE, result.values))
    examples, classes = result.shape
    nothing = [b""] * (examples * classes)
    labels = nothing if result.labels is None else _labels(result.labels)
    scores = nothing if result.scores is None else _floats(_SCORE, result.scores)
    encoded = [
        encode_field(_ENTRY, label + score) for label, score in zip(labels, scores, strict=True)
    ]
    rows = (b"".join(encoded[row * classes : (row + 1) * classes]) for row in range(examples))
    return b"".join(encode_field(_ENTRY, row) for row in rows)


def _labels(labels: np.ndarray) -> list[bytes]:
    return [encode_field(_LABEL, _utf8(label)) if label else b"" for label in labels.ravel()]


def _utf8(label: bytes) -> bytes:
    try:
        label.decode()
    except UnicodeDecodeError:
        return label.decode("utf-8", "replace").encode()
    return label


def _floats(tag: bytes, values: np.ndarray) -> list[bytes]:
    """Each as a field; a zero is left out, as it is everywhere in proto3."""
    raw = np.ascontiguousarray(values, "<f4").tobytes()
    numbers = (raw[start : start + 4] for start in range(0, len(raw), 4))
    return [b"" if number == _ZERO else tag + number for number in numbers]
