"""The way to a server over its REST API."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote

import numpy as np
from google.protobuf import json_format

from tfs_notebook.client.batching_settings import BatchingSettings, batching_settings
from tfs_notebook.client.example_calls import (
    examples_body,
    parse_classify_body,
    parse_regress_body,
)
from tfs_notebook.client.http_door import HttpDoor, HttpExchange, Reply
from tfs_notebook.client.model_list import ServedModel, served_models
from tfs_notebook.client.raw_answers import PipelineFacts, pipeline_facts, raw_answer
from tfs_notebook.client.request_id import HEADER
from tfs_notebook.client.statistics import (
    ModelStatistics,
    model_statistics,
    statistics_by_model,
)
from tfs_notebook.client.transport import (
    Answer,
    ModelMetadata,
    VersionStatus,
    signatures_of,
    statuses_of,
)
from tfs_notebook.wire.errors import Internal, InvalidArgument
from tfs_notebook.wire.json_responses import encode_inputs
from tfs_notebook.wire.json_tensors import parse_predict_body
from tfs_notebook.wire.messages import POOL, GetModelStatusResponse, SignatureDefMap
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["HttpTransport", "predict_outputs"]

_LONGEST_HEAD: Final = 64
_NO_HEADERS: Final[Mapping[str, str]] = {}

T = TypeVar("T")


class HttpTransport:
    """REST requests to one server; see :class:`~tfs_notebook.client.transport.Transport`."""

    def __init__(self, door: HttpDoor, headers: Mapping[str, str] = _NO_HEADERS) -> None:
        self._door = door
        self._headers = headers

    def predict(
        self,
        model: ModelReference,
        inputs: Mapping[str, tuple[np.ndarray, int]],
        metadata: ModelMetadata,
        timeout: float,
    ) -> _HttpCall[Answer]:
        """Run a signature; REST does not say which version answers."""
        try:
            body = encode_inputs(inputs, model.signature)
        except InvalidArgument as error:
            raise InvalidArgument(
                f"{error.message}: JSON cannot hold it. Connect to the gRPC address instead"
            ) from None

        def parse(data: bytes) -> Answer:
            return None, predict_outputs(data, metadata, model.signature)

        return self._call("POST", f"{_path_of(model)}:predict", body, timeout, parse)

    def classify(
        self, model: ModelReference, examples: Sequence[bytes], timeout: float
    ) -> _HttpCall[Answer]:
        """Classify examples."""
        path, body = f"{_path_of(model)}:classify", examples_body(model, examples)
        return self._call("POST", path, body, timeout, parse_classify_body)

    def regress(
        self, model: ModelReference, examples: Sequence[bytes], timeout: float
    ) -> _HttpCall[Answer]:
        """Give each example a number."""
        path, body = f"{_path_of(model)}:regress", examples_body(model, examples)
        return self._call("POST", path, body, timeout, parse_regress_body)

    def metadata(self, model: ModelReference, timeout: float) -> _HttpCall[ModelMetadata]:
        """Ask what a model offers."""

        def parse(data: bytes) -> ModelMetadata:
            return _metadata(self._door.document(data), model.name)

        return self._call("GET", f"{_path_of(model)}/metadata", None, timeout, parse)

    def status(self, model: ModelReference, timeout: float) -> _HttpCall[list[VersionStatus]]:
        """Ask for the states of a model's versions."""

        def parse(data: bytes) -> list[VersionStatus]:
            return _statuses(self._door.document(data))

        return self._call("GET", _path_of(model), None, timeout, parse)

    def models(self, timeout: float) -> _HttpCall[list[ServedModel]]:
        """Ask which models there are; TensorFlow Serving cannot tell."""

        def parse(data: bytes) -> list[ServedModel]:
            return served_models(self._door.document(data))

        return self._call("GET", "/v1/models", None, timeout, parse)

    def statistics(self, model: ModelReference, timeout: float) -> _HttpCall[ModelStatistics]:
        """Ask what was counted of a model; TensorFlow Serving cannot tell."""

        def parse(data: bytes) -> ModelStatistics:
            return model_statistics(model.name, self._door.document(data))

        return self._call("GET", f"{_v2_path_of(model)}/stats", None, timeout, parse)

    def all_statistics(self, timeout: float) -> _HttpCall[dict[str, ModelStatistics]]:
        """Ask what was counted of all models, by their names; likewise."""

        def parse(data: bytes) -> dict[str, ModelStatistics]:
            return statistics_by_model(self._door.document(data))

        return self._call("GET", "/v2/models/stats", None, timeout, parse)

    def overview(self, timeout: float) -> _HttpCall[Any]:
        """Ask for all there is to see of the server, as JSON; TensorFlow Serving has none."""
        return self._call("GET", "/v2/repository/overview", None, timeout, self._door.document)

    def metrics_page(self, path: str, timeout: float) -> _HttpCall[str]:
        """Ask for the page that Prometheus reads."""
        return self._call(
            "GET", path, None, timeout, lambda data: data.decode("utf-8", "replace")
        )

    def pipeline(self, model: ModelReference, timeout: float) -> _HttpCall[PipelineFacts]:
        """Ask what raw input a version takes; TensorFlow Serving cannot tell."""

        def parse(data: bytes) -> PipelineFacts:
            return pipeline_facts(self._door.document(data))

        return self._call("GET", f"{_v2_path_of(model)}/pipeline", None, timeout, parse)

    def batching(self, model: ModelReference, timeout: float) -> _HttpCall[BatchingSettings]:
        """Ask how a model's requests are put together; TensorFlow Serving cannot tell."""
        return self._call("GET", _batching_path_of(model), None, timeout, self._settings)

    def set_batching(
        self, model: ModelReference, parameters: Mapping[str, object], timeout: float
    ) -> _HttpCall[BatchingSettings]:
        """Change that."""
        try:
            body = json.dumps({"parameters": {**parameters, "timeout": timeout}}).encode()
        except (TypeError, ValueError) as error:
            raise InvalidArgument(
                f"parameters of batching are numbers, true or false, or lists: {error}"
            ) from None
        return self._call("POST", _batching_path_of(model), body, timeout, self._settings)

    def repository(
        self,
        model: ModelReference,
        verb: str,
        parameters: Mapping[str, object] | None,
        timeout: float,
    ) -> _HttpCall[Any]:
        """Ask what the server's repository tells of a model, or change that; any JSON.

        Args:
            model: its name is meant.
            verb: what of it.
            parameters: of the change; None to ask.
            timeout: seconds.

        Raises:
            InvalidArgument: they cannot be said in JSON.
        """
        path = f"/v2/repository/models/{quote(model.name, safe='')}/{verb}"
        if parameters is None:
            return self._call("GET", path, None, timeout, self._door.document)
        try:
            # Integers of NumPy's, versions say, are not JSON's.
            body = json.dumps(
                {"parameters": {**parameters, "timeout": timeout}}, default=operator.index
            ).encode()
        except (TypeError, ValueError) as error:
            raise InvalidArgument(f"this cannot be said in JSON: {error}") from None
        return self._call("POST", path, body, timeout, self._door.document)

    def _settings(self, data: bytes) -> BatchingSettings:
        return batching_settings(self._door.document(data))

    def predict_raw(self, body: bytes, timeout: float) -> _HttpCall[Answer]:
        """Have texts or images judged.

        Args:
            body: as ``POST /predict`` takes it in JSON, with a list of them.
            timeout: seconds.
        """

        def parse(reply: Reply) -> Answer:
            return reply.version, raw_answer(self._door.document(reply.data))

        request = _Request(self._door, "POST", "/predict", body, timeout, self._headers)
        return _HttpCall(request, parse)

    def exchange(self, path: str, body: bytes, timeout: float) -> _HttpCall[Reply]:
        """POST what somebody else has made, and have the answer as it came.

        Args:
            path: below the server's address.
            body: JSON.
            timeout: seconds.
        """
        request = _Request(self._door, "POST", path, body, timeout, self._headers)
        return _HttpCall(request, lambda reply: reply)

    def keyed(self, request_id: str | None) -> HttpTransport:
        """The same door, at which requests carry this id."""
        if request_id is None:
            return self
        return HttpTransport(self._door, {HEADER: request_id})

    def close(self) -> None:
        """Hang up; idempotent."""
        self._door.close()

    def _call(
        self,
        method: str,
        path: str,
        body: bytes | None,
        timeout: float,
        parse: Callable[[bytes], T],
    ) -> _HttpCall[T]:
        request = _Request(self._door, method, path, body, timeout, self._headers)
        return _HttpCall(request, lambda reply: parse(reply.data))


