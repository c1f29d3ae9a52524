"""What a request to ``/predict`` asks for: query, JSON, a form with files, or an image alone.

* ``GET ?text=…``
* ``POST {"text": …}``, ``{"texts": […]}``, ``{"image": {"b64": …}}``, ``{"images": […]}``
* ``POST`` with the bytes of an image as the body; the rest is in the query
* ``POST`` with ``multipart/form-data``, as ``curl -F image=@cat.jpg -F k=3``
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from tfs_notebook.frontends.rest.compression import inflate
from tfs_notebook.frontends.rest.http import Request
from tfs_notebook.frontends.rest.raw_form import is_form, read_form
from tfs_notebook.pipelines.image_formats import image_format
from tfs_notebook.pipelines.pipeline import Kind
from tfs_notebook.wire.errors import InvalidArgument, ResourceExhausted
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["EXAMPLES", "LARGEST_IMAGES", "PATH", "RawRequest", "read_raw_request"]

PATH: Final = "/predict"
LARGEST_IMAGES: Final = 64 * 1024 * 1024
"""Bytes of a body."""
EXAMPLES: Final = (
    'send GET /predict?text=… or POST {"text": "…"}, or {"texts": ["…", "…"]} for many, or an '
    'image: the bytes of its file with POST, or {"image": {"b64": "…"}}; with "model", '
    '"version", "label" or "k" if need be'
)

_LARGEST_TEXTS: Final = 4 * 1024 * 1024
_MOST: Final = {"texts": 10_000, "images": 1_000}
_MOST_COMMAS: Final = 4 * _MOST["images"]
_SPACE: Final = 64
_PIECE: Final = 1024 * 1024
_MOST_TOP: Final = 1_000
_MOST_FIELDS: Final = 16
_RAW: Final[dict[str, Kind]] = {
    "text": "text",
    "texts": "text",
    "image": "image",
    "images": "image",
}
_FIELDS: Final = frozenset({*_RAW, "model", "version", "label", "k", "words"})
_VERSION: Final = re.compile(r"[0-9]{1,18}")
_B64: Final = '{"b64": "…"}, the file in base64'


@dataclass(frozen=True, slots=True)
class RawRequest:
    """What a request asks for; without a name, for the one model that takes such input.

    Attributes:
        kind: of what is to be judged.
        raw: ``str``, or the ``bytes`` of encoded images.
        is_list: whether the answer is a list, too.
        model: which is to judge it.
        top: how many labels the answer is to tell, if the request says so.
        words: whether it is to tell the words that each text was cut into.
    """

    kind: Kind
    raw: list[Any]
    is_list: bool
    model: ModelReference
    top: int | None = None
    words: bool = False


def read_raw_request(request: Request) -> RawRequest:
    """Understand a request of one of the forms above; takes long if its body is large.

    Raises:
        InvalidArgument: what is wrong with it, and what would be right.
        ResourceExhausted: too many texts or images, or too long ones.
    """
    fields = _query_fields(request.query)
    if request.method == "POST":
        request = _inflated(request)
        for name, value in _body_fields(request).items():
            _add(fields, name, value)
    elif "image" in fields or "images" in fields:
        raise InvalidArgument(f"an image is sent with POST; {EXAMPLES}")
    asked = _asked(fields)
    if asked.kind == "text" and len(request.body) > _LARGEST_TEXTS:
        raise ResourceExhausted(
            f"the body has {len(request.body)} bytes; {PATH} takes {_LARGEST_TEXTS} of text. "
            "Send the texts in several requests"
        )
    return asked


def _inflated(request: Request) -> Request:
    if "gzip" not in request.headers.get("Content-Encoding", ""):
        return request
    body = inflate(request.body)
    if not body or len(body) > LARGEST_IMAGES:
        raise InvalidArgument(
            "the body is said to be gzip, and is none, or inflates to more than "
            f"{LARGEST_IMAGES} bytes; {EXAMPLES}"
        )
    return replace(request, body=body)


def _query_fields(query: str) -> dict[str, object]:
    # What is not percent-encoded comes in as the bytes of Latin-1, whatever it was.
    raw = query.encode("latin-1", "replace").decode("utf-8", "replace")
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise InvalidArgument(f"the query cannot be read: {error}; {EXAMPLES}") from None
    fields: dict[str, object] = {}
    for name, value in pairs:
        _add(fields, name, value)
    return fields


def _body_fields(request: Request) -> Mapping[str, object]:
    content_type = request.headers.get("Content-Type", "")
    if is_form(content_type):
        return read_form(content_type, request.body)
    # curl --data-binary says that everything is a form.
    if _is_image(content_type.lower(), request.body):
        return {"image": request.body}
    _check_structure(request.body)
    try:
        document = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        document = _loads_tolerantly(request.body)
    if not isinstance(document, dict):
        raise InvalidArgument(
            f"the body has to be a JSON object, and is {_kind(document)}; {EXAMPLES}"
        )
    return document


def _is_image(content_type: str, body: bytes) -> bool:
    if content_type.startswith("image/") or image_format(body):
        return True
    # What it is instead is told better than that it is no JSON.
    is_file = content_type.startswith("application/octet-stream")
    return is_file and not body[:_SPACE].lstrip().startswith(b"{")


def _check_structure(body: bytes) -> None:
    # Millions of small things take seconds, in which no thread does anything else, and
    # gigabytes. What is so large can only be images, which have no commas in them.
    if len(body) > _LARGEST_TEXTS and (commas := body.count(b",")) > _MOST_COMMAS:
        raise ResourceExhausted(
            f"the body has {len(body)} bytes with {commas} commas in it; {PATH} takes "
            f"{_LARGEST_TEXTS} bytes of text, or {_MOST['images']} images. Send several "
            "requests"
        )


def _loads_tolerantly(body: bytes) -> object:
    # Half a pair of surrogates is no Unicode, but JSON, and clients that cut texts send it.
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidArgument(f"the body is no JSON: {error}; {EXAMPLES}") from None


def _add(fields: dict[str, object], name: str, value: object) -> None:
    if name not in _FIELDS:
        known = ", ".join(sorted(_FIELDS))
        raise InvalidArgument(f"unknown field {name[:60]!r}; there are {known}; {EXAMPLES}")
    if name in fields:
        raise InvalidArgument(f'"{name}" is there twice; for many texts {EXAMPLES}')
    fields[name] = value


def _asked(fields: Mapping[str, object]) -> RawRequest:
    found = [name for name in _RAW if name in fields]
    if not found:
        raise InvalidArgument(
            f'there is neither of "text" and "texts", and no image; {EXAMPLES}'
        )
    if len(found) > 1:
        raise InvalidArgument(f'there is both of "{found[0]}" and "{found[1]}"; {EXAMPLES}')
    if fields.get("version") is not None and fields.get("label") is not None:
        raise InvalidArgument('"version" and "label" exclude each other; give one of them')
    reference = ModelReference(
        _string(fields, "model"),
        _version(fields.get("version")),
        _string(fields, "label") or None,
    )
    (name,) = found
    words = _flag("words", fields.get("words"))
    if words and _RAW[name] != "text":
        raise InvalidArgument('"words" is for texts; an image has none')
    raw = _raw(name, fields[name])
    return RawRequest(_RAW[name], raw, name in _MOST, reference, _top(fields.get("k")), words)


def _raw(name: str, value: object) -> list[Any]:
    read = _text if _RAW[name] == "text" else _image
    if name not in _MOST:
        return [read(value, f'"{name}"')]
    if not isinstance(value, list):
        items = "strings" if name == "texts" else f"images, {_B64}"
        raise InvalidArgument(f'"{name}" has to be a list of {items}, and is {_kind(value)}')
    if len(value) > _MOST[name]:
        raise ResourceExhausted(
            f'"{name}" has {len(value)} items; {PATH} takes {_MOST[name]}. Send them in '
            "several requests"
        )
    return [read(one, f'"{name}"[{place}]') for place, one in enumerate(value)]


def _text(value: object, where: str) -> str:
    text = _checked_string(value, where)
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _image(value: object, where: str) -> bytes:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, dict) or list(value) != ["b64"]:
        raise InvalidArgument(f"{where} has to be {_B64}, and is {_kind(value)}")
    encoded = _checked_string(value["b64"], f"b64 of {where}")
    try:
        return _decoded(encoded)
    except (binascii.Error, ValueError) as error:
        hint = ""
        if encoded.startswith("data:"):
            hint = "; of a data: URL, what follows its comma is"
        elif "\n" in encoded or "\r" in encoded:
            hint = "; it has no line breaks (base64 -w0)"
        raise InvalidArgument(f"b64 of {where} is no base64: {error}{hint}") from None


def _decoded(encoded: str) -> bytes:
    # In pieces: of 60 MB the whole would keep all threads waiting for half a second.
    parts = []
    for start in range(0, len(encoded), _PIECE):
        piece = encoded[start : start + _PIECE]
        if start + _PIECE < len(encoded) and piece.endswith("="):
            raise ValueError("Excess data after padding")
        parts.append(base64.b64decode(piece, validate=True))
    return b"".join(parts)


def _checked_string(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise InvalidArgument(f"{where} has to be a string, and is {_kind(value)}")
    return value


def _string(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    return "" if value is None else _checked_string(value, f'"{name}"')


def _version(value: object) -> int | None:
    if value is None or (type(value) is int and 0 <= value < 2**63):
        return value
    if isinstance(value, str) and _VERSION.fullmatch(value):
        return int(value)
    raise InvalidArgument(f'"version" has to be a version number, and is {str(value)[:60]!r}')


def _top(value: object) -> int | None:
    if isinstance(value, str) and _VERSION.fullmatch(value):
        value = int(value)
    if value is None or (type(value) is int and 1 <= value <= _MOST_TOP):
        return value
    raise InvalidArgument(f'"k" is a number from 1 to {_MOST_TOP}, not {str(value)[:60]!r}')


def _flag(name: str, value: object) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    if value in ("true", "false"):  # of a query
        return value == "true"
    raise InvalidArgument(f'"{name}" is true or false, not {str(value)[:60]!r}')


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
    return "null" if value is None else names.get(type(value), "a number")
