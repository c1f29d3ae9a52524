"""The answers of the REST API's predict call, as TensorFlow Serving prints them.

The envelope is pretty-printed with four spaces. In the row format what is inside
a row stands on one line; in the column format every value has a line of its own.
Arrays of more than a few thousand values are written without blanks. Numbers have
the fewest digits that give the same value back; integral floats keep a ``.0``;
``NaN``, ``Infinity`` and ``-Infinity`` are bare words. A client writes the values of
its request in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import orjson

from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.json_tensors import RequestFormat
from tfs_notebook.wire.json_writers import (
    Array,
    StringWriter,
    ValueWriter,
    indent,
    value_writer,
)
from tfs_notebook.wire.signatures import TensorSpec

__all__ = [
    "EncodedPredictions",
    "element_texts",
    "encode_error",
    "encode_inputs",
    "encode_predictions",
]


class EncodedPredictions(NamedTuple):
    """The body of an answer.

    Attributes:
        body: the JSON, UTF-8.
        has_replaced_text: whether a string was not UTF-8 and had bytes replaced
            by U+FFFD, which a header should say.
    """

    body: bytes
    has_replaced_text: bool


def encode_predictions(
    outputs: Mapping[str, Array],
    specs: Mapping[str, TensorSpec],
    layout: RequestFormat,
) -> EncodedPredictions:
    """Encode a model's outputs.

    Args:
        outputs: arrays by alias, of the NumPy type of their dtype; strings are
            ``bytes`` in an ``object`` array. Aliases keep this order.
        specs: what the signature says about each of these outputs.
        layout: the format of the request.

    Safe on any thread.

    Raises:
        InvalidArgument: there are no outputs, one has a type without a JSON form,
            or, in the row format, they do not have one common first dimension.
    """
    if not outputs:
        raise InvalidArgument("Cannot convert empty tensor map to JSON")
    if layout is RequestFormat.ROW and not _batch_size(outputs):
        return EncodedPredictions(b'{\n    "predictions": []\n}', has_replaced_text=False)
    several = len(outputs) > 1
    depth = (2 if layout is RequestFormat.ROW else 1) + several
    writers = {
        alias: value_writer(alias, array, specs[alias].dtype, depth)
        for alias, array in outputs.items()
    }
    write = _write_rows if layout is RequestFormat.ROW else _write_columns
    body = write(writers)
    return EncodedPredictions(body, any(one.has_replaced_text for one in writers.values()))


def encode_inputs(inputs: Mapping[str, tuple[Array, int]], signature_name: str = "") -> bytes:
    """Encode a predict request in the column format, which keeps every shape there is.

    Args:
        inputs: array and ``DataType`` by alias; strings as objects that are ``bytes``.
        signature_name: the signature to ask for; empty for the default one.

    Raises:
        InvalidArgument: an input has a type without a JSON form.
    """
    values = {alias: _input_value(array, dtype) for alias, (array, dtype) in inputs.items()}
    if len(values) == 1:
        [value] = values.values()
    else:
        members = (orjson.dumps(alias) + b": " + text for alias, text in values.items())
        value = b"{%b}" % b", ".join(members)
    name = b'"signature_name": %b, ' % orjson.dumps(signature_name) if signature_name else b""
    return b'{%b"inputs": %b}' % (name, value)


def _input_value(array: Array, dtype: int) -> bytes:
    writer = value_writer("", array, dtype, 1)
    text = writer.value()
    if writer.has_replaced_text:
        # Only base64 holds what is not UTF-8; a request may have it under any alias.
        return StringWriter(array, 1, is_base64=True).value()
    return text


def element_texts(array: Array, dtype: int) -> tuple[Sequence[bytes], bool]:
    """Each element as JSON, in order, and whether any text of them had bytes replaced.

    Raises:
        InvalidArgument: the type has no JSON form.
    """
    writer = value_writer("", array.reshape(-1), dtype, 1)
    texts = writer.rows() if array.size else []
    return texts, writer.has_replaced_text


def encode_error(message: str) -> bytes:
    """The body of an error answer. Takes any text, lone surrogates too."""
    try:
        text = orjson.dumps(message)
    except orjson.JSONEncodeError:
        text = orjson.dumps(
            message.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        )
    return b'{\n    "error": %b\n}' % text


def _batch_size(outputs: Mapping[str, Array]) -> int:
    batch = None
    for alias, array in outputs.items():
        if not array.shape:
            raise InvalidArgument(f"Tensor name: {alias} has no shape information ")
        size = array.shape[0]
        if batch is not None and size != batch:
            raise InvalidArgument(
                f"Tensor name: {alias} has inconsistent batch size: {size} expecting: {batch}"
            )
        batch = size
    return batch or 0


def _write_rows(writers: Mapping[str, ValueWriter]) -> bytes:
    if len(writers) == 1:
        [writer] = writers.values()
        return b'{\n    "predictions": [%b\n    ]\n}' % writer.joined_rows()
    members = b",\n".join(_member(alias, 3) for alias in writers)
    row = b"{\n" + members + b"\n        }"
    columns = [writer.rows() for writer in writers.values()]
    rows = b",\n        ".join(map(row.__mod__, zip(*columns, strict=True)))
    return b'{\n    "predictions": [\n        %b\n    ]\n}' % rows


def _write_columns(writers: Mapping[str, ValueWriter]) -> bytes:
    if len(writers) == 1:
        [writer] = writers.values()
        return b'{\n    "outputs": %b\n}' % writer.value()
    members = b",\n".join(_member(alias, 2) for alias in writers)
    values = tuple(writer.value() for writer in writers.values())
    return b'{\n    "outputs": {\n' + members % values + b"\n    }\n}"


def _member(alias: str, depth: int) -> bytes:
    return indent(depth) + orjson.dumps(alias).replace(b"%", b"%%") + b": %b"
