"""What a span says of a request, in OpenTelemetry's semantic conventions.

See https://opentelemetry.io/docs/specs/semconv/: HTTP spans and gRPC of RPC spans, of servers.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import grpc

from tfs_notebook.frontends.rest.openapi.places import PLACES

__all__ = ["Attributes", "SpanFacts", "http_facts", "rpc_facts"]

Attributes = dict[str, str | int | bool | float]

# Others are made up by clients, who may be anybody: there would be no end of them.
_ROUTES: Final = frozenset(place.path for place in PLACES) | {"/monitoring/prometheus/metrics"}
_NAMES: Final = re.compile(r"(/models/|/versions/|/labels/)[^/:]+")
_ROUTE: Final = {
    "/models/": "/models/{model}",
    "/versions/": "/versions/{version}",
    "/labels/": "/labels/{label}",
}
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_SERVER_ERROR: Final = 500
_NOT_FOUND: Final = 404
# Of a server's span these are its own faults; the others are the client's.
_FAULTS: Final = frozenset(
    {
        "UNKNOWN",
        "DEADLINE_EXCEEDED",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
    }
)


class SpanFacts(NamedTuple):
    """What the door's protocol says of a request that has ended.

    Attributes:
        name: of the span; there are few of them.
        attributes: by their names in the conventions.
        error_type: the status, where it is the server's fault.
    """

    name: str
    attributes: Attributes
    error_type: str | None


def http_facts(method: str, target: str, scheme: str, status: str) -> SpanFacts:
    """Of a request over HTTP.

    Args:
        method: as sent.
        target: path and query.
        scheme: ``http`` or ``https``.
        status: of the answer, in digits.
    """
    # Without the query: it may be a text that somebody has judged.
    path = target.partition("#")[0].partition("?")[0]
    known = method if method in _METHODS else "_OTHER"
    code = int(status)
    attributes: Attributes = {
        "http.request.method": known,
        "http.response.status_code": code,
        "url.path": path,
        "url.scheme": scheme,
    }
    name = known if known != "_OTHER" else "HTTP"
    route = path
    if path not in _ROUTES:
        route = _NAMES.sub(lambda match: _ROUTE[match[1]], path)
    if code != _NOT_FOUND and route in _ROUTES:
        attributes["http.route"] = route
        name = f"{name} {route}"
    error_type = status if code >= _SERVER_ERROR else None
    return SpanFacts(name, attributes, error_type)


def rpc_facts(path: str, status: str) -> SpanFacts:
    """Of a call over gRPC.

    Args:
        path: ``/service/method``.
        status: the name of its status.
    """
    service, _, method = path.lstrip("/").partition("/")
    attributes: Attributes = {
        "rpc.system": "grpc",
        "rpc.service": service,
        "rpc.method": method,
        "rpc.grpc.status_code": grpc.StatusCode[status].value[0],
    }
    return SpanFacts(f"{service}/{method}", attributes, status if status in _FAULTS else None)
