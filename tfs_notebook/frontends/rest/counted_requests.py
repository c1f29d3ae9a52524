"""Requests of TensorFlow Serving's REST API, counted where they come in."""

from __future__ import annotations

from typing import Final

from tfs_notebook.frontends.rest.http import Handler, Request, Response
from tfs_notebook.frontends.rest.routes import ModelPath, parse_get, parse_post
from tfs_notebook.serving.monitoring.serving_metrics import ServingMetrics
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["counted_requests"]

_ENTRYPOINT: Final = "REST"
_MALFORMED: Final = ModelPath(ModelReference(""), "")


def counted_requests(metrics: ServingMetrics, handler: Handler) -> Handler:
    """What answers the requests below ``/v1/``, and counts them.

    Those that ask for a status or for metadata have an empty API, and what names no
    model an empty name.
    """

    async def counted(request: Request) -> Response:
        path = _path(request)
        api = path.action if request.method == "POST" else ""
        with metrics.request(path.model.name, api, _ENTRYPOINT):
            return await handler(request)

    return counted


def _path(request: Request) -> ModelPath:
    try:
        if request.method == "POST":
            return parse_post(request.path)
        if request.method == "GET":
            return parse_get(request.path)
    except InvalidArgument:
        # Whoever answers it says what is wrong with it.
        return _MALFORMED
    return _MALFORMED
