"""Errors as HTTP responses, and canonical codes as statuses: the one table of them."""

from __future__ import annotations

import logging
from typing import Final

from tfs_notebook.frontends.rest.http import JSON, Request, Response
from tfs_notebook.wire.errors import Code, Internal, ServingError
from tfs_notebook.wire.json_responses import encode_error

__all__ = ["error_response", "http_status", "unforeseen_response"]

_log = logging.getLogger(__name__)

_STATUS: Final[dict[Code, int]] = {
    Code.OK: 200,
    Code.CANCELLED: 499,
    Code.UNKNOWN: 500,
    Code.INVALID_ARGUMENT: 400,
    Code.DEADLINE_EXCEEDED: 504,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.PERMISSION_DENIED: 403,
    Code.RESOURCE_EXHAUSTED: 429,
    Code.FAILED_PRECONDITION: 400,
    Code.ABORTED: 409,
    Code.OUT_OF_RANGE: 400,
    Code.UNIMPLEMENTED: 501,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
    Code.DATA_LOSS: 500,
    Code.UNAUTHENTICATED: 401,
}
_UNAUTHORIZED: Final = 401
# RFC 9110, 11.6.1: an answer with 401 has one.
_CHALLENGE: Final = ("WWW-Authenticate", "Bearer")


def http_status(code: Code) -> int:
    """The HTTP status TF Serving answers with for a canonical code."""
    return _STATUS.get(code, 500)


def error_response(error: ServingError) -> Response:
    """The response that tells a client of an error: its status and its text."""
    status = http_status(error.code)
    headers = JSON if status != _UNAUTHORIZED else (*JSON, _CHALLENGE)
    return Response(status, encode_error(error.message), headers)


def unforeseen_response(request: Request, error: BaseException) -> Response:
    """The response to a request that met a mistake of ours, which is logged."""
    _log.error(
        "%s %s failed in an unforeseen way", request.method, request.path, exc_info=error
    )
    return error_response(Internal("internal error; the server's log has it"))
