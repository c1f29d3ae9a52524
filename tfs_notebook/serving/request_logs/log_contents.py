"""What a request log keeps of an answered request until it is written.

As little as possible is done on the thread that answers: bytes that have been sent are
kept as they are, arrays are copied. What has to be serialised is, on the thread that
writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
from google.protobuf.message import DecodeError, Message

from tfs_notebook.batching.task import Inputs, Outputs
from tfs_notebook.serving.example_methods import CLASSIFY, REGRESS, ExampleMethod
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.example_requests import encode_examples_request
from tfs_notebook.wire.inference_results import encode_inference_response
from tfs_notebook.wire.messages import (
    ClassificationRequest,
    MultiInferenceRequest,
    RegressionRequest,
)
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.predict import encode_predict_request, encode_predict_response
from tfs_notebook.wire.prediction_logs import LogKind

__all__ = [
    "Content",
    "ContentOf",
    "content_of_arrays",
    "content_of_examples",
    "content_of_message",
]

ContentOf: TypeAlias = Callable[[Outputs, Any], "Content"]
"""Makes the content of the outputs of a run and of the answer made of them."""

_OF_EXAMPLES: Final[Mapping[LogKind, type[Message]]] = {
    LogKind.CLASSIFY: ClassificationRequest,
    LogKind.REGRESS: RegressionRequest,
    LogKind.MULTI_INFERENCE: MultiInferenceRequest,
}
_KINDS: Final = {CLASSIFY.name: LogKind.CLASSIFY, REGRESS.name: LogKind.REGRESS}


class Content(Protocol):
    """A request and its response."""

    @property
    def kind(self) -> LogKind:
        """What was asked."""

    @property
    def size(self) -> int:
        """Bytes that it holds, more or less."""

    def encode(self) -> tuple[bytes, bytes]:
        """The request and the response, serialised.

        Raises:
            ServingError: there is no such message of them.
        """


def content_of_message(kind: LogKind, request: bytes) -> ContentOf:
    """Of a request that came as a message, and whose answer is one, serialised."""
    return lambda _outputs, answer: _Sent(kind, request, answer)


def content_of_arrays(
    asked: ModelReference,
    answering: ModelReference,
    inputs: Inputs,
    output_filter: Sequence[str],
    sent: bytes | None,
) -> ContentOf:
    """Of a prediction.

    Args:
        asked: what the request said of the model, and the signature.
        answering: what answered.
        inputs: array and ``DataType`` number by alias.
        output_filter: the outputs wanted.
        sent: the request, if it came as a message; then nothing else is looked at.
    """
    if sent is not None:
        return content_of_message(LogKind.PREDICT, sent)
    return lambda outputs, _: _Arrays(asked, answering, inputs, output_filter, outputs)


def content_of_examples(
    method: ExampleMethod,
    asked: ModelReference,
    answering: ModelReference,
    examples: Sequence[bytes],
    sent: bytes | None,
) -> ContentOf:
    """Of a Classify or Regress.

    Args:
        method: one of the two.
        asked: as in :func:`content_of_arrays`.
        answering: as there.
        examples: serialised, each with its context.
        sent: as there.
    """
    if sent is not None:
        return content_of_message(_KINDS[method.name], sent)
    return lambda outputs, _: _Examples(method, asked, answering, examples, outputs)


@dataclass(frozen=True, slots=True)
class _Sent:
    """Of a request that came as a message."""

    kind: LogKind
    request: bytes
    response: bytes

    @property
    def size(self) -> int:
        """See :class:`Content`."""
        return len(self.request) + len(self.response)

    def encode(self) -> tuple[bytes, bytes]:
        """See :class:`Content`."""
        return _with_whole_examples(self.kind, self.request), self.response


class _Arrays:
    """Of a prediction that came in another form: as JSON, as text, as arrays.

    The inputs are copied, for they belong to who asked, and the outputs, for they may
    lie in the memory of a whole batch.
    """

    __slots__ = ("_answering", "_asked", "_inputs", "_output_filter", "_outputs", "size")

    kind = LogKind.PREDICT

    def __init__(
        self,
        asked: ModelReference,
        answering: ModelReference,
        inputs: Inputs,
        output_filter: Sequence[str],
        outputs: Outputs,
    ) -> None:
        self._asked = asked
        self._answering = answering
        self._inputs = {
            alias: (array.copy(), dtype) for alias, (array, dtype) in inputs.items()
        }
        self._output_filter = output_filter
        self._outputs = _copied(outputs)
        self.size = sum(_size(array) for array, _ in self._inputs.values())
        self.size += sum(map(_size, self._outputs.values()))

    def encode(self) -> tuple[bytes, bytes]:
        """See :class:`Content`."""
        return (
            encode_predict_request(self._asked, self._inputs, self._output_filter),
            encode_predict_response(self._answering, self._outputs),
        )


class _Examples:
    """Of a Classify or Regress that came as JSON."""

    __slots__ = ("_answering", "_asked", "_examples", "_method", "_outputs", "kind", "size")

    def __init__(
        self,
        method: ExampleMethod,
        asked: ModelReference,
        answering: ModelReference,
        examples: Sequence[bytes],
        outputs: Outputs,
    ) -> None:
        self.kind = _KINDS[method.name]
        self._method = method
        self._asked = asked
        self._answering = answering
        self._examples = examples
        self._outputs = _copied(outputs)
        self.size = sum(map(len, examples)) + sum(map(_size, self._outputs.values()))

    def encode(self) -> tuple[bytes, bytes]:
        """See :class:`Content`."""
        result = self._method.result(self._outputs, len(self._examples))
        request = encode_examples_request(self._asked, self._examples)
        return (
            _with_whole_examples(self.kind, request),
            encode_inference_response(self._answering, result),
        )


def _with_whole_examples(kind: LogKind, request: bytes) -> bytes:
    """The request, unless nobody could read it.

    Examples go to the model as they came, and TensorFlow reads some that are none: names
    that are no UTF-8, say. In a file such a record would spoil all that come after it.

    Raises:
        InvalidArgument: there is something in it that is no message.
    """
    message = _OF_EXAMPLES.get(kind)
    if message is not None:
        try:
            message.FromString(request)
        except DecodeError as error:
            raise InvalidArgument(f"the examples of a request are none: {error}") from None
    return request


def _copied(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {alias: array.copy() for alias, array in arrays.items()}


def _size(array: np.ndarray) -> int:
    if array.dtype.hasobject:
        return sum(map(len, array.reshape(-1).tolist())) + array.nbytes
    return array.nbytes
