"""The answers of the REST API's predict call, as TensorFlow Serving prints them.

The envelope is pretty-printed with four spaces. In the row format what is inside
a row stands on one line; in the column format every value has a line of its own.
Arrays of more than a few thousand values are written without blanks. Numbers have
the fewest digits that give the same value back; integral floats keep a ``.0``;
``NaN``, ``Infinity`` and ``-Infinity`` are bare words. A client writes the values of
its request in the same way.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from binascii import b2a_base64
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import orjson

from tfs_notebook.wire.dtypes import DataType, base_type, type_name
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.json_tensors import RequestFormat
from tfs_notebook.wire.signatures import TensorSpec

__all__ = [
    "EncodedPredictions",
    "element_texts",
    "encode_error",
    "encode_inputs",
    "encode_predictions",
]

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

_PRETTY_VALUES: Final = 4096
# orjson keeps the other threads waiting until it is done: about a millisecond of this many.
_TURN_VALUES: Final = 16384
_BYTES_SUFFIX: Final = "_bytes"
_FLOATS: Final = frozenset((DataType.FLOAT, DataType.DOUBLE))
_NUMBERS: Final = _FLOATS | {
    DataType.INT8,
    DataType.UINT8,
    DataType.INT16,
    DataType.INT32,
    DataType.UINT32,
    DataType.INT64,
    DataType.UINT64,
    DataType.BOOL,
}
_COMPACT: Final = orjson.OPT_SERIALIZE_NUMPY
_INDENTED: Final = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2


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
        alias: _writer(alias, array, specs[alias].dtype, depth)
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
    writer = _writer("", array, dtype, 1)
    text = writer.value()
    if writer.has_replaced_text:
        # Only base64 holds what is not UTF-8; a request may have it under any alias.
        return _StringWriter(array, 1, is_base64=True).value()
    return text


def element_texts(array: Array, dtype: int) -> tuple[Sequence[bytes], bool]:
    """Each element as JSON, in order, and whether any text of them had bytes replaced.

    Raises:
        InvalidArgument: the type has no JSON form.
    """
    writer = _writer("", array.reshape(-1), dtype, 1)
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


def _write_rows(writers: Mapping[str, _Writer]) -> bytes:
    if len(writers) == 1:
        [writer] = writers.values()
        return b'{\n    "predictions": [%b\n    ]\n}' % writer.joined_rows()
    members = b",\n".join(_member(alias, 3) for alias in writers)
    row = b"{\n" + members + b"\n        }"
    columns = [writer.rows() for writer in writers.values()]
    rows = b",\n        ".join(map(row.__mod__, zip(*columns, strict=True)))
    return b'{\n    "predictions": [\n        %b\n    ]\n}' % rows


def _write_columns(writers: Mapping[str, _Writer]) -> bytes:
    if len(writers) == 1:
        [writer] = writers.values()
        return b'{\n    "outputs": %b\n}' % writer.value()
    members = b",\n".join(_member(alias, 2) for alias in writers)
    values = tuple(writer.value() for writer in writers.values())
    return b'{\n    "outputs": {\n' + members % values + b"\n    }\n}"


def _member(alias: str, depth: int) -> bytes:
    return _indent(depth) + orjson.dumps(alias).replace(b"%", b"%%") + b": %b"


def _indent(depth: int) -> bytes:
    return b"    " * depth


class _Writer(ABC):
    """Writes one output, with ``depth`` brackets open around it."""

    def __init__(self, array: Array, depth: int) -> None:
        self._array = array
        self._depth = depth
        self._is_pretty = array.size <= _PRETTY_VALUES
        self.has_replaced_text = False

    @abstractmethod
    def joined_rows(self) -> bytes:
        """All rows, as they stand between the brackets of a list."""

    @abstractmethod
    def rows(self) -> Sequence[bytes]:
        """One text for each row, each on one line."""

    @abstractmethod
    def value(self) -> bytes:
        """The whole value, each element on a line of its own."""


class _NumberWriter(_Writer):
    def __init__(self, array: Array, depth: int, *, is_float: bool) -> None:
        super().__init__(array, depth)
        self._is_float = is_float

    def joined_rows(self) -> bytes:
        text = self._text(_COMPACT)[1:-1]
        return text.replace(b",", b", ") if self._is_pretty else text

    def rows(self) -> Sequence[bytes]:
        array = self._array
        if array.size == 0:
            return [orjson.dumps(array[0].tolist())] * array.shape[0]
        # Between rows all inner lists close and open again, and nowhere else do so many.
        inner = array.ndim - 1
        opening, closing = b"[" * inner, b"]" * inner
        text = self._text(_COMPACT)[1 + inner : -1 - inner]
        if not inner:
            return text.split(b",")
        parts = text.split(closing + b"," + opening)
        if self._is_pretty:
            parts = [part.replace(b",", b", ") for part in parts]
        return [opening + part + closing for part in parts]

    def value(self) -> bytes:
        if not self._array.ndim or not self._is_pretty:
            return self._text(_COMPACT)
        # Numbers hold no blanks: all of these are indentation.
        text = self._text(_INDENTED).replace(b"  ", b"    ")
        return text.replace(b"\n", b"\n" + _indent(self._depth))

    def _text(self, option: int) -> bytes:
        array = self._array
        if not array.ndim:
            return self._dumped(array.reshape(1), _COMPACT)[1:-1]
        if array.size == 0:
            return orjson.dumps(array.tolist(), option=option)
        return (
            self._in_turns(array) if array.size > _TURN_VALUES else self._dumped(array, option)
        )

    def _in_turns(self, array: Array) -> bytes:
        """The compact text of a large array, a call for each part of it."""
        per_row = array.size // len(array)
        if per_row > _TURN_VALUES:
            return b"[" + b",".join(map(self._in_turns, array)) + b"]"
        step = _TURN_VALUES // per_row
        parts = (array[start : start + step] for start in range(0, len(array), step))
        return b"[" + b",".join(self._dumped(part, _COMPACT)[1:-1] for part in parts) + b"]"

    def _dumped(self, array: Array, option: int) -> bytes:
        try:
            text = orjson.dumps(array, option=option)
        except orjson.JSONEncodeError:
            # Not contiguous, or of the other byte order.
            array = np.ascontiguousarray(array, array.dtype.newbyteorder("="))
            text = orjson.dumps(array, option=option)
        if self._is_float and b"null" in text:
            return _with_words(text, array)
        return text


class _StringWriter(_Writer):
    """Text, or with ``is_base64`` bytes as ``{"b64": "…"}``."""

    def __init__(self, array: Array, depth: int, *, is_base64: bool) -> None:
        super().__init__(array, depth)
        self._is_base64 = is_base64

    def joined_rows(self) -> bytes:
        if self._is_pretty:
            return b", ".join(self.rows())
        return orjson.dumps(self._nested())[1:-1]

    def rows(self) -> Sequence[bytes]:
        if not self._is_pretty or not self._array.size:
            return list(map(orjson.dumps, self._nested()))
        shape = self._array.shape
        texts = self._texts(self._depth + len(shape) - 1)
        for size in reversed(shape[1:]):
            texts = [_on_one_line(part) for part in _parts(texts, size)]
        return texts

    def value(self) -> bytes:
        if not self._is_pretty or not self._array.size:
            return orjson.dumps(self._nested())
        shape = self._array.shape
        texts = self._texts(self._depth + len(shape))
        for level in range(len(shape) - 1, -1, -1):
            depth = self._depth + level
            texts = [_on_own_lines(part, depth) for part in _parts(texts, shape[level])]
        return texts[0]

    def _texts(self, depth: int) -> list[bytes]:
        """Each element as JSON; a base64 object has its member on a line of its own."""
        if not self._is_base64:
            return list(map(orjson.dumps, self._strings()))
        before = b'{\n%b"b64": "' % _indent(depth + 1)
        after = b'"\n%b}' % _indent(depth)
        return [before + text.encode() + after for text in self._strings()]

    def _nested(self) -> Any:  # noqa: ANN401 -- a value, or nested lists of them
        strings = self._strings()
        values = np.empty(len(strings), object)
        values[:] = [{"b64": text} for text in strings] if self._is_base64 else strings
        return values.reshape(self._array.shape).tolist()

    def _strings(self) -> list[str]:
        values: list[bytes] = self._array.reshape(-1).tolist()
        if self._is_base64:
            return [b2a_base64(value, newline=False).decode() for value in values]
        try:
            return list(map(bytes.decode, values))
        except UnicodeDecodeError:
            self.has_replaced_text = True
            return [value.decode("utf-8", "replace") for value in values]


def _writer(alias: str, array: Array, dtype: int, depth: int) -> _Writer:
    base = base_type(dtype)
    if base in _NUMBERS:
        return _NumberWriter(array, depth, is_float=base in _FLOATS)
    if base == DataType.STRING:
        return _StringWriter(array, depth, is_base64=alias.endswith(_BYTES_SUFFIX))
    raise InvalidArgument(f"Failed to write JSON value for tensor type: {type_name(dtype)}")


def _with_words(text: bytes, array: Array) -> bytes:
    """Put back the words for which orjson wrote ``null``, in order."""
    flat = array.reshape(-1)
    words = [
        b"NaN" if math.isnan(value) else b"Infinity" if value > 0 else b"-Infinity"
        for value in flat[~np.isfinite(flat)].tolist()
    ]
    pieces = text.split(b"null")
    return b"".join(chain.from_iterable(zip(pieces, [*words, b""], strict=True)))


def _parts(texts: list[bytes], size: int) -> Iterator[list[bytes]]:
    return (texts[start : start + size] for start in range(0, len(texts), size))


def _on_one_line(texts: list[bytes]) -> bytes:
    return b"[" + b", ".join(texts) + b"]"


def _on_own_lines(texts: list[bytes], depth: int) -> bytes:
    separator = b"\n" + _indent(depth + 1)
    return b"[" + separator + (b"," + separator).join(texts) + b"\n" + _indent(depth) + b"]"
