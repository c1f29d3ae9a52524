"""The classify and regress requests of the REST API: JSON objects to ``tf.Example``.

``{"examples": [{feature: value or list, …}, …]}``, with a ``context`` whose features
each example has as well unless it has its own. JSON does not say which of its three
lists a feature is, so the values do: integers and booleans are integers, decimals are
floats, strings and ``{"b64": …}`` are bytes, and a feature has one kind of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import orjson

from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.json_document import load_exactly, require_object, signature_name_of
from tfs_notebook.wire.json_elements import checked_element
from tfs_notebook.wire.json_values import (
    JsonValue,
    as_double,
    excerpt,
    is_base64_object,
    json_type_name,
)
from tfs_notebook.wire.messages import Example, Feature

__all__ = ["ExamplesBody", "parse_examples_body"]

_EXAMPLES, _CONTEXT, _SIGNATURE = "examples", "context", "signature_name"
_KNOWN_KEYS: Final = frozenset((_EXAMPLES, _CONTEXT, _SIGNATURE))

_SMALLEST_INT64: Final = -(2**63)
_LARGEST_INT64: Final = 2**63 - 1
_LARGEST_UINT64: Final = 2**64 - 1
# No number of strings makes up for it.
_NOT_PLAIN: Final = -(2**62)


class ExamplesBody(NamedTuple):
    """A parsed request.

    Attributes:
        signature_name: the signature asked for; empty if the body names none.
        examples: serialised, each with its context; at least one.
    """

    signature_name: str
    examples: list[bytes]


def parse_examples_body(body: bytes) -> ExamplesBody:
    """Parse the body of a classify or regress request. Safe on any thread.

    Raises:
        InvalidArgument: it is not JSON, or not of this form; TF Serving's texts.
    """
    root = _load_quickly(body)
    if root is None:
        root = require_object(load_exactly(body))
    signature_name = signature_name_of(root)
    context = b""
    if _CONTEXT in root:
        context = _example(root[_CONTEXT])
    examples = [context + _example(example) for example in _list_of_examples(root)]
    return ExamplesBody(signature_name, examples)


def _list_of_examples(root: dict[str, JsonValue]) -> list[JsonValue]:
    if _EXAMPLES not in root:
        fault = "When method is classify, key 'examples' is expected and was not found"
    elif not isinstance(examples := root[_EXAMPLES], list):
        fault = "Expecting 'examples' value to be an list/array"
    elif not examples:
        fault = "'examples' value is an empty array"
    else:
        return examples
    raise InvalidArgument(f"JSON Value: {excerpt(root)} {fault}")


def _load_quickly(body: bytes) -> dict[str, JsonValue] | None:
    """The root of plain JSON; None if :func:`load_exactly` has to decide.

    Of equal keys this parser keeps the last, and the first one counts. But then
    some strings of the text are not in what it gives.
    """
    try:
        root = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if type(root) is not dict or not root.keys() <= _KNOWN_KEYS:
        return None
    strings = len(root) + (type(root.get(_SIGNATURE)) is str) + _strings(root.get(_CONTEXT))
    examples = root.get(_EXAMPLES)
    if isinstance(examples, list):
        strings += sum(map(_strings, examples))
    return root if body.count(b'"') == 2 * strings else None


def _strings(example: JsonValue) -> int:
    """How many strings an example has, if it is one, and those of its keys."""
    if not isinstance(example, dict):
        return 0
    strings = len(example)
    for value in example.values():
        for element in value if isinstance(value, list) else (value,):
            kind = type(element)
            if kind is str:
                strings += 1
            elif kind is dict:
                strings += 2 if is_base64_object(element) else _NOT_PLAIN
    return strings


def _example(value: JsonValue) -> bytes:
    if not isinstance(value, dict):
        raise InvalidArgument(
            f"Example must be JSON object but got JSON {json_type_name(value)}"
        )
    message = Example()
    features = message.features.feature
    for name, content in value.items():
        try:
            feature = features[name]
        except UnicodeEncodeError:
            shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            raise InvalidArgument(f"Feature: {shown} has a name that is not UTF-8") from None
        _fill(feature, name, content if isinstance(content, list) else (content,))
    return message.SerializeToString()


def _fill(feature: Feature, name: str, values: Sequence[Any]) -> None:
    types = set(map(type, values))
    if types == {float}:
        feature.float_list.value.extend(values)
        return
    if types == {int}:
        try:
            feature.int64_list.value.extend(values)
        except ValueError:  # one is too large
            feature.Clear()
        else:
            return
    kind = ""
    elements: list[Any] = []
    for value in values:
        kind, element = _checked(name, value, kind)
        elements.append(element)
    if kind == "bytes":
        feature.bytes_list.value.extend(elements)
    elif kind == "float":
        feature.float_list.value.extend(elements)
    elif kind == "int64":
        feature.int64_list.value.extend(elements)


def _checked(name: str, value: JsonValue, kind: str) -> tuple[str, bytes | float]:
    """The kind and the element of a value, if the feature is of that kind or of none yet."""
    if isinstance(value, str):
        _check_kind(name, kind, "bytes")
        return "bytes", value.encode("utf-8", "surrogateescape")
    if is_base64_object(value):
        _check_kind(name, kind, "bytes")
        return "bytes", checked_element(value, DataType.STRING)
    if isinstance(value, int) and _SMALLEST_INT64 <= value <= _LARGEST_UINT64:
        _check_kind(name, kind, "int64")
        if value > _LARGEST_INT64:
            raise InvalidArgument(
                f"Feature: {name} has uint64_t element. Only int64_t is supported."
            )
        return "int64", int(value)
    # Integers beyond 64 bits are doubles to TensorFlow Serving's parser.
    if isinstance(value, int | float):
        _check_kind(name, kind, "float")
        return "float", as_double(value)
    raise InvalidArgument(
        f"Feature: {name} has element with unexpected JSON type: {json_type_name(value)}"
    )


def _check_kind(name: str, kind: str, own: str) -> None:
    if kind not in ("", own):
        raise InvalidArgument(
            f"Unexpected element type in feature: {name} expecting type: {kind}"
        )
