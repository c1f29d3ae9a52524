"""Requests that carry examples: Classify, Regress and MultiInference.

The examples are cut out of a request's bytes and are never parsed here: the model's
graph does that, and takes them serialised. Serialised messages that follow one another
are one merged message, so a context goes in front of each example, whose features
then go before those of the context.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from google.protobuf.message import DecodeError

from tfs_notebook.wire.errors import Internal
from tfs_notebook.wire.messages import (
    ClassificationRequest,
    Input,
    MultiInferenceRequest,
    RegressionRequest,
    SerializedInput,
)
from tfs_notebook.wire.messages import InferenceTask as TaskMessage
from tfs_notebook.wire.model_spec import (
    ModelReference,
    model_spec_to_wire,
    reference_of,
    reference_of_wire,
)
from tfs_notebook.wire.usual_fields import UnusualError, length_delimited
from tfs_notebook.wire.varints import VarintTooLongError, encode_varint

__all__ = [
    "ExamplesCall",
    "ExamplesRequest",
    "InferenceTask",
    "MultiInferenceCall",
    "encode_examples_request",
    "parse_examples_request",
    "parse_multi_inference_request",
]

ExamplesRequest: TypeAlias = type[ClassificationRequest] | type[RegressionRequest]
"""The two messages that differ in their names alone."""

_MODEL_SPEC, _TASKS, _INPUT = 0x0A, 0x0A, 0x12
_EXAMPLE_LIST, _WITH_CONTEXT = 0x0A, 0x12
_EXAMPLE, _CONTEXT = 0x0A, 0x12
_UNUSUAL = (UnusualError, IndexError, VarintTooLongError)


@dataclass(slots=True)
class ExamplesCall:
    """A Classify or Regress request as the data plane takes it.

    Attributes:
        model: which model, version or label, and which signature; None if the
            request does not say.
        examples: serialised, each with its context; empty if there are none.
    """

    model: ModelReference | None
    examples: list[bytes]


@dataclass(frozen=True, slots=True)
class InferenceTask:
    """One part of a MultiInference.

    Attributes:
        model: which model and which signature; None if the task does not say.
        method_name: ``tensorflow/serving/classify`` or ``tensorflow/serving/regress``.
    """

    model: ModelReference | None
    method_name: str


@dataclass(slots=True)
class MultiInferenceCall:
    """A MultiInference request as the data plane takes it.

    Attributes:
        tasks: in their order.
        examples: as in :class:`ExamplesCall`.
    """

    tasks: Sequence[InferenceTask]
    examples: list[bytes]


def parse_examples_request(data: bytes, message: ExamplesRequest) -> ExamplesCall:
    """Take a serialised request apart.

    Args:
        data: the request.
        message: what it is.

    Raises:
        Internal: it is not (the code gRPC gives to that).
    """
    try:
        return _usual_examples_request(data)
    except _UNUSUAL:
        pass
    try:
        request = message.FromString(data)
    except DecodeError as error:
        raise _broken(message.DESCRIPTOR.name, error) from None
    model = reference_of(request.model_spec) if request.HasField("model_spec") else None
    return ExamplesCall(model, _examples_of_message(request.input))


def _usual_examples_request(data: bytes) -> ExamplesCall:
    position, end = 0, len(data)
    model: ModelReference | None = None
    examples: list[bytes] | None = None
    while position < end:
        tag = data[position]
        start, position = length_delimited(data, position + 1, end)
        if tag == _INPUT and examples is None:
            examples = _usual_input(data, start, position)
        elif tag == _MODEL_SPEC and model is None:
            model = reference_of_wire(data[start:position])
        else:
            raise UnusualError
    return ExamplesCall(model, examples or [])


def encode_examples_request(model: ModelReference, examples: Sequence[bytes]) -> bytes:
    """Serialise a Classify or Regress request.

    Args:
        model: name, version or label, and signature.
        examples: serialised, each with its context if there is one.
    """
    pieces = [_field(_EXAMPLE, example) for example in examples]
    return _field(_MODEL_SPEC, model_spec_to_wire(model)) + _field(
        _INPUT, _field(_EXAMPLE_LIST, b"".join(pieces))
    )


def _field(tag: int, content: bytes) -> bytes:
    return bytes((tag,)) + encode_varint(len(content)) + content


def parse_multi_inference_request(data: bytes) -> MultiInferenceCall:
    """Take a serialised ``MultiInferenceRequest`` apart.

    Raises:
        Internal: it is none.
    """
    try:
        return _usual_multi_inference_request(data)
    except _UNUSUAL:
        pass
    try:
        request = MultiInferenceRequest.FromString(data)
    except DecodeError as error:
        raise _broken("MultiInferenceRequest", error) from None
    tasks = [_task_of_message(task) for task in request.tasks]
    return MultiInferenceCall(tasks, _examples_of_message(request.input))


def _usual_multi_inference_request(data: bytes) -> MultiInferenceCall:
    position, end = 0, len(data)
    tasks: list[InferenceTask] = []
    examples: list[bytes] | None = None
    while position < end:
        tag = data[position]
        start, position = length_delimited(data, position + 1, end)
        if tag == _INPUT and examples is None:
            examples = _usual_input(data, start, position)
        elif tag == _TASKS:
            tasks.append(_task_of_wire(data[start:position]))
        else:
            raise UnusualError
    return MultiInferenceCall(tasks, examples or [])


@functools.lru_cache(maxsize=1024)
def _task_of_wire(data: bytes) -> InferenceTask:
    try:
        return _task_of_message(TaskMessage.FromString(data))
    except DecodeError:
        raise UnusualError from None


def _task_of_message(task: TaskMessage) -> InferenceTask:
    model = reference_of(task.model_spec) if task.HasField("model_spec") else None
    return InferenceTask(model, task.method_name)


def _usual_input(data: bytes, position: int, end: int) -> list[bytes]:
    if position == end:
        return []
    kind = data[position]
    position, stop = length_delimited(data, position + 1, end)
    if stop != end or kind not in (_EXAMPLE_LIST, _WITH_CONTEXT):
        raise UnusualError
    examples: list[bytes] = []
    context: bytes | None = None
    while position < end:
        tag = data[position]
        start, position = length_delimited(data, position + 1, end)
        if tag == _EXAMPLE:
            examples.append(data[start:position])
        elif tag == _CONTEXT and kind == _WITH_CONTEXT and context is None:
            context = data[start:position]
        else:
            raise UnusualError
    return [context + example for example in examples] if context else examples


def _examples_of_message(message: Input) -> list[bytes]:
    # The same bytes, read so that each example is left as it is.
    serialized = SerializedInput.FromString(message.SerializeToString())
    if serialized.HasField("example_list_with_context"):
        with_context = serialized.example_list_with_context
        return [with_context.context + example for example in with_context.examples]
    return list(serialized.example_list.examples)


def _broken(name: str, error: DecodeError) -> Internal:
    return Internal(f"Failed to parse a {name}: {error}")
