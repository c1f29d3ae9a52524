"""``POST /v2/models/NAME[/versions/N]/infer``: the Open Inference Protocol's inference.

A body is JSON, or JSON with raw tensors behind it; see
:mod:`tfs_notebook.wire.open_inference_json`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import partial
from typing import Final

import numpy as np

from tfs_notebook.frontends.inference_calls import prediction_of
from tfs_notebook.frontends.request_key import key_in_headers
from tfs_notebook.frontends.rest.compression import inflate, inflate_zlib
from tfs_notebook.frontends.rest.http import JSON, Request, Response
from tfs_notebook.frontends.rest.v2_routes import Route
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.open_inference import InferCall
from tfs_notebook.wire.open_inference_json import encode_infer_response, parse_infer_body

__all__ = ["OpenInference"]

JSON_LENGTH: Final = "Inference-Header-Content-Length"
_BINARY: Final = ("Content-Type", "application/octet-stream")
_REPLACED: Final = ("X-Invalid-UTF-8", "replaced")
_CODINGS: Final = frozenset({"", "identity"})
_INFLATE: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "gzip": inflate,
    "x-gzip": inflate,
    "deflate": inflate_zlib,
}
_MOST_DIGITS: Final = 18
# What is parsed on the loop in some tens of microseconds, raw texts in a millisecond.
_SMALL_JSON: Final = 4 * 1024
_SMALL_RAW: Final = 16 * 1024
_ENTRYPOINT: Final = "REST"


class OpenInference:
    """Answers inference requests, on the loop's thread.

    Args:
        server: the data plane.
        runner: runs models.
        timeout: seconds a request may take.
    """

    def __init__(self, server: ModelServer, runner: RequestRunner, *, timeout: float) -> None:
        self._server = server
        self._runner = runner
        self._timeout = timeout

    async def handle(self, route: Route, request: Request) -> Response:
        """Answer one request.

        Raises:
            ServingError: what is wrong with it, or why it failed.
        """
        monitoring = self._server.monitoring
        counted = (
            nullcontext()
            if monitoring is None
            else monitoring.serving.request(route.name, "infer", _ENTRYPOINT)
        )
        with counted:
            return await self._runner.predict(
                partial(_prediction, self._server, route, request),
                small=_is_small(request),
                timeout=self._timeout,
            )


def _prediction(server: ModelServer, route: Route, request: Request) -> Prediction[Response]:
    body = _body(request)
    call = parse_infer_body(body, _json_bytes(request), route.version)
    key = key_in_headers(server, request.headers)
    return prediction_of(server, route.name, route.version, call, _answer, key)


def _answer(
    model: ModelReference, call: InferCall, outputs: Mapping[str, np.ndarray]
) -> Response:
    answer = encode_infer_response(model, call, outputs)
    headers = JSON
    if answer.json_bytes is not None:
        headers = (_BINARY, (JSON_LENGTH, str(answer.json_bytes)))
    if answer.has_replaced_text:
        headers = (*headers, _REPLACED)
    return Response(200, answer.body, headers)


def _is_small(request: Request) -> bool:
    if request.headers.get("Content-Encoding"):
        return False
    most = _SMALL_RAW if JSON_LENGTH in request.headers else _SMALL_JSON
    return len(request.body) <= most


def _body(request: Request) -> bytes:
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding in _CODINGS:
        return request.body
    inflated = _INFLATE.get(coding)
    if inflated is None:
        raise InvalidArgument(
            f"a body is sent as it is, or with gzip or deflate; got {coding[:60]!r}"
        )
    if body := inflated(request.body):
        return body
    raise InvalidArgument(
        f"the body is no whole stream of {coding}, or inflates to more than 100 MiB"
    )


def _json_bytes(request: Request) -> int | None:
    text = request.headers.get(JSON_LENGTH)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise InvalidArgument(
            f"the header {JSON_LENGTH} is the number of bytes of the JSON; got {text[:60]!r}"
        )
    return int(text)
