"""Ways to spoil a valid request: its bytes, its JSON, its message, its headers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final

from tfs_notebook.wire.varints import VarintTooLongError, encode_varint, read_varint

__all__ = ["mutated_bytes", "mutated_headers", "mutated_json", "mutated_message"]

_PIECES: Final[Sequence[bytes]] = (
    b"", b"\0", b"\xff", b"\x80" * 10, b"\x0a\xff\xff\xff\xff\x0f", b"\r\n", b"\r\n\r\n", b" ",
    b"null", b"NaN", b"-Infinity", b"1e999", b"-0", b"[" * 50, b"{", b"}", b'"', b"\\u0000",
    b"\\ud800", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"9" * 400, b"%00", b"%ff", b"../", b":",
    b",",
)  # fmt: skip
_VALUES: Final[Sequence[Any]] = (
    None, True, False, 0, -1, 1, 255, 256, 2**31, 2**63, -(2**63) - 1, 2**70, 0.5, 1e308, -0.0,
    float("nan"), float("inf"), "", "x", "\0", "\ud800", "é", "x" * 3000, [], [[]], [[[]]], {},
    [1, [2]], {"b64": "x"}, {"b64": "AA=="}, {"b64": 1}, [None], {"x": {}}, [0] * 300,
    "serving_default", "FP32", "BYTES", "INT64", "UINT16", "BOOL", "classify_x_to_y",
    [2**40, 0], [-1], [1, 1, 1], 10**400,
)  # fmt: skip
_HEADERS: Final[Sequence[tuple[str, str]]] = (
    ("Content-Encoding", "gzip"), ("Content-Encoding", "deflate"), ("Content-Type", "x"),
    ("Content-Type", "multipart/form-data"), ("Accept-Encoding", "gzip;q=1.0.0, *;q=9"),
    ("Content-Type", "multipart/form-data; boundary=x"), ("Content-Type", "image/png"),
    ("Inference-Header-Content-Length", "0"), ("Inference-Header-Content-Length", "-1"),
    ("Inference-Header-Content-Length", "1" * 30), ("Inference-Header-Content-Length", "7"),
    ("Inference-Header-Content-Length", "é"), ("Host", "evil.example"), ("Host", ""),
    ("Origin", "null"), ("Authorization", "Bearer"), ("X-Request-Id", "a b"),
    ("Transfer-Encoding", "chunked"), ("Content-Length", "-1"), ("Content-Length", "1e3"),
    ("Connection", "close"), ("Expect", "100-continue"), ("Cookie", "x" * 5000),
)  # fmt: skip


def mutated_bytes(data: bytes, random: Random) -> bytes:
    """The bytes with one to four changes anywhere in them."""
    spoiled = bytearray(data)
    for _ in range(random.randint(1, 4)):
        start = random.randint(0, len(spoiled))
        stop = min(len(spoiled), start + random.choice((0, 1, 1, 2, 8, 64)))
        how = random.randrange(6)
        if how == 0 and spoiled:
            place = random.randrange(len(spoiled))
            spoiled[place] ^= 1 << random.randrange(8)
        elif how == 1:
            spoiled[start:stop] = random.choice(_PIECES)
        elif how == 2:
            spoiled[start:start] = spoiled[start:stop]
        elif how == 3:
            del spoiled[start:stop]
        elif how == 4:
            spoiled[start:stop] = random.randbytes(stop - start)
        else:
            del spoiled[start:]
    return bytes(spoiled)


def mutated_json(data: bytes, random: Random) -> bytes:
    """The JSON with one or two of its values or keys replaced, left out or doubled."""
    document = json.loads(data)
    for _ in range(random.randint(1, 2)):
        document = _changed(document, random)
    # Half surrogates become escapes.
    return json.dumps(document).encode()


def _changed(value: Any, random: Random) -> Any:
    if isinstance(value, dict) and value and random.random() < 0.85:
        key = random.choice(list(value))
        how = random.random()
        if how < 0.1:
            return {name: one for name, one in value.items() if name != key}
        if how < 0.2:
            return {**value, str(random.choice(_VALUES))[:40]: value[key]}
        return {**value, key: _changed(value[key], random)}
    if isinstance(value, list) and value and random.random() < 0.8:
        place = random.randrange(len(value))
        how = random.random()
        if how < 0.1:
            return value[:place] + value[place + 1 :]
        if how < 0.2:
            return [*value, value[place]]
        return [*value[:place], _changed(value[place], random), *value[place + 1 :]]
    return random.choice(_VALUES)


_Field = tuple[int, int, "int | bytes"]
_VARINT, _FIXED64, _DELIMITED, _FIXED32 = 0, 1, 2, 5
_NUMBERS: Final = (0, 1, 2, 3, 7, 127, 128, 2**31, 2**32, 2**40, 2**63, 2**64 - 1)
_DEEPEST: Final = 12


def mutated_message(data: bytes, random: Random) -> bytes:
    """A serialised message with one to three of its fields changed, at any depth.

    What is around a field that has changed has the lengths that belong to it.
    """
    for _ in range(random.randint(1, 3)):
        data = _changed_message(data, random, 0)
    return data


def _changed_message(data: bytes, random: Random, depth: int) -> bytes:
    fields = _fields(data)
    if not fields or depth > _DEEPEST:
        return mutated_bytes(data, random)
    place = random.randrange(len(fields))
    number, kind, value = fields[place]
    how = random.random()
    if how < 0.07:
        del fields[place]
    elif how < 0.14:
        fields.insert(random.randint(0, len(fields)), fields[place])
    elif how < 0.18:
        fields[place] = random.choice((1, 2, 3, 4, 5, 7, 19, 500)), kind, value
    elif isinstance(value, bytes) and kind == _DELIMITED:
        inner = (
            _changed_message(value, random, depth + 1)
            if _fields(value) and random.random() < 0.9
            else random.choice((mutated_bytes(value, random), random.choice(_PIECES)))
        )
        fields[place] = number, kind, inner
    elif isinstance(value, bytes):
        fields[place] = number, kind, random.randbytes(len(value))
    else:
        fields[place] = number, kind, random.choice(_NUMBERS)
    return b"".join(map(_written, fields))


def _fields(data: bytes) -> list[_Field]:
    """The fields of a message; none if it is not one."""
    fields: list[_Field] = []
    position = 0
    try:
        while position < len(data):
            tag, position = read_varint(data, position)
            kind = tag & 7
            value: int | bytes
            if kind == _VARINT:
                value, position = read_varint(data, position)
            else:
                size = {_FIXED64: 8, _FIXED32: 4}.get(kind)
                if kind == _DELIMITED:
                    size, position = read_varint(data, position)
                if size is None or tag < 8 or position + size > len(data):
                    return []
                value = data[position : position + size]
                position += size
            fields.append((tag >> 3, kind, value))
    except (IndexError, VarintTooLongError):
        return []
    return fields


def _written(field: _Field) -> bytes:
    number, kind, value = field
    tag = encode_varint(number << 3 | kind)
    if isinstance(value, int):
        return tag + encode_varint(value)
    return tag + (encode_varint(len(value)) if kind == _DELIMITED else b"") + value


def mutated_headers(
    headers: Sequence[tuple[str, str]], random: Random
) -> list[tuple[str, str]]:
    """The headers with one of them changed, left out, or another beside them."""
    kept = list(headers)
    if kept and random.random() < 0.5:
        place = random.randrange(len(kept))
        name, value = kept[place]
        spoil: Callable[[str], str] = random.choice(
            (lambda _: "", lambda old: old + old, lambda old: old[:-1], lambda _: "x" * 2000)
        )
        kept[place] = name, spoil(value)
    if random.random() < 0.7:
        kept.append(random.choice(_HEADERS))
    return kept
