"""Two answers to one request: in what they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from google.protobuf.message import DecodeError

from tfs_notebook.wire.errors import Internal
from tfs_notebook.wire.messages import (
    ClassificationResponse,
    ClassificationResult,
    MultiInferenceResponse,
    RegressionResponse,
    RegressionResult,
)
from tfs_notebook.wire.predict import parse_predict_response

__all__ = ["Comparison", "agreeing_elements", "compare_outputs", "outputs_of"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of one output.

    Attributes:
        reason: in what it differs, at its first element that does; empty if it agrees.
        largest: the largest absolute difference of numbers.
        relative: the largest one in relation to the second answer's.
    """

    reason: str = ""
    largest: float = 0.0
    relative: float = 0.0


def outputs_of(method: str, response: bytes) -> dict[str, np.ndarray]:
    """The outputs of a serialised response, by name.

    Those of examples are ``classes``, ``scores`` and ``classes_an_example``, or ``value``,
    in a MultiInference after the name of the signature.

    Raises:
        Internal: it is no response of this method.
        InvalidArgument: an output is not a tensor.
    """
    try:
        if method == "Predict":
            return parse_predict_response(response)[1]
        if method == "Classify":
            return dict(_classes(ClassificationResponse.FromString(response).result))
        if method == "Regress":
            return dict(_values(RegressionResponse.FromString(response).result))
        return dict(_every_task(MultiInferenceResponse.FromString(response)))
    except DecodeError as error:
        raise Internal(f"the answer to {method} cannot be read: {error}") from None


def _classes(result: ClassificationResult) -> Iterator[tuple[str, np.ndarray]]:
    rows = [list(row.classes) for row in result.classifications]
    flat = [one for row in rows for one in row]
    yield "classes_an_example", np.array([len(row) for row in rows], np.int64)
    yield "classes", np.array([one.label for one in flat], object)
    yield "scores", np.array([one.score for one in flat], np.float32)


def _values(result: RegressionResult) -> Iterator[tuple[str, np.ndarray]]:
    yield "value", np.array([one.value for one in result.regressions], np.float32)


def _every_task(response: MultiInferenceResponse) -> Iterator[tuple[str, np.ndarray]]:
    for task in response.results:
        is_classes = task.WhichOneof("result") == "classification_result"
        arrays = (
            _classes(task.classification_result)
            if is_classes
            else _values(task.regression_result)
        )
        for name, array in arrays:
            yield f"{task.model_spec.signature_name}/{name}", array


def compare_outputs(
    first: Mapping[str, np.ndarray],
    second: Mapping[str, np.ndarray],
    *,
    rtol: float,
    atol: float,
) -> dict[str, Comparison]:
    """Compare two answers, output by output. Pure.

    Floating-point numbers agree if ``|a - b| <= atol + rtol * |b|``, and NaN with NaN;
    everything else if it is equal.
    """
    compared: dict[str, Comparison] = {}
    for name in sorted(first.keys() | second.keys()):
        if name not in first or name not in second:
            where = "second" if name in second else "first"
            compared[name] = Comparison(f"is in the {where} answer only")
        else:
            compared[name] = _compared(first[name], second[name], rtol, atol)
    return compared


def _compared(first: np.ndarray, second: np.ndarray, rtol: float, atol: float) -> Comparison:
    if first.dtype != second.dtype:
        return Comparison(f"is {first.dtype}, and {second.dtype}")
    if first.shape != second.shape:
        return Comparison(f"has shape {list(first.shape)}, and {list(second.shape)}")
    agrees = agreeing_elements(first, second, rtol=rtol, atol=atol)
    if first.dtype.kind in "OSUb":
        return Comparison(_first_difference(first, second, agrees))
    left, right = _wide(first), _wide(second)
    with np.errstate(all="ignore"):
        apart = np.abs(left - right)
        relative = apart / np.abs(right)
    return Comparison(
        _first_difference(first, second, agrees), _largest(apart), _largest(relative)
    )


def agreeing_elements(
    first: np.ndarray, second: np.ndarray, *, rtol: float, atol: float
) -> np.ndarray:
    """Where two arrays of one type and shape agree, as :func:`compare_outputs` has it."""
    if first.dtype.kind in "OSUbiu":
        return np.asarray(first == second, bool)
    return np.asarray(np.isclose(_wide(first), _wide(second), rtol, atol, equal_nan=True))


def _wide(array: np.ndarray) -> np.ndarray:
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def _largest(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.max(initial=0.0))


def _first_difference(first: np.ndarray, second: np.ndarray, agrees: np.ndarray) -> str:
    places = np.argwhere(~np.asarray(agrees, bool))
    if not len(places):
        return ""
    place = tuple(places[0].tolist())
    more = f", and {len(places) - 1} more" if len(places) > 1 else ""
    where = f" at {list(place)}" if place else ""
    return f"is {_shown(first[place])}, and {_shown(second[place])}{where}{more}"


def _shown(element: object) -> str:
    if isinstance(element, bytes):
        with suppress(UnicodeDecodeError):
            return repr(element.decode())
    return str(element)
