"""``PredictRequest`` and ``PredictResponse``, straight between wire and NumPy."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from google.protobuf.message import DecodeError

from tfs_notebook.wire.errors import Internal, InvalidArgument
from tfs_notebook.wire.messages import PredictRequest, PredictResponse
from tfs_notebook.wire.model_spec import (
    ModelReference,
    model_spec_to_wire,
    reference_of,
    reference_of_wire,
)
from tfs_notebook.wire.tensor_reader import (
    RepeatBudget,
    array_from_message,
    array_from_wire,
    lies_as_sent,
)
from tfs_notebook.wire.tensor_writer import tensor_to_wire
from tfs_notebook.wire.usual_fields import UnusualError, length_delimited
from tfs_notebook.wire.varints import VarintTooLongError, encode_varint

__all__ = [
    "PredictCall",
    "encode_predict_request",
    "encode_predict_response",
    "is_parsed_at_once",
    "parse_predict_request",
    "parse_predict_response",
]

_MODEL_SPEC, _INPUTS, _OUTPUT_FILTER = 0x0A, 0x12, 0x1A
_OUTPUTS, _ANSWERING = 0x0A, 0x12
_KEY, _VALUE = 0x0A, 0x12
# Each takes a microsecond, however short it is.
_MOST_FIELDS_AT_ONCE = 500


@dataclass(slots=True)
class PredictCall:
    """A Predict request as the data plane takes it.

    Attributes:
        model: which model, version or label, and which signature; None if the
            request does not say.
        inputs: array and ``DataType`` by alias.
        output_filter: the outputs wanted; empty for all.
    """

    model: ModelReference | None
    inputs: dict[str, tuple[np.ndarray, int]]
    output_filter: list[str]


def parse_predict_request(data: bytes) -> PredictCall:
    """Parse a serialised ``PredictRequest``; the arrays may lie in its memory.

    Raises:
        Internal: not a ``PredictRequest`` (the code gRPC gives to that).
        InvalidArgument: an input is not a tensor, or the inputs together leave
            too many values to be repeated: ``tensor parsing error: alias``.
    """
    view = memoryview(data)
    try:
        return _parse_usual(view)
    except (UnusualError, IndexError, UnicodeDecodeError, VarintTooLongError):
        return _parse_message(data)


def is_parsed_at_once(data: bytes) -> bool:
    """Whether :func:`parse_predict_request` takes microseconds, whatever its size.

    So it does if all inputs are numbers that lie there as they are to lie in memory, and
    are not too many.
    """
    try:
        _, tensors, _ = _usual_parts(memoryview(data), _MOST_FIELDS_AT_ONCE)
    except (UnusualError, IndexError, UnicodeDecodeError, VarintTooLongError):
        return False
    return all(lies_as_sent(tensor) for _, tensor in tensors)


def _parse_usual(view: memoryview) -> PredictCall:
    model, tensors, output_filter = _usual_parts(view)
    budget = RepeatBudget()
    inputs = {alias: _array(alias, tensor, budget) for alias, tensor in tensors}
    return PredictCall(model, inputs, output_filter)


def _usual_parts(
    view: memoryview, most_fields: int = sys.maxsize
) -> tuple[ModelReference | None, list[tuple[str, memoryview]], list[str]]:
    position, end = 0, len(view)
    model: ModelReference | None = None
    tensors: list[tuple[str, memoryview]] = []
    output_filter: list[str] = []
    while position < end:
        tag = view[position]
        start, stop = length_delimited(view, position + 1, end)
        if len(tensors) + len(output_filter) >= most_fields:
            raise UnusualError
        if tag == _INPUTS:
            tensors.append(_parse_entry(view, start, stop))
        elif tag == _MODEL_SPEC and model is None:
            model = reference_of_wire(bytes(view[start:stop]))
        elif tag == _OUTPUT_FILTER:
            output_filter.append(str(view[start:stop], "utf-8"))
        else:
            raise UnusualError
        position = stop
    return model, tensors, output_filter


def _parse_entry(view: memoryview, position: int, end: int) -> tuple[str, memoryview]:
    if view[position] != _KEY:
        raise UnusualError
    start, stop = length_delimited(view, position + 1, end)
    if stop == end or view[stop] != _VALUE:
        raise UnusualError
    first, last = length_delimited(view, stop + 1, end)
    if last != end:
        raise UnusualError
    return str(view[start:stop], "utf-8"), view[first:last]


def _array(alias: str, tensor: memoryview, budget: RepeatBudget) -> tuple[np.ndarray, int]:
    try:
        return array_from_wire(tensor, budget)
    except InvalidArgument as error:
        raise _parsing_error(alias, error) from error


def _parsing_error(alias: str, error: InvalidArgument) -> InvalidArgument:
    return InvalidArgument(f"tensor parsing error: {alias} ({error.message})")


def _parse_message(data: bytes) -> PredictCall:
    try:
        request = PredictRequest.FromString(data)
    except DecodeError as error:
        raise Internal(f"Failed to parse a PredictRequest: {error}") from None
    inputs = {}
    budget = RepeatBudget()
    for alias, tensor in request.inputs.items():
        try:
            inputs[alias] = array_from_message(tensor, budget), tensor.dtype
        except InvalidArgument as error:
            raise _parsing_error(alias, error) from error
    model = reference_of(request.model_spec) if request.HasField("model_spec") else None
    return PredictCall(model, inputs, list(request.output_filter))


def encode_predict_response(
    model: ModelReference,
    outputs: Mapping[str, np.ndarray] | Iterable[tuple[str, np.ndarray]],
    *,
    as_content: bool = False,
) -> bytes:
    """Serialise a ``PredictResponse``.

    Args:
        model: what answered: name, version and signature.
        outputs: the arrays by alias.
        as_content: as in :func:`tensor_to_wire`.

    Raises:
        Unimplemented: an output's type is none of TensorFlow's.
    """
    items = outputs.items() if isinstance(outputs, Mapping) else outputs
    pieces: list[bytes | memoryview] = []
    for alias, array in items:
        pieces += _entry(b"\x0a", alias, tensor_to_wire(array, as_content=as_content))
    spec = model_spec_to_wire(model)
    pieces.append(b"\x12" + encode_varint(len(spec)) + spec)
    return b"".join(pieces)


def encode_predict_request(
    model: ModelReference,
    inputs: Mapping[str, tuple[np.ndarray, int]],
    output_filter: Sequence[str] = (),
) -> bytes:
    """Serialise a ``PredictRequest``.

    Args:
        model: name, version or label, and signature.
        inputs: array and ``DataType`` by alias; strings as objects that are ``bytes``.
        output_filter: the outputs wanted; empty for all.
    """
    spec = model_spec_to_wire(model)
    pieces: list[bytes | memoryview] = [b"\x0a" + encode_varint(len(spec)) + spec]
    for alias, (array, dtype) in inputs.items():
        pieces += _entry(b"\x12", alias, tensor_to_wire(array, dtype, as_content=True))
    for alias in output_filter:
        name = alias.encode()
        pieces.append(b"\x1a" + encode_varint(len(name)) + name)
    return b"".join(pieces)


def _entry(
    tag: bytes, alias: str, tensor: list[bytes | memoryview]
) -> list[bytes | memoryview]:
    name = alias.encode()
    size = sum(map(len, tensor))
    key = b"\x0a" + encode_varint(len(name)) + name + b"\x12" + encode_varint(size)
    return [tag + encode_varint(len(key) + size) + key, *tensor]


def parse_predict_response(data: bytes) -> tuple[ModelReference, dict[str, np.ndarray]]:
    """Parse a serialised ``PredictResponse``; the arrays may lie in its memory.

    Returns:
        what answered, and the outputs by alias, in the order of the aliases.

    Raises:
        Internal: not a ``PredictResponse``.
        InvalidArgument: an output is not a tensor.
    """
    try:
        return _parse_usual_response(memoryview(data))
    except (UnusualError, IndexError, UnicodeDecodeError, VarintTooLongError):
        pass
    try:
        response = PredictResponse.FromString(data)
    except DecodeError as error:
        raise Internal(f"Failed to parse a PredictResponse: {error}") from None
    budget = RepeatBudget()
    outputs = {
        alias: array_from_message(response.outputs[alias], budget)
        for alias in sorted(response.outputs)
    }
    return reference_of(response.model_spec), outputs


def _parse_usual_response(view: memoryview) -> tuple[ModelReference, dict[str, np.ndarray]]:
    position, end = 0, len(view)
    model = ModelReference("")
    outputs: dict[str, np.ndarray] = {}
    budget = RepeatBudget()
    while position < end:
        tag = view[position]
        start, stop = length_delimited(view, position + 1, end)
        if tag == _OUTPUTS:
            alias, tensor = _parse_entry(view, start, stop)
            outputs[alias] = _array(alias, tensor, budget)[0]
        elif tag == _ANSWERING:
            model = reference_of_wire(bytes(view[start:stop]))
        else:
            raise UnusualError
        position = stop
    return model, {alias: outputs[alias] for alias in sorted(outputs)}
