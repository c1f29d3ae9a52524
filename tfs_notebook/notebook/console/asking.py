"""One question to a model: how it is sent, and how the answer is read."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from tfs_notebook.client import ModelHandle
from tfs_notebook.client.asynchronous import run_steps_async
from tfs_notebook.client.blocking_call import BlockingCall
from tfs_notebook.client.calls import ask
from tfs_notebook.client.example_calls import (
    examples_body,
    parse_classify_body,
    parse_regress_body,
)
from tfs_notebook.client.feature_rows import serialized_examples
from tfs_notebook.client.given import as_given
from tfs_notebook.client.http_door import Reply
from tfs_notebook.client.http_transport import predict_outputs
from tfs_notebook.client.inputs import Inputs
from tfs_notebook.client.raw_values import image_bytes
from tfs_notebook.client.rest_code import method_path
from tfs_notebook.client.transport import ModelMetadata
from tfs_notebook.notebook.console.forms import Form
from tfs_notebook.notebook.console.questions import Answer, Input, Judged, Word, lines_of
from tfs_notebook.notebook.typed_input import line_value
from tfs_notebook.wire.errors import Internal, InvalidArgument
from tfs_notebook.wire.json_responses import encode_inputs
from tfs_notebook.wire.predict_sample import has_json_form
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature

__all__ = ["ask_model", "given_value"]

_PATH: Final = "/predict"
_LABELS_TOLD: Final = 5
_MOST_TEXTS: Final = 100
# Values of a request that is still one that a person would read.
_MOST_VALUES: Final = 100_000
_LONGEST_SHOWN: Final = 20_000
_STEP: Final = re.compile(r"(?P<step>[a-z]+);dur=(?P<took>[0-9]+(?:\.[0-9]+)?)")


def given_value(form: Form, given: Input, names: Mapping[str, Any]) -> object:
    """What was filled in, as :meth:`ModelHandle.predict` takes it. Reads no files.

    Args:
        form: what is asked.
        given: what was filled in.
        names: the variables of the notebook; they are looked up, nothing is evaluated.

    Raises:
        InvalidArgument: there is nothing, or it is no such input.
    """
    if form.kind == "text":
        texts = lines_of(given)
        if not texts:
            raise InvalidArgument("there is no text yet: type or paste one, then send it")
        if len(texts) > _MOST_TEXTS:
            raise InvalidArgument(
                f"these are {len(texts)} texts; the console takes {_MOST_TEXTS}. More of them: "
                "predict(texts) in a cell"
            )
        return texts if len(texts) > 1 else texts[0]
    if form.kind == "image":
        if given.upload:
            return given.upload
        if not given.path.strip():
            raise InvalidArgument("there is no image yet: choose a file, or type its path")
        return str(Path(given.path.strip()).expanduser())
    if not given.text.strip():
        raise InvalidArgument(
            "there is no input yet: type JSON, as [1.0, 2.0], or the name of a variable"
        )
    if form.kind == "examples":
        return _examples(given.text, names)
    return line_value(given.text, names)


def _examples(text: str, names: Mapping[str, Any]) -> object:
    # In a DataFrame each would have the features of all, and whole numbers would be floats.
    try:
        value = json.loads(text)
    except ValueError:
        return line_value(text, names)
    is_body = isinstance(value, dict) and isinstance(value.get("examples"), list)
    return value["examples"] if is_body else value


async def ask_model(
    handle: ModelHandle, metadata: ModelMetadata, form: Form, value: object, timeout: float
) -> Answer:
    """Send it once, and read the answer; cancelling the task cancels the request.

    Over REST where that is known, so that request and answer can be read.

    Args:
        handle: of the model, version or label.
        metadata: what it offers.
        form: how it is asked.
        value: of :func:`given_value`.
        timeout: seconds.

    Raises:
        InvalidArgument: the value does not fit.
        ServingError: what the server says.
    """
    if form.pipeline is not None:
        return await _ask_pipeline(handle, form, value, timeout)
    if handle.access.rest_address is None or _needs_grpc(handle, form.signature):
        return await _ask_client(handle, form, value, timeout)
    if form.kind == "examples":
        return await _ask_with_examples(handle, form, value, timeout)
    inputs = as_given(value, {}, form.signature).inputs
    if sum(array.size for array, _ in inputs.values()) > _MOST_VALUES:
        return await _ask_client(handle, form, value, timeout)
    return await _ask_signature(handle, metadata, form, inputs, timeout)


def _needs_grpc(handle: ModelHandle, signature: Signature) -> bool:
    """Whether REST has no way to ask or answer, and there is another."""
    specs = (*signature.inputs.values(), *signature.outputs.values())
    fits = bool(signature.inputs) and all(has_json_form(spec.dtype) for spec in specs)
    return not fits and handle.access.address.protocol == "grpc"


async def _ask_pipeline(
    handle: ModelHandle, form: Form, value: object, timeout: float
) -> Answer:
    body = await _raw_body(handle, form, value)
    sent = json.dumps(body, ensure_ascii=False)
    reply, seconds = await _exchange(handle, _PATH, sent.encode("utf-8", "replace"), timeout)
    shown = body if form.kind == "text" else {**body, "images": [{"b64": "…"}]}
    return Answer(
        reply.version,
        seconds,
        judged=_judged(reply.data),
        timing=_timing(reply.timing),
        request=_shown_request(_PATH, json.dumps(shown, ensure_ascii=False)),
        response=_shown(reply.data.decode("utf-8", "replace")),
    )


async def _raw_body(handle: ModelHandle, form: Form, value: object) -> dict[str, object]:
    body: dict[str, object] = {"model": handle.name}
    if handle.reference.version is not None:
        body["version"] = handle.reference.version
    if handle.reference.label is not None:
        body["label"] = handle.reference.label
    body["k"] = _LABELS_TOLD
    if form.kind == "text":
        texts = value if isinstance(value, list) else [value]
        return {"texts": texts, **body, "words": True}
    read: BlockingCall[bytes] = BlockingCall(partial(image_bytes, value))
    image = await run_steps_async(ask(read))
    return {"images": [{"b64": base64.b64encode(image).decode()}], **body}


def _timing(header: str) -> dict[str, float]:
    return {found["step"]: float(found["took"]) for found in _STEP.finditer(header)}


def _judged(data: bytes) -> tuple[Judged, ...]:
    try:
        return tuple(_record(one) for one in json.loads(data)["data"])
    except (KeyError, TypeError, ValueError) as error:
        raise Internal(f"this is no answer to raw input: {error!r}") from None


def _record(one: Mapping[str, Any]) -> Judged:
    top = one.get("top") or [{"label": one["label"], "score": one["score"]}]
    words = tuple(
        Word(str(word["word"]), str(word["known"]), word["place"] is not None)
        for word in one.get("words", ())
    )
    scores = tuple((str(each["label"]), _number(each["score"])) for each in top)
    return Judged(str(one.get("text", "")), scores, words)


def _number(score: float | None) -> float:
    return float("nan") if score is None else float(score)


async def _ask_signature(
    handle: ModelHandle, metadata: ModelMetadata, form: Form, inputs: Inputs, timeout: float
) -> Answer:
    name = "" if form.signature.name == DEFAULT_SIGNATURE else form.signature.name
    path = method_path(handle.reference, "predict")
    body = encode_inputs(inputs, name)
    reply, seconds = await _exchange(handle, path, body, timeout)
    return Answer(
        reply.version,
        seconds,
        outputs=predict_outputs(reply.data, metadata, name),
        request=_shown_request(path, body.decode()),
        response=_shown(reply.data.decode("utf-8", "replace")),
    )


async def _ask_with_examples(
    handle: ModelHandle, form: Form, value: object, timeout: float
) -> Answer:
    path = method_path(handle.reference, form.method)
    reference = replace(handle.reference, signature=form.signature.name)
    body = examples_body(reference, serialized_examples(value))
    reply, seconds = await _exchange(handle, path, body, timeout)
    parse = parse_classify_body if form.method == "classify" else parse_regress_body
    _, outputs = parse(reply.data)
    return Answer(
        reply.version,
        seconds,
        judged=_classes(outputs, form.signature),
        outputs={} if form.method == "classify" else outputs,
        request=_shown_request(path, body.decode()),
        response=_shown(reply.data.decode("utf-8", "replace")),
    )


def _classes(outputs: Mapping[str, np.ndarray], signature: Signature) -> tuple[Judged, ...]:
    if "scores" not in outputs:
        return ()
    # As TensorFlow Serving has it: 0 for scores that are not told, "" for labels.
    has_scores = "scores" in signature.outputs
    rows = zip(outputs["labels"], outputs["scores"], strict=True)
    return tuple(Judged("", _likeliest(*row), has_scores=has_scores) for row in rows)


def _likeliest(
    labels: Iterable[object], scores: Iterable[float]
) -> tuple[tuple[str, float], ...]:
    pairs = [
        (str(label) or f"#{place}", float(score))
        for place, (label, score) in enumerate(zip(labels, scores, strict=True))
    ]
    return tuple(sorted(pairs, key=lambda pair: -pair[1])[:_LABELS_TOLD])


async def _ask_client(handle: ModelHandle, form: Form, value: object, timeout: float) -> Answer:
    name = form.signature.name
    started = time.perf_counter()
    if form.method == "classify":
        scores: Any = await handle.classify_async(value, signature=name, timeout=timeout)
        outputs: Any = {"labels": scores.labels, "scores": scores.scores}
    elif form.method == "regress":
        outputs = await handle.regress_async(value, signature=name, timeout=timeout)
    else:
        outputs = await handle.predict_async(value, signature=name, timeout=timeout, wait=0)
    seconds = time.perf_counter() - started
    found = _by_name(outputs, form)
    way = (
        "gRPC" if handle.access.address.protocol == "grpc" else "REST, in parts if it is large"
    )
    told = f"{form.method} of {handle.name}, signature {name}, over {way}"
    judged = _classes(found, form.signature) if form.method == "classify" else ()
    return Answer(None, seconds, judged, {} if judged else found, request=told)


def _by_name(outputs: Any, form: Form) -> dict[str, np.ndarray]:  # noqa: ANN401 - any of them
    if isinstance(outputs, dict):
        return outputs
    if isinstance(outputs, np.ndarray):
        name = next(iter(form.signature.outputs), "output")
        return {name: outputs}
    return {str(column): outputs[column].to_numpy() for column in outputs.columns}


async def _exchange(
    handle: ModelHandle, path: str, body: bytes, timeout: float
) -> tuple[Reply, float]:
    transport = handle.access.rest("the console")
    started = time.perf_counter()
    reply = await run_steps_async(ask(transport.exchange(path, body, timeout)))
    return reply, time.perf_counter() - started


def _shown_request(path: str, body: str) -> str:
    return f"POST {path}\n\n{_shown(body)}"


def _shown(text: str) -> str:
    rest = len(text) - _LONGEST_SHOWN
    return text if rest <= 0 else f"{text[:_LONGEST_SHOWN]}\n… {rest} more characters"
