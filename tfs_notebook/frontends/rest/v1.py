"""TF Serving's REST API: predict, classify, regress, status, metadata, the list of models."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Mapping
from functools import partial
from typing import Final

import numpy as np

from tfs_notebook.frontends.model_messages import (
    SIGNATURE_DEF,
    metadata_response,
    status_response,
)
from tfs_notebook.frontends.request_key import key_in_headers
from tfs_notebook.frontends.rest.compression import inflate
from tfs_notebook.frontends.rest.http import JSON, Headers, Request, Response
from tfs_notebook.frontends.rest.message_json import message_to_json
from tfs_notebook.frontends.rest.routes import ModelPath, parse_get, parse_post
from tfs_notebook.serving.example_methods import CLASSIFY, REGRESS
from tfs_notebook.serving.held_model import HeldModel
from tfs_notebook.serving.inference import SignatureNotFound
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.model_status import ModelStatus
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.inference_results import InferenceResult
from tfs_notebook.wire.json_examples import parse_examples_body
from tfs_notebook.wire.json_responses import EncodedPredictions, encode_predictions
from tfs_notebook.wire.json_results import encode_results
from tfs_notebook.wire.json_tensors import RequestFormat, parse_predict_body
from tfs_notebook.wire.messages import GetModelMetadataResponse, SignatureDefMap
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.signatures import Signature

__all__ = ["RestV1"]

# What is parsed on the loop in some tens of microseconds; features take more than numbers.
_SMALL_BYTES: Final = 4 * 1024
_SMALL_EXAMPLES: Final = 512
_METHODS: Final = {"classify": CLASSIFY, "regress": REGRESS}
_REPLACED_HEADER: Final = ("X-Invalid-UTF-8", "replaced")


class RestV1:
    """Answers the requests below ``/v1/``, on the loop's thread.

    Args:
        server: the data plane.
        runner: runs models.
        control: tells of them, also while all threads that run models are taken.
        timeout: seconds a request may take.
    """

    def __init__(
        self,
        server: ModelServer,
        runner: RequestRunner,
        control: RequestRunner,
        *,
        timeout: float,
    ) -> None:
        self._server = server
        self._runner = runner
        self._control = control
        self._timeout = timeout

    def handle(self, request: Request) -> Awaitable[Response]:
        """Answer one request.

        Raises:
            ServingError: what is wrong with it, or why it failed; so may what is awaited.
        """
        if request.method == "POST":
            path = parse_post(request.path)
            prepare, small = _inference, _SMALL_EXAMPLES
            if path.action == "predict":
                prepare, small = _prediction, _SMALL_BYTES
            return self._runner.predict(
                partial(prepare, self._server, path, request),
                small=_is_small(request, small),
                timeout=self._timeout,
            )
        if request.method == "GET":
            work = partial(_describe, self._server, parse_get(request.path))
            return self._control.run(work, self._timeout)
        raise InvalidArgument(f"Malformed request: {request.method} {request.path}")


def _describe(server: ModelServer, path: ModelPath) -> Response:
    if not path.model.name:
        models = [_described(model) for model in server.models()]
        return Response(200, _indented({"models": models}))
    if path.action == "metadata":
        return Response(200, _metadata(metadata_response(server, path.model)))
    states = status_response(server.version_states(path.model))
    return Response(200, _indented(message_to_json(states)))


def _prediction(server: ModelServer, path: ModelPath, request: Request) -> Prediction[Response]:
    body = parse_predict_body(_inflated(request))
    model = server.hold(path.model, key_in_headers(server, request.headers))
    try:
        try:
            signature = model.signature(body.signature_name)
        except SignatureNotFound as error:
            raise InvalidArgument(
                f'Serving signature name: "{error.signature_name}" not found in signature def'
            ) from None
        tensors, form = body.tensors(signature.inputs)
    except BaseException:
        model.release()
        raise
    inputs = {alias: (array, signature.inputs[alias].dtype) for alias, array in tensors.items()}
    answer = partial(_answer, signature, form, _told(model))
    return model.prediction(signature, inputs, answer)


def _told(model: HeldModel) -> Headers:
    # TF Serving's answers do not say it, and where only one version can answer nobody asks.
    return () if model.observation is None else (("X-Model-Version", str(model.version)),)


def _answer(
    signature: Signature,
    form: RequestFormat,
    told: Headers,
    outputs: Mapping[str, np.ndarray],
) -> Response:
    return _response(encode_predictions(outputs, signature.outputs, form), told)


def _inference(server: ModelServer, path: ModelPath, request: Request) -> Prediction[Response]:
    body = parse_examples_body(_inflated(request))
    model = server.hold(path.model, key_in_headers(server, request.headers))
    try:
        answer = partial(_results, _told(model))
        return model.inference(
            _METHODS[path.action], body.signature_name, body.examples, answer
        )
    except BaseException:
        model.release()
        raise


def _results(told: Headers, _model: ModelReference, result: InferenceResult) -> Response:
    return _response(encode_results(result), told)


def _response(answer: EncodedPredictions, told: Headers) -> Response:
    headers = (*JSON, *told) if told else JSON
    if answer.has_replaced_text:
        headers = (*headers, _REPLACED_HEADER)
    return Response(200, answer.body, headers)


def _is_small(request: Request, limit: int) -> bool:
    return len(request.body) <= limit and "Content-Encoding" not in request.headers


def _inflated(request: Request) -> bytes:
    # As TF Serving, which looks for the word anywhere, in small letters.
    if "gzip" not in request.headers.get("Content-Encoding", ""):
        return request.body
    return inflate(request.body)


def _indented(value: object) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"


def _metadata(response: GetModelMetadataResponse) -> bytes:
    # The Any is written as what it holds, which is how the key comes to be doubled.
    signatures = SignatureDefMap()
    response.metadata[SIGNATURE_DEF].Unpack(signatures)
    described = {
        "model_spec": {
            "name": response.model_spec.name,
            "signature_name": response.model_spec.signature_name,
            "version": str(response.model_spec.version.value),
        },
        "metadata": {SIGNATURE_DEF: message_to_json(signatures)},
    }
    return _indented(described)


def _described(model: ModelStatus) -> dict[str, object]:
    described: dict[str, object] = {
        "name": model.settings.name,
        "base_path": model.settings.base_path,
        **message_to_json(status_response(model.versions)),
        "version_labels": {label: str(version) for label, version in model.labels.items()},
    }
    if model.waiting_for is not None:
        described["waiting_for"] = model.waiting_for
    return described
