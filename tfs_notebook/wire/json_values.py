"""JSON values as Python objects: how they are typed, named and shown in messages."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Final, TypeAlias, TypeGuard

import numpy as np

__all__ = ["JsonValue", "as_double", "excerpt", "is_base64_object", "json_type_name"]

JsonValue: TypeAlias = (
    "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
)
"""One JSON value.

Strings carry bytes that are not UTF-8 as lone surrogates (``surrogateescape``),
so that the bytes of the request can be had back. Of equal keys in an object the
first counts.
"""

_EXCERPT_BYTES: Final = 256
_INDENT: Final = "    "

_TYPE_NAMES: Final[dict[type, str]] = {
    type(None): "Null",
    int: "Number",
    float: "Number",
    str: "String",
    list: "Array",
    dict: "Object",
}


def json_type_name(value: JsonValue) -> str:
    """The type as messages call it: Null, False, True, Object, Array, String, Number."""
    if value is True:
        return "True"
    if value is False:
        return "False"
    return _TYPE_NAMES[type(value)]


def is_base64_object(value: JsonValue) -> TypeGuard[dict[str, JsonValue]]:
    """Whether the value is ``{"b64": "…"}``: one key, and a string behind it."""
    return type(value) is dict and len(value) == 1 and type(value.get("b64")) is str


def excerpt(value: JsonValue) -> str:
    """The value as JSON for a message, pretty-printed, cut after about 256 bytes.

    Costs no more for a large or deep value than for a small one. The text is
    valid Unicode whatever bytes the request held.
    """
    value = _number(value)
    if type(value) is float:
        return _decimal(value)
    pieces: list[str] = []
    room = _EXCERPT_BYTES
    for piece in _pieces(value, 0):
        pieces.append(piece)
        room -= len(piece)
        if room < 0:
            break
    encoded = "".join(pieces).encode("utf-8", "surrogateescape")
    if len(encoded) <= _EXCERPT_BYTES:
        return encoded.decode("utf-8", "replace")
    return encoded[:_EXCERPT_BYTES].decode("utf-8", "replace").rstrip("\ufffd") + "..."


def _pieces(value: JsonValue, depth: int) -> Iterator[str]:
    # Recursion is bounded by the caller, which stops after 256 characters.
    if isinstance(value, list):
        yield from _bracketed("[", "]", depth, [("", item) for item in value[:_EXCERPT_BYTES]])
    elif isinstance(value, dict):
        members = [(f"{_quoted(key)}: ", item) for key, item in value.items()]
        yield from _bracketed("{", "}", depth, members)
    else:
        yield _scalar(value)


def _bracketed(
    opening: str, closing: str, depth: int, members: list[tuple[str, JsonValue]]
) -> Iterator[str]:
    yield opening
    if members:
        separator = "\n" + _INDENT * (depth + 1)
        for label, item in members:
            yield separator + label
            yield from _pieces(item, depth + 1)
            separator = ",\n" + _INDENT * (depth + 1)
        yield "\n" + _INDENT * depth
    yield closing


def _scalar(value: bool | float | str | None) -> str:
    if isinstance(value, str):
        return _quoted(value)
    return json.dumps(_number(value))


def _number(value: JsonValue) -> JsonValue:
    """An integer beyond 64 bits is a double to TensorFlow Serving's parser."""
    if type(value) is int and not -(2**63) <= value < 2**64:
        return as_double(value)
    return value


def _quoted(text: str) -> str:
    return json.dumps(text[: _EXCERPT_BYTES + 1], ensure_ascii=False)


def _decimal(value: float) -> str:
    """A single number is shown in the digits of TensorFlow: six if they are enough."""
    if not math.isfinite(value):
        return json.dumps(value)
    if abs(value) <= float(np.finfo(np.float32).max):
        text, exact = f"{np.float32(value):.6g}", f"{np.float32(value):.9g}"
        same = np.float32(text) == np.float32(value)
    else:
        text, exact = f"{value:.6g}", f"{value:.17g}"
        same = float(text) == value
    text = text if same else exact
    return text if "." in text or "e" in text else text + ".0"


def as_double(value: float) -> float:
    """The number as a double; an integer beyond the range becomes an infinity."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
