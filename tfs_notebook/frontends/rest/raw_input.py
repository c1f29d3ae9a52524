"""``/predict``: raw text or an image in, the model's word for it out.

``GET /predict?text=…[&model=…][&version=…|&label=…][&k=…][&words=true]`` judges one text;
``POST`` takes texts and images, see :mod:`raw_request`. No client needs to know of words,
pixels or tensors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np
import orjson

from tfs_notebook.frontends.request_key import key_in_headers
from tfs_notebook.frontends.rest.http import JSON, Request, Response
from tfs_notebook.frontends.rest.raw_request import (
    EXAMPLES,
    LARGEST_IMAGES,
    PATH,
    RawRequest,
    read_raw_request,
)
from tfs_notebook.frontends.rest.raw_timing import RawTiming
from tfs_notebook.pipelines.pipeline import Pipeline
from tfs_notebook.pipelines.scores import LabelledScores
from tfs_notebook.pipelines.text import TextPipeline
from tfs_notebook.serving.held_model import HeldModel
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.raw_prediction import NotOneRun
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.wire.errors import InvalidArgument, ResourceExhausted
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["PATH", "RawInput"]

# Labels that one answer tells; each has some hundred bytes before it is written.
_MOST_TOLD: Final = 200_000
# Texts whose words one answer tells, for people to read.
_MOST_CUT: Final = 100
# What is read in some microseconds.
_SMALL_BODY: Final = 4 * 1024


class RawInput:
    """Answers ``/predict`` on the loop's thread.

    Args:
        server: the data plane.
        runner: reads requests, takes texts apart, and runs models of texts.
        images: decodes images, and runs their models; it may be slow.
        timeout: seconds a request may take.
    """

    def __init__(
        self,
        server: ModelServer,
        runner: RequestRunner,
        images: RequestRunner,
        *,
        timeout: float,
    ) -> None:
        self._server = server
        self._runner = runner
        self._images = images
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
        timing = RawTiming()
        if len(request.body) <= _SMALL_BODY and "Content-Encoding" not in request.headers:
            asked = read_raw_request(request)
        else:
            asked = await self._runner.run(partial(read_raw_request, request), self._timeout)
        runner = self._images if asked.kind == "image" else self._runner
        key = key_in_headers(self._server, request.headers)
        try:
            return await runner.predict(
                partial(_prediction, self._server, asked, timing, key),
                small=False,
                timeout=self._timeout,
            )
        except NotOneRun:
            work = partial(_judge_many, self._server, asked, timing, key)
            return await runner.run(work, self._timeout)


def _hold(server: ModelServer, asked: RawRequest, key: str | None) -> HeldModel:
    reference = asked.model
    if not reference.name:
        name = server.only_model_for(asked.kind)
        reference = ModelReference(
            name, reference.version, reference.label, reference.signature
        )
    return server.hold(reference, key)


def _judge_many(
    server: ModelServer, asked: RawRequest, timing: RawTiming, key: str | None
) -> Response:
    timing.begin()
    with _hold(server, asked, key) as model:
        _check_told(asked, model.pipeline)
        words = _words(asked, model.pipeline)
        timing.prepared()
        judged = model.predict_raw(asked.kind, asked.raw)
        return _answer(asked, model, words, timing, judged)


def _prediction(
    server: ModelServer, asked: RawRequest, timing: RawTiming, key: str | None
) -> Prediction[Response]:
    timing.begin()
    model = _hold(server, asked, key)
    try:
        if asked.words:
            _check_told(asked, model.pipeline)
        # Here, and not where the answer is written, which may be a thread of the batches.
        answer = partial(_answer, asked, model, _words(asked, model.pipeline), timing)
        prediction = model.raw_prediction(asked.kind, asked.raw, answer)
        timing.prepared(prediction)
    except BaseException:
        model.release()
        raise
    return prediction


def _check_told(asked: RawRequest, pipeline: Pipeline | None) -> None:
    if asked.words and len(asked.raw) > _MOST_CUT:
        raise ResourceExhausted(
            f"the words of {len(asked.raw)} texts are asked for; {PATH} tells those of "
            f'{_MOST_CUT}. Send several requests, or leave "words" out'
        )
    if pipeline is None:
        return  # which is told where it is used
    top = asked.top or pipeline.top or 1
    if pipeline.labels is not None:
        top = min(top, len(pipeline.labels))
    if len(asked.raw) * top > _MOST_TOLD:
        raise ResourceExhausted(
            f"{top} labels of each of {len(asked.raw)} are asked for; {PATH} tells "
            f'{_MOST_TOLD} in one answer. Send several requests, or a smaller "k"'
        )


def _answer(
    asked: RawRequest,
    model: HeldModel,
    words: Sequence[Sequence[Mapping[str, object]]],
    timing: RawTiming,
    judged: Sequence[LabelledScores],
) -> Response:
    pipeline = model.pipeline
    assert pipeline is not None  # noqa: S101 - it has judged
    top = asked.top or pipeline.top
    records = [
        _record(raw if isinstance(raw, str) else None, scores, top)
        for raw, scores in zip(asked.raw, judged, strict=True)
    ]
    for record, own in zip(records, words, strict=False):
        record["words"] = own
    body = {"data": records if asked.is_list else records[0]}
    return Response(
        200,
        orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE),
        (*JSON, ("X-Model-Version", str(model.version)), timing.header()),
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


def _words(asked: RawRequest, pipeline: Pipeline | None) -> list[list[dict[str, object]]]:
    if not asked.words or not isinstance(pipeline, TextPipeline):
        return []
    return [
        [
            {"word": one.word, "known": one.known, "place": one.place}
            for one in pipeline.encode_with_words([text]).words[0]
        ]
        for text in asked.raw
    ]
