"""The document itself, made of the table of places and the schemas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from tfs_notebook._version import __version__
from tfs_notebook.frontends.rest.http import JSON, Request, Response
from tfs_notebook.frontends.rest.openapi.operations import Operation, Place
from tfs_notebook.frontends.rest.openapi.places import OPENAPI_PATH, PLACES, metrics_place
from tfs_notebook.frontends.rest.openapi.schemas import SCHEMAS

__all__ = ["OpenApiPage", "openapi_document"]

_READ: Final = ("GET", "HEAD")
_IN_PATH: Final[Mapping[str, Mapping[str, Any]]] = {
    "model": {"type": "string", "minLength": 1, "pattern": "^[^/:]+$"},
    "version": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
    "label": {"type": "string", "minLength": 1, "pattern": "^[^/:]+$"},
}
_BEARER: Final = "token"


class OpenApiPage:
    """Answers the requests for the document, on the loop's thread.

    Args:
        metrics_path: where the page of metrics is; None if there is none.
    """

    def __init__(self, metrics_path: str | None) -> None:
        self._body = orjson.dumps(openapi_document(metrics_path), option=orjson.OPT_INDENT_2)

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        if request.method not in _READ:
            told = {
                "error": f"{OPENAPI_PATH} takes {' and '.join(_READ)}; got {request.method}"
            }
            return Response(405, orjson.dumps(told), (*JSON, ("Allow", ", ".join(_READ))))
        return Response(200, self._body, JSON)


def openapi_document(metrics_path: str | None = None) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a server.

    Args:
        metrics_path: where its page of metrics is; None if it has none.
    """
    places = [*PLACES] if metrics_path is None else [*PLACES, metrics_place(metrics_path)]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "tfs_notebook",
            "version": __version__,
            "description": "TensorFlow Serving's REST API, the Open Inference Protocol, and "
            "more. An answer of another status than those told is an error. Where there is "
            "GET below /v2, there is HEAD.",
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(place.tag for place in places)],
        "paths": {place.path: _path(place) for place in places},
        "components": {
            "schemas": dict(SCHEMAS),
            "securitySchemes": {
                _BEARER: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of --model_control_token_file; not needed over "
                    "the Unix socket.",
                }
            },
        },
    }


def _path(place: Place) -> dict[str, Any]:
    described: dict[str, Any] = {
        method: _operation(place, method, operation)
        for method, operation in place.operations.items()
    }
    names = [name for name in _IN_PATH if f"{{{name}}}" in place.path]
    if names:
        described["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": _IN_PATH[name]}
            for name in names
        ]
    return described


def _operation(place: Place, method: str, operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": _identifier(place.path, method),
        "summary": operation.summary,
        "tags": [place.tag],
        "responses": _responses(operation),
    }
    parameters = [
        {"name": name, "in": where, "required": name in operation.needed, "schema": schema}
        for where, group in (("query", operation.query), ("header", operation.headers))
        for name, schema in group.items()
    ]
    if parameters:
        described["parameters"] = parameters
    if operation.body:
        described["requestBody"] = {"content": _content(operation.body.items())}
    if operation.is_control:
        described["security"] = [{}, {_BEARER: []}]
    return described


def _responses(operation: Operation) -> dict[str, Any]:
    further = {
        str(status): {
            "description": "As with 200, and not well",
            "content": _content([(next(iter(operation.answer)), schema)]),
        }
        for status, schema in operation.further.items()
    }
    error = {"description": "An error", "content": _content([("application/json", "Error")])}
    done = {"description": "Done", "content": _content(operation.answer.items())}
    return {"200": done, **further, "default": error}


def _content(schemas: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {
        media_type: {"schema": {"$ref": f"#/components/schemas/{name}"}}
        for media_type, name in schemas
    }


def _identifier(path: str, method: str) -> str:
    """``get_v2_models_model_ready``: as unique as method and path are."""
    words = "".join(letter if letter.isalnum() else " " for letter in path).split()
    return "_".join([method, *words])
