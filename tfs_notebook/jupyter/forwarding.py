"""What of a request goes on to the model server, and what of its answer comes back. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, unquote_plus

from tornado import httputil, web

__all__ = [
    "body_length",
    "forwarded_headers",
    "forwarded_target",
    "headers_elsewhere",
    "headers_from_elsewhere",
    "returned_headers",
]

# Those of one connection.
_HOP_BY_HOP: Final = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
# And what is between the user and Jupyter alone. Where the body ends is said anew.
_NOT_SENT: Final = _HOP_BY_HOP | {
    "authorization",
    "content-length",
    "cookie",
    "expect",
    "host",
    "origin",
    "referer",
    "x-xsrftoken",
}
_NOT_RETURNED: Final = _HOP_BY_HOP | {"date", "server"}
_SENT_ELSEWHERE: Final = ("Accept", "Content-Type")
_RETURNED_FROM_ELSEWHERE: Final = frozenset(("retry-after", "server-timing", "x-model-version"))
_JUPYTERS_ARGUMENTS: Final = frozenset(("token", "_xsrf", "no_track_activity"))
_VISIBLE_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))
# Of a length; Python refuses to read thousands of digits.
_MOST_DIGITS: Final = 18


def body_length(headers: httputil.HTTPHeaders) -> int | None:
    """How many bytes a request's body has; None for one in chunks, which does not say.

    Raises:
        HTTPError: 400, it says what is no length.
    """
    if "Transfer-Encoding" in headers:
        return None
    # A proxy may have said it twice.
    said = set(re.split(r",[ \t]*", headers.get("Content-Length", "0")))
    text = said.pop()
    if said or not (text.isascii() and text.isdecimal()):
        raise web.HTTPError(400, "Content-Length has to be one number of bytes")
    return int(text) if len(text) <= _MOST_DIGITS else 10**_MOST_DIGITS


def forwarded_headers(request: httputil.HTTPServerRequest) -> httputil.HTTPHeaders:
    """The headers for the model server.

    The body of a POST is passed on, with its length or in chunks; other verbs have none
    there, whatever came with them, so none can be taken for a second request.

    Raises:
        HTTPError: as :func:`body_length`.
    """
    headers = httputil.HTTPHeaders({"Host": "localhost"})
    for name, value in _kept(request.headers, _NOT_SENT):
        headers.add(name, value)
    if request.method == "POST" and (length := body_length(request.headers)) is not None:
        headers["Content-Length"] = str(length)
    return headers


def headers_elsewhere(request: httputil.HTTPServerRequest, host: str) -> httputil.HTTPHeaders:
    """The headers for another server: what the body is, and nothing of the user.

    Args:
        request: Jupyter's.
        host: where it goes.

    Raises:
        HTTPError: as :func:`body_length`.
    """
    headers = httputil.HTTPHeaders({"Host": host, "Connection": "close"})
    for name in _SENT_ELSEWHERE:
        if name in request.headers:
            headers[name] = request.headers[name]
    if request.method == "POST" and (length := body_length(request.headers)) is not None:
        headers["Content-Length"] = str(length)
    return headers


def headers_from_elsewhere(headers: httputil.HTTPHeaders) -> Iterator[tuple[str, str]]:
    """Those of another server's answer that are the client's; it sets none of Jupyter's."""
    return (
        (name, value)
        for name, value in headers.get_all()
        if name.lower() in _RETURNED_FROM_ELSEWHERE
    )


def returned_headers(headers: httputil.HTTPHeaders) -> Iterator[tuple[str, str]]:
    """Those of the model server's answer that are the client's."""
    return _kept(headers, _NOT_RETURNED)


def forwarded_target(request: httputil.HTTPServerRequest, above: str) -> str:
    """What the model server is asked for.

    Args:
        request: Jupyter's; its login is left out.
        above: the path that is the model server's root here.
    """
    path = request.path[len(above) :]
    pairs = (pair for pair in request.query.split("&") if pair)
    kept = [
        pair
        for pair in pairs
        if unquote_plus(pair.partition("=")[0]) not in _JUPYTERS_ARGUMENTS
    ]
    target = f"{path}?{'&'.join(kept)}" if kept else path
    # Bytes that came as they are, from curl say, arrive as the same bytes.
    return quote(target.encode("latin-1"), safe=_VISIBLE_ASCII)


def _kept(headers: httputil.HTTPHeaders, without: frozenset[str]) -> Iterator[tuple[str, str]]:
    named = headers.get("Connection", "").lower().split(",")
    dropped = without | {name.strip() for name in named}
    return ((name, value) for name, value in headers.get_all() if name.lower() not in dropped)
