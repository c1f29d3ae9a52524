"""A request that fits a signature, made up from the signature alone.

::

    request = predict_sample(signature)
    request.values            # {"x": [[1.0, 1.0]]}: whole tensors, by alias
    request.body              # {"instances": [[1.0, 1.0]]}, or None …
    request.obstacles         # … and why there is none

Every value is one JSON can hold. Types and shapes are right; whether the numbers
mean anything to the model only its author knows.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tfs_notebook.wire.dtypes import DataType, numpy_type, type_name
from tfs_notebook.wire.errors import InvalidArgument, Unimplemented
from tfs_notebook.wire.json_arrays import MAX_RANK
from tfs_notebook.wire.json_elements import checked_element
from tfs_notebook.wire.json_tensors import RequestFormat
from tfs_notebook.wire.json_values import JsonValue
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature, TensorSpec
from tfs_notebook.wire.sparse_inputs import sparse_parts

__all__ = [
    "PredictSample",
    "has_json_form",
    "plain_value",
    "predict_sample",
    "sample_inputs",
]

_BATCH: Final = 1
_UNKNOWN_SIZE: Final = 2
# Lists repeat one and the same row, so what counts is the sum of the sizes; but a
# signature may also hold sizes that no machine has memory for.
_LARGEST: Final = 10_000_000
# A longer default is no example to read.
_LARGEST_DEFAULT: Final = 64


@dataclass(frozen=True, slots=True)
class PredictSample:
    """An example for one signature; immutable, safe to share between threads.

    Lists in the values may be one object many times over: an image of a million
    equal numbers takes no more memory than its sizes added up. Nobody may change
    them.

    Attributes:
        signature: what the request is for.
        values: whole tensors (the batch included) as nested lists, by alias and in
            the order of the aliases. An input of a type without values (a
            resource) or beyond all size is left out.
        layout: how the body lays out the values; None if there is no body.
        obstacles: why the REST API cannot take or answer such a request; empty if
            it can.
    """

    signature: Signature
    values: Mapping[str, JsonValue]
    layout: RequestFormat | None
    obstacles: tuple[str, ...]

    @property
    def body(self) -> dict[str, JsonValue] | None:
        """The body of a predict request; None if there are :attr:`obstacles`."""
        if self.layout is None:
            return None
        body: dict[str, JsonValue] = {}
        if self.signature.name != DEFAULT_SIGNATURE:
            body["signature_name"] = self.signature.name
        if self.layout is RequestFormat.ROW:
            body["instances"] = _rows(self.values)
        else:
            body["inputs"] = _columns(self.values)
        return body


def predict_sample(
    signature: Signature, values: Mapping[str, JsonValue] | None = None
) -> PredictSample:
    """Make an example request. Pure.

    The row format is taken where it fits, since answers in it are the easier to
    read: every input and output has a first dimension, and all have the same size
    there. Inputs with a default are part of the body, with that default, because
    REST cannot leave them out.

    Args:
        signature: what to ask for.
        values: whole tensors to use instead of made-up ones, by alias.
    """
    chosen = {**sample_inputs(signature), **(values or {})}
    ordered = {alias: chosen[alias] for alias in signature.inputs if alias in chosen}
    obstacles = _obstacles(signature, ordered)
    layout = None
    if not obstacles:
        fits = _fits_rows(signature, ordered)
        layout = RequestFormat.ROW if fits else RequestFormat.COLUMN
    return PredictSample(signature, ordered, layout, obstacles)


def sample_inputs(signature: Signature) -> dict[str, JsonValue]:
    """Values for the inputs of a signature, as nested lists by alias. Pure.

    Sizes that are not fixed become 1 in the first dimension, else 2; a tensor of
    unknown rank becomes a vector. Elements are ``1.0``, ``1``, ``true`` or
    ``"text"``; a short default stands for itself. The parts of a sparse tensor
    fit each other: one value, at the origin.

    Returns:
        The values; an input for which none can be made is left out.
    """
    parts = sparse_parts(signature.inputs)
    values: dict[str, JsonValue] = {}
    for alias, spec in signature.inputs.items():
        default = _default_value(signature, spec)
        if default is not None:
            values[alias] = default
            continue
        element = 0 if alias in parts and parts[alias].is_indices else _element(spec.dtype)
        shape = parts[alias].shape if alias in parts else _example_shape(spec)
        if element is not None and _is_reasonable(shape):
            values[alias] = _filled(shape, element)
    return values


def has_json_form(dtype: int) -> bool:
    """Whether the REST API can take and answer tensors of this type."""
    try:
        checked_element(None, dtype)
    except Unimplemented:
        return False
    except InvalidArgument:  # null is no element of any type
        pass
    return True


def plain_value(array: np.ndarray[Any, np.dtype[Any]]) -> JsonValue:
    """An array as nested lists that JSON can hold, in the fewest digits.

    Args:
        array: of a type that :func:`has_json_form`; strings as objects that are
            ``bytes``. What is not UTF-8 becomes ``{"b64": …}``.
    """
    if array.ndim == 0:
        return _plain_element(array[()])
    if array.ndim == 1:
        return [_plain_element(element) for element in array]
    return [plain_value(row) for row in array]


def _plain_element(element: object) -> JsonValue:
    if isinstance(element, np.float32):
        # 0.1 and not 0.10000000149011612; it is the same float again.
        return float(str(element))
    if isinstance(element, bytes):
        try:
            return element.decode()
        except UnicodeDecodeError:
            return {"b64": base64.b64encode(element).decode()}
    value: JsonValue = element.item() if isinstance(element, np.generic) else str(element)
    return value


def _rows(values: Mapping[str, JsonValue]) -> JsonValue:
    if len(values) == 1:
        return next(iter(values.values()))
    columns = {alias: value for alias, value in values.items() if isinstance(value, list)}
    size = min(map(len, columns.values()))
    return [
        {alias: column[index] for alias, column in columns.items()} for index in range(size)
    ]


def _columns(values: Mapping[str, JsonValue]) -> JsonValue:
    return next(iter(values.values())) if len(values) == 1 else dict(values)


def _element(dtype: int) -> JsonValue:
    if dtype == DataType.STRING:
        return "text"
    if dtype == DataType.BOOL:
        return True
    form = numpy_type(dtype)
    if form is None:
        return None
    return 1 if _is_integer(form) else 1.0


def _is_integer(form: np.dtype[Any]) -> bool:
    # NumPy files the four-bit and two-bit integers of ml_dtypes under "void".
    return form.kind in "iu" or form.name.startswith(("int", "uint"))


def _example_shape(spec: TensorSpec) -> tuple[int, ...]:
    if spec.shape is None:
        return (_BATCH,)
    return tuple(
        size if size >= 0 else _UNKNOWN_SIZE if axis else _BATCH
        for axis, size in enumerate(spec.shape)
    )


def _is_reasonable(shape: tuple[int, ...]) -> bool:
    return math.prod(max(size, 1) for size in shape) <= _LARGEST


def _filled(shape: tuple[int, ...], element: JsonValue) -> JsonValue:
    value = element
    for size in reversed(shape):
        value = [value] * size
    return value


def _default_value(signature: Signature, spec: TensorSpec) -> JsonValue:
    array = signature.defaults.get(spec.alias)
    if array is None or array.size > _LARGEST_DEFAULT or not has_json_form(spec.dtype):
        return None
    return plain_value(array)


def _obstacles(signature: Signature, values: Mapping[str, JsonValue]) -> tuple[str, ...]:
    if not signature.inputs:
        return ("the signature has no inputs, and a request without inputs is refused",)
    return (
        *(
            reason
            for spec in signature.inputs.values()
            if (reason := _input_obstacle(spec, values)) is not None
        ),
        *(
            f"output {spec.alias} is {type_name(spec.dtype)}, which JSON cannot hold"
            for spec in signature.outputs.values()
            if not has_json_form(spec.dtype)
        ),
    )


def _input_obstacle(spec: TensorSpec, values: Mapping[str, JsonValue]) -> str | None:
    if not has_json_form(spec.dtype):
        return f"input {spec.alias} is {type_name(spec.dtype)}, which JSON cannot hold"
    if spec.alias not in values:
        return f"input {spec.alias} of shape {list(spec.shape or ())} is too large to show"
    if spec.shape is not None and 0 in spec.shape[:-1]:
        return (
            f"input {spec.alias} of shape {list(spec.shape)} is empty, "
            "and nested lists cannot tell its other dimensions"
        )
    if spec.shape is not None and len(spec.shape) > MAX_RANK:
        return f"input {spec.alias} has more than {MAX_RANK} dimensions"
    return None


def _fits_rows(signature: Signature, values: Mapping[str, JsonValue]) -> bool:
    if sparse_parts(signature.inputs):
        return False
    sizes = {len(value) if isinstance(value, list) else 0 for value in values.values()}
    if len(sizes) != 1:
        return False
    [rows] = sizes
    specs = (*signature.inputs.values(), *signature.outputs.values())
    return rows > 0 and all(_has_rows(spec, rows) for spec in specs)


def _has_rows(spec: TensorSpec, rows: int) -> bool:
    if spec.shape is None:
        return True
    return bool(spec.shape) and (spec.shape[0] == rows or spec.shape[0] < 0)
