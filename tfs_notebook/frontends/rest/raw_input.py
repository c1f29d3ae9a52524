"""``/predict``: raw text or an image in, the model's word for it out.

``GET /predict?text=…[&model=…][&version=…|&label=…][&k=…]`` judges one text; ``POST`` takes
texts and images, see :mod:`raw_request`. No client needs to know of words, pixels or
tensors.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np
import orjson

from tfs_notebook.frontends.rest.http import JSON, Request, Response
from tfs_notebook.frontends.rest.raw_request import (
    EXAMPLES,
    LARGEST_IMAGES,
    PATH,
    RawRequest,
    read_raw_request,
)
from tfs_notebook.pipelines.scores import LabelledScores
from tfs_notebook.serving.held_model import HeldModel
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.raw_prediction import NotOneRun
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.wire.errors import InvalidArgument, ResourceExhausted
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["PATH", "RawInput"]

# What is read in some microseconds.
_SMALL_BODY: Final = 4 * 1024


class RawInput:
    """Answers ``/predict`` on the loop's thread.

    Args:
        server: the data plane.
        runner: takes texts apart, decodes images, and runs models.
        timeout: seconds a request may take.
    """

    def __init__(self, server: ModelServer, runner: RequestRunner, *, timeout: float) -> None:
        self._server = server
        self._runner = runner
        self._timeout = timeout

    async def handle(self, request: Request) -> Response:
        """Answer one request.

        Raises:
            ServingError: what is wrong with it, or why it failed.
        """
        if request.method not in ("GET", "POST"):
            raise InvalidArgument(f"Malformed request: {request.method} {PATH}; {EXAMPLES}")
        if len(request.body) > LARGEST_IMAGES:
            raise ResourceExhausted(
                f"the body has {len(request.body)} bytes; {PATH} takes {LARGEST_IMAGES}. Send "
                "the images in several requests"
            )
        if len(request.body) <= _SMALL_BODY:
            asked = read_raw_request(request)
        else:
            asked = await self._runner.run(partial(read_raw_request, request), self._timeout)
        try:
            return await self._runner.predict(
                partial(_prediction, self._server, asked), small=False, timeout=self._timeout
            )
        except NotOneRun:
            return await self._runner.run(
                partial(_judge_many, self._server, asked), self._timeout
            )


def _hold(server: ModelServer, asked: RawRequest) -> HeldModel:
    reference = asked.model
    if not reference.name:
        name = server.only_model_for(asked.kind)
        reference = ModelReference(
            name, reference.version, reference.label, reference.signature
        )
    return server.hold(reference)


def _judge_many(server: ModelServer, asked: RawRequest) -> Response:
    with _hold(server, asked) as model:
        return _answer(asked, model, model.predict_raw(asked.kind, asked.raw))


def _prediction(server: ModelServer, asked: RawRequest) -> Prediction[Response]:
    model = _hold(server, asked)
    try:
        return model.raw_prediction(asked.kind, asked.raw, partial(_answer, asked, model))
    except BaseException:
        model.release()
        raise


def _answer(asked: RawRequest, model: HeldModel, judged: Sequence[LabelledScores]) -> Response:
    pipeline = model.pipeline
    assert pipeline is not None  # noqa: S101 - it has judged
    top = asked.top or pipeline.top
    records = [
        _record(raw if isinstance(raw, str) else None, scores, top)
        for raw, scores in zip(asked.raw, judged, strict=True)
    ]
    body = {"data": records if asked.is_list else records[0]}
    return Response(
        200,
        orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE),
        (*JSON, ("X-Model-Version", str(model.version))),
    )


def _record(text: str | None, judged: LabelledScores, top: int | None) -> dict[str, object]:
    record: dict[str, object] = {} if text is None else {"text": text}
    record |= {
        "predict": judged.index,
        "label": judged.label,
        # As float32 it is written with the digits that it has.
        "score": np.float32(judged.score),
    }
    if top is not None:
        record["top"] = [
            {"label": one.label, "index": one.index, "score": np.float32(one.score)}
            for one in judged.top(top)
        ]
    return record