@dataclass(frozen=True, slots=True)
class _Request:
    door: HttpDoor
    method: str
    path: str
    body: bytes | None
    timeout: float
    headers: Mapping[str, str]


class _HttpCall(Generic[T]):
    """See :class:`~tfs_notebook.client.calls.Call`."""

    def __init__(self, request: _Request, parse: Callable[[Reply], T]) -> None:
        self._request = request
        self._parse = parse

    def wait(self) -> T:
        one = self._request
        return self._parse(
            one.door.request(
                one.method, one.path, one.body, timeout=one.timeout, headers=one.headers
            )
        )

    def start(self) -> _HttpPending[T]:
        one = self._request
        exchange = one.door.start(
            one.method, one.path, one.body, timeout=one.timeout, headers=one.headers
        )
        return _HttpPending(exchange, self._parse)


class _HttpPending(Generic[T]):
    """See :class:`~tfs_notebook.client.calls.Pending`."""

    def __init__(self, exchange: HttpExchange, parse: Callable[[Reply], T]) -> None:
        self._exchange = exchange
        self._parse = parse

    def wait(self) -> T:
        return self._parse(self._exchange.wait())

    def start(self) -> _HttpPending[T]:
        return self

    def cancel(self) -> None:
        self._exchange.cancel()

    def add_done_callback(self, callback: Callable[[], None]) -> None:
        self._exchange.add_done_callback(callback)


