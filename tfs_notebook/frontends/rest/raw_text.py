"""``/predict``: raw text in, the model's word for it out.

``GET /predict?text=…[&model=…][&version=…|&label=…]`` judges one text, ``POST`` with
``{"text": …}`` or ``{"texts": […]}`` one or many. No client needs to know of words,
vectors or tensors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import parse_qsl

import numpy as np
import orjson

from tfs_notebook.frontends.rest.http import JSON, Request, Response
from tfs_notebook.pipelines.text import LabelledScores
from tfs_notebook.serving.held_model import HeldModel
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.serving.text_prediction import TEXTS_A_RUN
from tfs_notebook.wire.errors import InvalidArgument, ResourceExhausted
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["PATH", "RawText"]

PATH: Final = "/predict"

_LARGEST_BODY: Final = 4 * 1024 * 1024
# What is read in some microseconds.
_SMALL_BODY: Final = 4 * 1024
_MOST_TEXTS: Final = 10_000
_MOST_FIELDS: Final = 16
_FIELDS: Final = frozenset({"text", "texts", "model", "version", "label"})
_EXAMPLES: Final = (
    'send GET /predict?text=… or POST {"text": "…"}, or {"texts": ["…", "…"]} for many, with '
    '"model", "version" or "label" if need be'
)
_VERSION: Final = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request asks for; without a name, for the one model that takes text."""

    texts: list[str]
    is_list: bool
    model: ModelReference


class RawText:
    """Answers ``/predict`` on the loop's thread.

    Args:
        server: the data plane.
        runner: takes texts apart and runs models.
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
            raise InvalidArgument(f"Malformed request: {request.method} {PATH}; {_EXAMPLES}")
        if len(request.body) > _LARGEST_BODY:
            raise ResourceExhausted(
                f"the body has {len(request.body)} bytes; {PATH} takes {_LARGEST_BODY}. Send "
                "the texts in several requests"
            )
        if len(request.body) <= _SMALL_BODY:
            asked = _read(request)
        else:
            asked = await self._runner.run(partial(_read, request), self._timeout)
        if not 0 < len(asked.texts) <= TEXTS_A_RUN:
            return await self._runner.run(
                partial(_judge_many, self._server, asked), self._timeout
            )
        return await self._runner.predict(
            partial(_prediction, self._server, asked), small=False, timeout=self._timeout
        )


def _read(request: Request) -> _Asked:
    fields = _query_fields(request.query)
    if request.method == "POST":
        for name, value in _body_fields(request.body).items():
            _add(fields, name, value)
    return _asked(fields)


def _hold(server: ModelServer, asked: _Asked) -> HeldModel:
    reference = asked.model
    if not reference.name:
        reference = ModelReference(
            server.only_text_model(), reference.version, reference.label, reference.signature
        )
    return server.hold(reference)


def _judge_many(server: ModelServer, asked: _Asked) -> Response:
    with _hold(server, asked) as model:
        return _answer(asked, model.version, model.predict_texts(asked.texts))


def _prediction(server: ModelServer, asked: _Asked) -> Prediction[Response]:
    model = _hold(server, asked)
    try:
        return model.text_prediction(asked.texts, partial(_answer, asked, model.version))
    except BaseException:
        model.release()
        raise


def _answer(asked: _Asked, version: int, judged: Sequence[LabelledScores]) -> Response:
    records = [_record(text, scores) for text, scores in zip(asked.texts, judged, strict=True)]
    body = {"data": records if asked.is_list else records[0]}
    return Response(
        200,
        orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE),
        (*JSON, ("X-Model-Version", str(version))),
    )


def _record(text: str, judged: LabelledScores) -> dict[str, object]:
    # As float32 it is written with the digits that it has.
    score = np.float32(judged.score)
    return {"text": text, "predict": judged.index, "label": judged.label, "score": score}


def _query_fields(query: str) -> dict[str, object]:
    # What is not percent-encoded comes in as the bytes of Latin-1, whatever it was.
    raw = query.encode("latin-1", "replace").decode("utf-8", "replace")
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise InvalidArgument(f"the query cannot be read: {error}; {_EXAMPLES}") from None
    fields: dict[str, object] = {}
    for name, value in pairs:
        _add(fields, name, value)
    return fields


def _body_fields(body: bytes) -> Mapping[str, object]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = _loads_tolerantly(body)
    if not isinstance(document, dict):
        raise InvalidArgument(
            f"the body has to be a JSON object, and is {_kind(document)}; {_EXAMPLES}"
        )
    return document


def _loads_tolerantly(body: bytes) -> object:
    # Half a pair of surrogates is no Unicode, but JSON, and clients that cut texts send it.
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidArgument(f"the body is no JSON: {error}; {_EXAMPLES}") from None


def _add(fields: dict[str, object], name: str, value: object) -> None:
    if name not in _FIELDS:
        known = ", ".join(sorted(_FIELDS))
        raise InvalidArgument(f"unknown field {name[:60]!r}; there are {known}; {_EXAMPLES}")
    if name in fields:
        raise InvalidArgument(f'"{name}" is there twice; for many texts {_EXAMPLES}')
    fields[name] = value


def _asked(fields: Mapping[str, object]) -> _Asked:
    if ("text" in fields) == ("texts" in fields):
        which = "both" if "text" in fields else "neither"
        raise InvalidArgument(f'there is {which} of "text" and "texts"; {_EXAMPLES}')
    if fields.get("version") is not None and fields.get("label") is not None:
        raise InvalidArgument('"version" and "label" exclude each other; give one of them')
    reference = ModelReference(
        _string(fields, "model"),
        _version(fields.get("version")),
        _string(fields, "label") or None,
    )
    if "text" in fields:
        return _Asked([_well_formed(_text(fields["text"], '"text"'))], False, reference)
    texts = fields["texts"]
    if not isinstance(texts, list):
        raise InvalidArgument(f'"texts" has to be a list of strings, and is {_kind(texts)}')
    if len(texts) > _MOST_TEXTS:
        raise ResourceExhausted(
            f'"texts" has {len(texts)} items; {PATH} takes {_MOST_TEXTS}. Send them in several '
            "requests"
        )
    checked = [_text(text, f'"texts"[{index}]') for index, text in enumerate(texts)]
    return _Asked([_well_formed(text) for text in checked], True, reference)


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise InvalidArgument(f"{where} has to be a string, and is {_kind(value)}")
    return value


def _string(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    return "" if value is None else _text(value, f'"{name}"')


def _version(value: object) -> int | None:
    if value is None or (type(value) is int and 0 <= value < 2**63):
        return value
    if isinstance(value, str) and _VERSION.fullmatch(value):
        return int(value)
    raise InvalidArgument(f'"version" has to be a version number, and is {str(value)[:60]!r}')


def _well_formed(text: str) -> str:
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
    return "null" if value is None else names.get(type(value), "a number")
