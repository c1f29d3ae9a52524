"""From the bytes of a request to a JSON object, with TensorFlow Serving's tolerances.

Three parsers, the fastest first. ``orjson`` takes what is plain JSON, but keeps
the last of equal keys, so what depends on a key is checked against the text.
The standard library's scanner takes ``NaN``, text after the document and bytes
that are not UTF-8. :mod:`~tfs_notebook.wire.json_scanner` takes the rest: deep
nesting and the exact error of what is no JSON at all.
"""

from __future__ import annotations

import json
import re
from typing import Final

import orjson

from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.json_scanner import SyntaxText, scan_document, syntax_error
from tfs_notebook.wire.json_values import JsonValue, excerpt

__all__ = [
    "JsonDocument",
    "load_exactly",
    "load_quickly",
    "require_object",
    "signature_name_of",
]

SCANNER_LIMIT: Final = 1 << 20
"""Largest body, in bytes, that the pure Python scanner is given."""

_BOM: Final = b"\xef\xbb\xbf"
_SIGNATURE_KEY: Final = "signature_name"
_ROOT_KEYS: Final = ("instances", "inputs", _SIGNATURE_KEY)
_BLANK: Final = re.compile(r"[ \t\r\n]*")
_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_](?:[ !#-\[\]-~]*[A-Za-z0-9_])?")
_SECOND_BASE64_KEY: Final = re.compile(rb',[ \t\r\n]*"b64"')
_SHORT_INFINITY: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|Inf(?!inity)', re.DOTALL)
_SURROGATE: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u([dD][89a-fA-F])|.)",
    re.DOTALL,
)
_STANDARD_TEXTS: Final = {
    "Expecting value": SyntaxText.VALUE,
    "Expecting property name enclosed in double quotes": SyntaxText.NAME,
    "Illegal trailing comma before end of object": SyntaxText.NAME,
    "Illegal trailing comma before end of array": SyntaxText.VALUE,
    "Expecting ':' delimiter": SyntaxText.COLON,
    "Expecting ',' delimiter": SyntaxText.LIST_COMMA,
    "Unterminated string starting at": SyntaxText.QUOTE,
    "Invalid \\escape": SyntaxText.ESCAPE,
    "Invalid \\uXXXX escape": SyntaxText.HEX,
    "Invalid control character at": SyntaxText.ESCAPE,
}


class JsonDocument:
    """A JSON object, and the text behind it if equal keys may have been lost.

    Immutable by agreement; may go from one thread to another.
    """

    __slots__ = ("_may_hide_keys", "_text", "root")

    def __init__(self, root: dict[str, JsonValue], text: bytes | None = None) -> None:
        self.root = root
        self._text = text
        # A key of plain characters can be spelled in another way only with these.
        self._may_hide_keys = (
            text is not None and b"\\" in text and (b"\\u00" in text or b"\\/" in text)
        )

    @property
    def is_exact(self) -> bool:
        """Whether the values are certainly those that :func:`load_exactly` gives."""
        return self._text is None

    def is_key_unique(self, key: str, times: int) -> bool:
        """Whether ``times`` objects that have this key have it once each, for certain.

        A false alarm is possible (a string value equal to the key), a miss is not:
        a key of these characters has one spelling if there are no escapes, and no
        other run of JSON tokens contains that spelling.
        """
        text = self._text
        if text is None:
            return True
        if self._may_hide_keys or _PLAIN_KEY.fullmatch(key) is None:
            return False
        return text.count(f'"{key}"'.encode()) == times

    def are_base64_keys_unique(self) -> bool:
        """Whether no object of the one key ``b64`` was written with two, for certain."""
        text = self._text
        if text is None:
            return True
        return not self._may_hide_keys and _SECOND_BASE64_KEY.search(text) is None


def load_quickly(body: bytes) -> JsonDocument | None:
    """Parse plain JSON at top speed; None if :func:`load_exactly` has to decide.

    The keys of the root that a predict request may have are known to be unique;
    for keys further down the document answers :meth:`JsonDocument.is_key_unique`.
    """
    try:
        root = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if type(root) is not dict:
        return None
    strings = len(root) + (type(root.get(_SIGNATURE_KEY)) is str)
    if body.count(b'"') == 2 * strings:
        # No string but the root's keys and the signature's name, so no other keys.
        return JsonDocument(root)
    document = JsonDocument(root, body)
    if all(document.is_key_unique(key, key in root) for key in _ROOT_KEYS):
        return document
    return None


def load_exactly(body: bytes) -> JsonValue:
    """Parse a body as TensorFlow Serving does, at the speed of the standard library.

    The rules are those of :func:`~tfs_notebook.wire.json_scanner.scan_document`,
    which decides for the bodies that the standard library cannot take.

    Raises:
        InvalidArgument: the body is empty or not JSON, or it is nested deeply and
            larger than 1 MiB.
    """
    if not body:
        raise InvalidArgument("JSON Parse error: The document is empty")
    skipped = len(_BOM) if body.startswith(_BOM) else 0
    text = body[skipped:].decode("utf-8", "surrogateescape")
    if text.count("Inf") != text.count("Infinity"):
        text = _SHORT_INFINITY.sub(_long_infinity, text)
    try:
        start = _BLANK.match(text)
        value: JsonValue = _DECODER.raw_decode(text, start.end() if start else 0)[0]
    except RecursionError:
        if len(body) <= SCANNER_LIMIT:
            return scan_document(body)
        raise InvalidArgument(
            "JSON Parse error: The document is nested too deeply;"
            f" any depth is accepted up to {SCANNER_LIMIT} bytes"
        ) from None
    except ValueError as error:
        if len(body) <= SCANNER_LIMIT:
            return scan_document(body)
        raise _standard_error(error, text, skipped) from None
    half = _half_a_pair(body)
    if half is None:
        return value
    if len(body) <= SCANNER_LIMIT:
        return scan_document(body)
    raise syntax_error(SyntaxText.SURROGATE, half)


def require_object(value: JsonValue) -> dict[str, JsonValue]:
    """The root of a request.

    Raises:
        InvalidArgument: the root is not an object.
    """
    if not isinstance(value, dict):
        raise InvalidArgument(f"JSON Value: {excerpt(value)} Is not object")
    return value


def signature_name_of(root: dict[str, JsonValue]) -> str:
    """The signature that a request asks for; empty if it does not say.

    Raises:
        InvalidArgument: ``signature_name`` is there and not a string.
    """
    name = root.get(_SIGNATURE_KEY, "")
    if not isinstance(name, str):
        raise InvalidArgument(
            f"JSON Value: {excerpt(root)} not formatted correctly."
            " 'signature_name' key must be a string value."
        )
    return name


def _first_wins(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        members = {}
        for key, value in pairs:
            members.setdefault(key, value)
    return members


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_first_wins)


def _long_infinity(match: re.Match[str]) -> str:
    return "Infinity" if match[0] == "Inf" else match[0]


def _half_a_pair(body: bytes) -> int | None:
    """Where half a surrogate pair is written as an escape.

    It is no character, and as Python reads it would be taken for a raw byte.
    """
    if b"\\u" not in body:
        return None
    halves = (match.start() for match in _SURROGATE.finditer(body) if match[1] is not None)
    return next(halves, None)


def _standard_error(error: ValueError, text: str, skipped: int) -> InvalidArgument:
    if not isinstance(error, json.JSONDecodeError):
        return InvalidArgument(f"JSON Parse error: {error}")
    offset = skipped + len(text[: error.pos].encode("utf-8", "surrogateescape"))
    return syntax_error(_STANDARD_TEXTS.get(error.msg, SyntaxText.VALUE), offset)
