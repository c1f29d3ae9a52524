"""``ModelInferRequest`` and ``ModelInferResponse``, between wire and NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from google.protobuf.message import DecodeError

from tfs_notebook.wire.dtypes import DataType, data_type_of, numpy_type
from tfs_notebook.wire.errors import Internal, InvalidArgument
from tfs_notebook.wire.messages import (
    InferParameter,
    InferTensorContents,
    ModelInferRequest,
    ModelInferResponse,
)
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.open_inference import (
    Array,
    InferCall,
    InferParameters,
    Inputs,
    Raw,
    array_of_raw,
    check_shape,
    chosen_label,
    chosen_signature,
    data_type_named,
    datatype_of_array,
    element_count,
    raw_of_array,
    refuse_unsupported,
    version_named,
    wants,
)
from tfs_notebook.wire.usual_fields import UnusualError, length_delimited
from tfs_notebook.wire.varints import VarintTooLongError, encode_varint

__all__ = [
    "InferRequest",
    "encode_infer_message",
    "encode_stream_answer",
    "encode_stream_error",
    "model_asked_for",
    "parse_infer_message",
    "request_id_in",
]

_FIELDS: Final[Mapping[int, str]] = {
    DataType.BOOL: "bool_contents",
    DataType.INT8: "int_contents",
    DataType.INT16: "int_contents",
    DataType.INT32: "int_contents",
    DataType.INT64: "int64_contents",
    DataType.UINT8: "uint_contents",
    DataType.UINT16: "uint_contents",
    DataType.UINT32: "uint_contents",
    DataType.UINT64: "uint64_contents",
    DataType.FLOAT: "fp32_contents",
    DataType.DOUBLE: "fp64_contents",
    DataType.STRING: "bytes_contents",
}
_MODEL_NAME, _RAW_OUTPUT = b"\x0a", b"\x32"
_ERROR, _ANSWER = b"\x0a", b"\x12"


class InferRequest(NamedTuple):
    """A parsed ``ModelInferRequest``: which model, which version, and what is asked of it."""

    name: str
    version: int | None
    call: InferCall


# -- requests ------------------------------------------------------------------


def model_asked_for(data: bytes) -> str:
    """The name of the model in a serialised request, at a glance.

    Empty if it is not where messages are written: as the first field.
    """
    try:
        if data[:1] != _MODEL_NAME:
            return ""
        start, stop = length_delimited(data, 1, len(data))
        return data[start:stop].decode()
    except (UnusualError, IndexError, VarintTooLongError, UnicodeDecodeError):
        return ""


def request_id_in(data: bytes) -> str:
    """The id of a serialised request; empty if it has none, or is no request."""
    try:
        return ModelInferRequest.FromString(data).id
    except DecodeError:
        return ""


def parse_infer_message(data: bytes) -> InferRequest:
    """Parse a serialised ``ModelInferRequest``.

    Raises:
        Internal: it is none (the code gRPC gives to that).
        InvalidArgument: what is wrong with it.
    """
    try:
        request = ModelInferRequest.FromString(data)
    except DecodeError as error:
        raise Internal(f"Failed to parse a ModelInferRequest: {error}") from None
    version = version_named(request.model_version)
    parameters = _parameters(request.parameters)
    outputs, raw_outputs = _outputs(request)
    call = InferCall(
        _inputs(request),
        request.id,
        chosen_signature(parameters),
        chosen_label(parameters, version),
        outputs,
        raw_outputs,
        wants(parameters, "binary_data_output", otherwise=len(request.raw_input_contents) > 0),
    )
    return InferRequest(request.model_name, version, call)


def _parameters(given: Mapping[str, InferParameter]) -> InferParameters:
    parameters: dict[str, str | bool | int | float] = {}
    for name, value in given.items():
        choice = value.WhichOneof("parameter_choice")
        if choice is None:
            raise InvalidArgument(f"the parameter {name!r} has no value")
        parameters[name] = getattr(value, choice)
    return parameters


def _outputs(request: ModelInferRequest) -> tuple[list[str], dict[str, bool]]:
    raw: dict[str, bool] = {}
    for output in request.outputs:
        parameters = _parameters(output.parameters)
        refuse_unsupported(output.name, parameters)
        if "binary_data" in parameters:
            raw[output.name] = wants(parameters, "binary_data", otherwise=False)
    return [output.name for output in request.outputs], raw


def _inputs(request: ModelInferRequest) -> Inputs:
    raw = request.raw_input_contents
    if raw and len(raw) != len(request.inputs):
        raise InvalidArgument(
            f"there are {len(request.inputs)} inputs and {len(raw)} raw_input_contents; send "
            "one for each, or none"
        )
    inputs: Inputs = {}
    for index, described in enumerate(request.inputs):
        name = described.name
        if name in inputs:
            raise InvalidArgument(f"the input {name!r} is there twice")
        refuse_unsupported(name, _parameters(described.parameters))
        dtype = data_type_named(name, described.datatype)
        shape = check_shape(name, list(described.shape))
        if raw:
            if described.HasField("contents") and described.contents.ByteSize():
                raise InvalidArgument(
                    f"the input {name!r} has contents, and the request raw_input_contents; "
                    "send one of them"
                )
            array = array_of_raw(name, dtype, shape, raw[index])
        else:
            array = _array_of_contents(name, dtype, shape, described.contents)
        inputs[name] = array, dtype
    return inputs


def _array_of_contents(
    name: str, dtype: int, shape: tuple[int, ...], contents: InferTensorContents
) -> Array:
    field = _FIELDS.get(dtype)
    if field is None:
        raise InvalidArgument(
            f"the input {name!r} is of a datatype that has no typed contents; send it in "
            "raw_input_contents"
        )
    values = getattr(contents, field)
    if len(values) != element_count(shape):
        raise InvalidArgument(
            f"the input {name!r} of shape {list(shape)} has {element_count(shape)} elements; "
            f"got {len(values)} {field}"
        )
    if dtype == DataType.STRING:
        strings = np.empty(len(values), object)
        strings[:] = values
        return strings.reshape(shape)
    form = numpy_type(dtype)
    assert form is not None  # noqa: S101 - every type of the protocol has one
    return _narrowed(name, np.array(values, _wide(form)), form).reshape(shape)


def _wide(form: np.dtype[Any]) -> np.dtype[Any]:
    """What numbers of a field fit in that several types share."""
    is_narrow = form.kind in "iu" and form.itemsize < np.dtype(np.int32).itemsize
    return np.dtype(np.int64) if is_narrow else form


def _narrowed(name: str, values: Array, form: np.dtype[Any]) -> Array:
    if values.dtype == form:
        return values
    limits = np.iinfo(form)
    outside = values[(values < limits.min) | (values > limits.max)]
    if outside.size:
        raise InvalidArgument(f"the input {name!r} has {outside[0]}, which is no {form}")
    return values.astype(form)


# -- answers -------------------------------------------------------------------


def encode_infer_message(
    model: ModelReference, call: InferCall, outputs: Mapping[str, Array]
) -> bytes:
    """Serialise a ``ModelInferResponse``: all outputs raw, or all in typed contents.

    They are raw if any of them is wanted so, or has no typed contents.

    Raises:
        InvalidArgument: an output is of a type that the protocol does not have.
    """
    is_raw = any(call.raw_outputs.get(name, call.raw_by_default) for name in outputs) or any(
        data_type_of(array.dtype) not in _FIELDS for array in outputs.values()
    )
    response = ModelInferResponse(
        model_name=model.name, model_version=str(model.version), id=call.id
    )
    for name, array in outputs.items():
        output = response.outputs.add(
            name=name, datatype=datatype_of_array(name, array), shape=array.shape
        )
        if not is_raw:
            field = _FIELDS[data_type_of(array.dtype) or DataType.INVALID]
            getattr(output.contents, field).extend(array.reshape(-1).tolist())
    head = response.SerializeToString()
    if not is_raw:
        return head
    pieces: list[Raw] = [head]
    for raw in map(raw_of_array, outputs.values()):
        pieces += (_RAW_OUTPUT + encode_varint(len(raw)), raw)
    return b"".join(pieces)


def encode_stream_answer(answer: bytes) -> bytes:
    """A serialised ``ModelStreamInferResponse`` around a serialised answer."""
    return b"".join(_field(_ANSWER, answer))


def encode_stream_error(text: str, request_id: str) -> bytes:
    """A serialised ``ModelStreamInferResponse`` that tells of an error.

    The answer beside it has the request's id alone.
    """
    answer = ModelInferResponse(id=request_id).SerializeToString()
    said = text.encode("utf-8", "replace")
    return b"".join([*_field(_ERROR, said), *_field(_ANSWER, answer)])


def _field(tag: bytes, content: bytes) -> Iterator[bytes]:
    yield tag + encode_varint(len(content))
    yield content
