"""Inference requests and answers over HTTP: JSON, and raw tensors behind it.

With the header ``Inference-Header-Content-Length: N`` the first N bytes of a body are JSON, and
what follows are the tensors whose ``binary_data_size`` says so, in their order.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import orjson

from tfs_notebook.wire.dtypes import DataType, numpy_type
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.json_arrays import exact_array, regular_array
from tfs_notebook.wire.json_document import load_exactly
from tfs_notebook.wire.json_values import JsonValue
from tfs_notebook.wire.json_writers import NumberWriter, StringWriter
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
    wants,
)
from tfs_notebook.wire.shown_values import shown, shown_text

__all__ = ["EncodedAnswer", "encode_infer_response", "parse_infer_body"]

_NOT_FINITE: Final = (b"NaN", b"Infinity")
_HALF_FLOATS: Final = frozenset({DataType.HALF, DataType.BFLOAT16})
_FLOATS: Final = _HALF_FLOATS | {DataType.FLOAT, DataType.DOUBLE}
_LARGEST_UINT16: Final = 2**16 - 1


class EncodedAnswer(NamedTuple):
    """The body of an answer.

    Attributes:
        body: JSON, and the raw tensors behind it.
        json_bytes: how long the JSON is; None if it is all there is.
        has_replaced_text: whether a text in the JSON was not UTF-8, and had bytes replaced.
    """

    body: bytes
    json_bytes: int | None
    has_replaced_text: bool


# -- requests ------------------------------------------------------------------


def parse_infer_body(
    body: bytes, json_bytes: int | None = None, version: int | None = None
) -> InferCall:
    """Parse the body of an inference request; raw inputs lie in its memory.

    Args:
        body: as it came, inflated.
        json_bytes: how many of its first bytes are JSON; None for all.
        version: the one in the path.

    Raises:
        InvalidArgument: what is wrong with it.
        Unimplemented: an input has a type without a JSON form.
    """
    document = _object(_loaded(body, json_bytes), "the request")
    parameters = _parameters(document, "the request")
    tail = memoryview(body)[len(body) if json_bytes is None else json_bytes :]
    outputs, raw_outputs = _outputs(document)
    return InferCall(
        _inputs(document, tail),
        _text(document, "id", "the request", required=False),
        chosen_signature(parameters),
        chosen_label(parameters, version),
        outputs,
        raw_outputs,
        wants(parameters, "binary_data_output", otherwise=False),
    )


def _loaded(body: bytes, json_bytes: int | None) -> Any:  # noqa: ANN401 - JSON
    if json_bytes is not None:
        if json_bytes > len(body):
            raise InvalidArgument(
                f"Inference-Header-Content-Length is {json_bytes}, and the body has "
                f"{len(body)} bytes"
            )
        body = body[:json_bytes]
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if any(word in body for word in _NOT_FINITE):
            return _with_words(body)
        raise InvalidArgument(f"the request is no JSON: {error}") from None


def _with_words(body: bytes) -> Any:  # noqa: ANN401 - JSON
    """JSON with NaN, Infinity and -Infinity in it."""
    try:
        # The exact parser passes over what stands behind the document.
        json.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise InvalidArgument(f"the request is no JSON: {shown_text(error)}") from None
    return load_exactly(body)


def _inputs(document: Mapping[str, Any], tail: memoryview) -> Inputs:
    inputs: Inputs = {}
    for entry in _list(document, "inputs"):
        described = _object(entry, "an input")
        name = _text(described, "name", "an input")
        if name in inputs:
            raise InvalidArgument(f"the input {name!r} is there twice")
        array, dtype, tail = _input(name, described, tail)
        inputs[name] = array, dtype
    if tail:
        raise InvalidArgument(
            f'{len(tail)} bytes are left behind those that the inputs\' "binary_data_size" tell'
        )
    return inputs


def _input(
    name: str, described: Mapping[str, Any], tail: memoryview
) -> tuple[Array, int, memoryview]:
    dtype = data_type_named(name, described.get("datatype"))
    shape = check_shape(name, described.get("shape"))
    parameters = _parameters(described, f"the input {name!r}")
    refuse_unsupported(name, parameters)
    if "binary_data_size" not in parameters:
        if "data" not in described:
            raise InvalidArgument(
                f'the input {name!r} has neither "data" nor the parameter "binary_data_size"'
            )
        return _array(name, dtype, shape, described["data"]), dtype, tail
    if "data" in described:
        raise InvalidArgument(
            f'the input {name!r} has "data" and the parameter "binary_data_size"; one is enough'
        )
    size = parameters["binary_data_size"]
    if type(size) is not int or size < 0:
        raise InvalidArgument(
            f'the "binary_data_size" of the input {name!r} is a number of bytes; '
            f"got {shown(size)}"
        )
    if size > len(tail):
        raise InvalidArgument(
            f"the input {name!r} has {size} bytes behind the JSON; {len(tail)} are there. The "
            "header Inference-Header-Content-Length says where they begin"
        )
    return array_of_raw(name, dtype, shape, tail[:size]), dtype, tail[size:]


def _array(name: str, dtype: int, shape: tuple[int, ...], value: JsonValue) -> Array:
    try:
        array = _any_array(dtype, value)
    except InvalidArgument as error:
        raise InvalidArgument(f"the input {name!r}: {error.message}") from None
    if array.size != element_count(shape) or (array.ndim > 1 and array.shape != shape):
        raise InvalidArgument(
            f"the input {name!r} of shape {list(shape)} has {element_count(shape)} elements, "
            f'flat or nested as the shape is; got "data" of shape {list(array.shape)}'
        )
    return array.reshape(shape)


def _any_array(dtype: int, value: JsonValue) -> Array:
    """An array of whatever shape the lists have; what has no JSON type goes by a wider one."""
    wide = dtype
    if dtype in _HALF_FLOATS:
        wide = DataType.FLOAT
    elif dtype == DataType.UINT16:
        wide = DataType.INT32
    array = regular_array(value, wide)
    if array is None:
        array = exact_array(value, wide)
    if wide == dtype:
        return array
    if dtype == DataType.UINT16 and array.size:
        outside = array[(array < 0) | (array > _LARGEST_UINT16)]
        if outside.size:
            raise InvalidArgument(f"{outside[0]} is no UINT16")
    with np.errstate(over="ignore"):
        return array.astype(numpy_type(dtype))


def _outputs(document: Mapping[str, Any]) -> tuple[list[str], dict[str, bool]]:
    names: list[str] = []
    raw: dict[str, bool] = {}
    if "outputs" not in document:
        return names, raw
    for entry in _list(document, "outputs"):
        described = _object(entry, "an output")
        name = _text(described, "name", "an output")
        parameters = _parameters(described, f"the output {name!r}")
        refuse_unsupported(name, parameters)
        names.append(name)
        if "binary_data" in parameters:
            raw[name] = wants(parameters, "binary_data", otherwise=False)
    return names, raw


def _object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidArgument(f"{what} is a JSON object; got {shown(value)}")
    return value


def _list(document: Mapping[str, Any], field: str) -> list[Any]:
    value = document.get(field)
    if not isinstance(value, list):
        raise InvalidArgument(
            f'the request has "{field}", a list of tensors such as '
            f'[{{"name": "x", "shape": [1], "datatype": "FP32", "data": [1.0]}}]; got '
            f"{shown(value)}"
        )
    return value


def _text(described: Mapping[str, Any], field: str, what: str, *, required: bool = True) -> str:
    value = described.get(field)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or (required and not value):
        raise InvalidArgument(f'"{field}" of {what} is a text; got {shown(value)}')
    return value


def _parameters(described: Mapping[str, Any], what: str) -> InferParameters:
    parameters = described.get("parameters")
    if parameters is None:
        return {}
    if not isinstance(parameters, dict):
        raise InvalidArgument(f'"parameters" of {what} is an object; got {shown(parameters)}')
    for name, value in parameters.items():
        if not isinstance(value, str | bool | int | float):
            raise InvalidArgument(
                f"the parameter {shown(name)} of {what} is a text, a number, true or false; "
                f"got {shown(value)}"
            )
    return parameters


# -- answers -------------------------------------------------------------------


def encode_infer_response(
    model: ModelReference, call: InferCall, outputs: Mapping[str, Array]
) -> EncodedAnswer:
    """Encode a model's outputs as the request wants them.

    Args:
        model: what answered.
        call: what was asked.
        outputs: arrays by name; strings as objects that are ``bytes``.

    Raises:
        InvalidArgument: an output is of a type that the protocol does not have.
    """
    tensors: list[bytes] = []
    tail: list[Raw] = []
    replaced = False
    for name, array in outputs.items():
        head = {
            "name": name,
            "datatype": datatype_of_array(name, array),
            "shape": list(array.shape),
        }
        if call.raw_outputs.get(name, call.raw_by_default):
            raw = raw_of_array(array)
            tail.append(raw)
            tensors.append(orjson.dumps(head | {"parameters": {"binary_data_size": len(raw)}}))
            continue
        text, has_replaced = _values(array)
        replaced = replaced or has_replaced
        tensors.append(b'%b,"data":[%b]}' % (orjson.dumps(head)[:-1], text))
    answering = {"model_name": model.name, "model_version": str(model.version)}
    if call.id:
        answering["id"] = call.id
    document = b'%b,"outputs":[%b]}' % (orjson.dumps(answering)[:-1], b",".join(tensors))
    if not tail:
        return EncodedAnswer(document, None, replaced)
    return EncodedAnswer(b"".join([document, *tail]), len(document), replaced)


def _values(array: Array) -> tuple[bytes, bool]:
    flat = array.reshape(-1)
    if not flat.size:
        return b"", False
    if flat.dtype == object:
        texts = StringWriter(flat, 0, is_base64=False)
        return texts.joined_rows(), texts.has_replaced_text
    is_float = flat.dtype.kind not in "biu"
    if is_float and flat.dtype.itemsize < np.dtype(np.float32).itemsize:
        flat = flat.astype(np.float32)
    elif flat.dtype == np.uint16:
        flat = flat.astype(np.int32)
    return NumberWriter(flat, 0, is_float=is_float).joined_rows(), False
