"""Health over HTTP, in the words of the Open Inference Protocol (``/v2/health``)."""

from __future__ import annotations

import orjson

from tfs_notebook.frontends.rest.http import Request, Response
from tfs_notebook.serving.model_server import ModelServer

__all__ = ["health_response"]

_PREFIX = "/v2/health/"


def health_response(server: ModelServer, request: Request) -> Response | None:
    """Answer ``live`` and ``ready``; None for any other path.

    ``ready`` is 200 while any model can answer, and 503 otherwise.
    """
    if request.method not in ("GET", "HEAD"):
        return None
    if request.path == _PREFIX + "live":
        return Response(200, orjson.dumps({"live": True}))
    if request.path == _PREFIX + "ready":
        ready = server.ready
        return Response(200 if ready else 503, orjson.dumps({"ready": ready}))
    return None
