"""A JSON parser that no nesting can break, with the tolerances and errors of RapidJSON.

It is the last resort, for documents that faster parsers refuse: deep ones, and
those with a syntax error, for which it finds the text and the byte offset that
TensorFlow Serving reports.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Final, NoReturn

from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.json_values import JsonValue

__all__ = ["SyntaxText", "scan_document", "syntax_error"]

_BLANK: Final = re.compile(rb"[ \t\r\n]*")
_CLEAN_STRING: Final = re.compile(rb'"([^"\\\x00-\x1f]*)"')
_CLEAN_RUN: Final = re.compile(rb'[^"\\\x00-\x1f]*')
_HEX4: Final = re.compile(rb"[0-9a-fA-F]{4}")
_NUMBER: Final = re.compile(rb"-?(?:0|[1-9][0-9]*)(\.[0-9]*)?(?:([eE][+-]?)([0-9]*))?")
_ESCAPES: Final[dict[int, bytes]] = {
    key[0]: value
    for key, value in {
        b'"': b'"', b"\\": b"\\", b"/": b"/", b"b": b"\b",
        b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t",
    }.items()
}  # fmt: skip
_WORDS: Final[dict[int, tuple[bytes, JsonValue]]] = {
    ord("n"): (b"null", None),
    ord("t"): (b"true", True),
    ord("f"): (b"false", False),
    ord("N"): (b"NaN", math.nan),
}
_LONGEST_INTEGER: Final = 20
_QUOTE, _COMMA, _COLON, _BACKSLASH = b'",:\\'
_OPEN_LIST, _CLOSE_LIST, _OPEN_OBJECT, _CLOSE_OBJECT = b"[]{}"


class SyntaxText:
    """The texts of RapidJSON, which clients of TensorFlow Serving know."""

    EMPTY = "The document is empty."
    VALUE = "Invalid value."
    NAME = "Missing a name for object member."
    COLON = "Missing a colon after a name of object member."
    OBJECT_COMMA = "Missing a comma or '}' after an object member."
    LIST_COMMA = "Missing a comma or ']' after an array element."
    HEX = "Incorrect hex digit after \\u escape in string."
    SURROGATE = "The surrogate pair in string is invalid."
    ESCAPE = "Invalid escape character in string."
    QUOTE = "Missing a closing quotation mark in string."
    FRACTION = "Miss fraction part in number."
    EXPONENT = "Miss exponent in number."


def syntax_error(text: str, offset: int) -> InvalidArgument:
    """The error for a document that is not JSON, at a byte offset of the body."""
    return InvalidArgument(f"JSON Parse error: {text} at offset: {offset}")


def scan_document(body: bytes) -> JsonValue:
    """Parse the first JSON value of the body; what follows it is ignored.

    A UTF-8 byte order mark is skipped; ``NaN``, ``Inf`` and ``Infinity`` with or
    without a minus are numbers; strings need not be UTF-8; of equal keys the
    first counts. The Python stack does not grow with the nesting. About 0.5 µs
    a token, so callers limit the size of the body.

    Raises:
        InvalidArgument: the body is not JSON; text and offset as RapidJSON's.
    """
    return _Scanner(body).document()


class _Scanner:
    """One walk over one body. Not for sharing between threads."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 3 if body.startswith(b"\xef\xbb\xbf") else 0

    def document(self) -> JsonValue:
        if self._next() in (0, _CLOSE_LIST, _CLOSE_OBJECT, _COMMA, _COLON):
            self._fail(SyntaxText.EMPTY)
        root: list[JsonValue] = []
        store: Callable[[JsonValue], object] = root.append
        # The containers around the next value; an entry is a list or an object.
        around: list[list[JsonValue] | dict[str, JsonValue]] = []
        while True:
            inner = self._value(store)
            if inner is not None:
                around.append(inner)
            closed = inner is None
            while closed:
                if not around:
                    return root[0]
                closed = self._closes(around[-1])
                if closed:
                    around.pop()
            store = self._slot(around[-1])

    def _value(
        self, store: Callable[[JsonValue], object]
    ) -> list[JsonValue] | dict[str, JsonValue] | None:
        """Read a scalar or an empty container; a container with content is returned."""
        byte = self._next()
        if byte == _OPEN_LIST:
            items: list[JsonValue] = []
            store(items)
            return items if self._opened(_CLOSE_LIST) else None
        if byte == _OPEN_OBJECT:
            members: dict[str, JsonValue] = {}
            store(members)
            return members if self._opened(_CLOSE_OBJECT) else None
        if byte == _QUOTE:
            store(self._string())
        elif byte in _WORDS:
            word, value = _WORDS[byte]
            self._word(word)
            store(value)
        else:
            store(self._number())
        return None

    def _opened(self, closing: int) -> bool:
        self._at += 1
        if self._next() != closing:
            return True
        self._at += 1
        return False

    def _closes(self, container: list[JsonValue] | dict[str, JsonValue]) -> bool:
        """Step over the comma or the bracket that follows an element."""
        is_list = type(container) is list
        byte = self._next()
        if byte == (_CLOSE_LIST if is_list else _CLOSE_OBJECT):
            self._at += 1
            return True
        if byte != _COMMA:
            self._fail(SyntaxText.LIST_COMMA if is_list else SyntaxText.OBJECT_COMMA)
        self._at += 1
        return False

    def _slot(
        self, container: list[JsonValue] | dict[str, JsonValue]
    ) -> Callable[[JsonValue], object]:
        """Where the container's next value goes; steps over a member's name."""
        if isinstance(container, list):
            return container.append
        if self._next() != _QUOTE:
            self._fail(SyntaxText.NAME)
        key = self._string()
        if self._next() != _COLON:
            self._fail(SyntaxText.COLON)
        self._at += 1
        return lambda value: container.setdefault(key, value)

    def _next(self) -> int:
        """The byte at the next token; 0 at the end, which is how RapidJSON sees it."""
        blank = _BLANK.match(self._body, self._at)
        self._at = blank.end() if blank else self._at
        return self._byte()

    def _byte(self) -> int:
        return self._body[self._at] if self._at < len(self._body) else 0

    def _fail(self, text: str, offset: int | None = None) -> NoReturn:
        raise syntax_error(text, self._at if offset is None else offset)

    def _word(self, word: bytes) -> None:
        for expected in word:
            if self._byte() != expected:
                self._fail(SyntaxText.VALUE)
            self._at += 1

    def _number(self) -> int | float:
        start = self._at
        match = _NUMBER.match(self._body, start)
        if match is None:
            return self._non_finite()
        fraction, exponent, digits = match.groups()
        if fraction == b".":
            self._fail(SyntaxText.FRACTION, match.end(1))
        if exponent and not digits:
            self._fail(SyntaxText.EXPONENT, match.end(2))
        self._at = match.end()
        text = match[0]
        if fraction or exponent or len(text) > _LONGEST_INTEGER:
            return float(text)
        return int(text)

    def _non_finite(self) -> float:
        negative = self._byte() == ord("-")
        if negative:
            self._at += 1
        if self._byte() == ord("N"):
            self._word(b"NaN")
            return math.nan
        self._word(b"Inf")
        if self._byte() == ord("i"):
            self._word(b"inity")
        return -math.inf if negative else math.inf

    def _string(self) -> str:
        match = _CLEAN_STRING.match(self._body, self._at)
        if match is not None:
            self._at = match.end()
            return match[1].decode("utf-8", "surrogateescape")
        self._at += 1
        pieces = bytearray()
        while True:
            run = _CLEAN_RUN.match(self._body, self._at)
            if run is not None:
                pieces += run[0]
                self._at = run.end()
            byte = self._byte()
            if byte == _QUOTE:
                self._at += 1
                return pieces.decode("utf-8", "surrogateescape")
            if byte != _BACKSLASH:
                self._fail(SyntaxText.ESCAPE if byte else SyntaxText.QUOTE)
            pieces += self._escape()

    def _escape(self) -> bytes:
        start = self._at
        self._at += 2
        letter = self._body[start + 1] if start + 1 < len(self._body) else 0
        if letter in _ESCAPES:
            return _ESCAPES[letter]
        if letter != ord("u"):
            self._fail(SyntaxText.ESCAPE, start)
        high = self._hex4(start)
        if not 0xD800 <= high <= 0xDFFF:
            return chr(high).encode()
        if high > 0xDBFF or self._body[self._at : self._at + 2] != b"\\u":
            self._fail(SyntaxText.SURROGATE, start)
        self._at += 2
        low = self._hex4(start)
        if not 0xDC00 <= low <= 0xDFFF:
            self._fail(SyntaxText.SURROGATE, start)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)).encode()

    def _hex4(self, start: int) -> int:
        match = _HEX4.match(self._body, self._at)
        if match is None:
            self._fail(SyntaxText.HEX, start)
        self._at = match.end()
        return int(match[0], 16)