def _metadata(answer: Any, name: str) -> ModelMetadata:  # noqa: ANN401 - any JSON
    try:
        definitions = json_format.ParseDict(
            answer["metadata"]["signature_def"],
            SignatureDefMap(),
            ignore_unknown_fields=True,
            descriptor_pool=POOL,
        )
        version = int(answer["model_spec"]["version"])
    except (KeyError, TypeError, ValueError, json_format.ParseError) as error:
        raise Internal(f"this is no answer to a metadata request: {error}") from None
    return ModelMetadata(name, version, signatures_of(definitions))


def _statuses(answer: Any) -> list[VersionStatus]:  # noqa: ANN401 - any JSON
    try:
        response = json_format.ParseDict(answer, GetModelStatusResponse(), descriptor_pool=POOL)
    except json_format.ParseError as error:
        raise Internal(f"this is no answer to a status request: {error}") from None
    return statuses_of(response)


def _path_of(model: ModelReference) -> str:
    path = f"/v1/models/{quote(model.name, safe='')}"
    if model.version is not None:
        return f"{path}/versions/{model.version}"
    return path if model.label is None else f"{path}/labels/{quote(model.label, safe='')}"


def _v2_path_of(model: ModelReference) -> str:
    path = f"/v2/models/{quote(model.name, safe='')}"
    return path if model.version is None else f"{path}/versions/{model.version}"


def _batching_path_of(model: ModelReference) -> str:
    return f"/v2/repository/models/{quote(model.name, safe='')}/batching"


def predict_outputs(
    data: bytes, metadata: ModelMetadata, signature: str
) -> dict[str, np.ndarray]:
    """The outputs in an answer to a predict request in the column format.

    Raises:
        Internal: it is no such answer.
    """
    # Answers in the column format are laid out as requests are, under another key, which
    # is the first word there is.
    head, body = data[:_LONGEST_HEAD], data[_LONGEST_HEAD:]
    if b'"outputs"' not in head:
        raise Internal(
            f"this is no answer to a predict request: {head.decode(errors='replace')}"
        )
    request = head.replace(b'"outputs"', b'"inputs"', 1) + body
    specs = metadata.signature(signature).outputs
    return parse_predict_body(request).tensors(specs)[0]
