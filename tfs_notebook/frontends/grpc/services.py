"""``PredictionService`` and ``ModelService``: bytes in, the data plane, bytes out.

Each function takes a serialised request. Most return a serialised response; they
block and run on a thread of the run pool. Those that run a model return what is to
be run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from google.protobuf.message import DecodeError, Message

from tfs_notebook.frontends.model_messages import (
    SIGNATURE_DEF,
    metadata_response,
    status_response,
)
from tfs_notebook.serving.example_methods import CLASSIFY, REGRESS, ExampleMethod
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.wire.errors import Internal, InvalidArgument
from tfs_notebook.wire.example_requests import (
    ExamplesCall,
    parse_examples_request,
    parse_multi_inference_request,
)
from tfs_notebook.wire.inference_results import (
    encode_inference_response,
    encode_multi_inference_response,
)
from tfs_notebook.wire.messages import (
    ClassificationRequest,
    GetModelMetadataRequest,
    GetModelStatusRequest,
    Metric,
    ModelSpec,
    RegressionRequest,
    ReloadConfigRequest,
    ReloadConfigResponse,
    StatusProto,
)
from tfs_notebook.wire.model_spec import ModelReference, reference_of
from tfs_notebook.wire.predict import (
    encode_predict_response,
    is_parsed_at_once,
    parse_predict_request,
)

__all__ = ["CONTROL", "PREDICTIONS", "SERVICES", "Method", "PredictionMethod", "is_small"]

Method = Callable[[ModelServer, bytes], bytes]


class PredictionMethod(Protocol):
    """Understands a request that runs a model; the key is what a version sticks to."""

    def __call__(
        self, server: ModelServer, data: bytes, key: str | None = None, /
    ) -> Prediction[bytes]:
        """Give what is to be run."""


_M = TypeVar("_M", bound=Message)

# Parsed in some microseconds, with strings of one letter in 0.3 ms.
_SMALL_BYTES: Final = 32 * 1024


def _parse(kind: type[_M], data: bytes) -> _M:
    try:
        return kind.FromString(data)
    except DecodeError as error:
        raise Internal(f"Failed to parse a {kind.DESCRIPTOR.name}: {error}") from None


def _reference(request: Any) -> ModelReference | None:  # noqa: ANN401 - any request has the field
    spec: ModelSpec = request.model_spec
    return reference_of(spec) if request.HasField("model_spec") else None


def predict(server: ModelServer, data: bytes, key: str | None = None) -> Prediction[bytes]:
    """``PredictionService.Predict``."""
    call = parse_predict_request(data)
    model = server.hold(call.model, key)
    try:
        signature = model.signature(call.model.signature if call.model else "")
    except BaseException:
        model.release()
        raise
    encode = partial(
        encode_predict_response,
        model.reference(signature.name),
        as_content=server.answers_as_content,
    )
    return model.prediction(signature, call.inputs, encode, call.output_filter, sent=data)


def is_small(method: PredictionMethod, data: bytes) -> bool:
    """Whether it is a matter of microseconds to understand a request."""
    return len(data) <= _SMALL_BYTES or (method is predict and is_parsed_at_once(data))


def classify(server: ModelServer, data: bytes, key: str | None = None) -> Prediction[bytes]:
    """``PredictionService.Classify``."""
    call = parse_examples_request(data, ClassificationRequest)
    return _inference(server, CLASSIFY, call, data, key)


def regress(server: ModelServer, data: bytes, key: str | None = None) -> Prediction[bytes]:
    """``PredictionService.Regress``."""
    call = parse_examples_request(data, RegressionRequest)
    return _inference(server, REGRESS, call, data, key)


def _inference(
    server: ModelServer,
    method: ExampleMethod,
    call: ExamplesCall,
    data: bytes,
    key: str | None,
) -> Prediction[bytes]:
    model = server.hold(call.model, key)
    signature = call.model.signature if call.model else ""
    try:
        return model.inference(
            method, signature, call.examples, encode_inference_response, sent=data
        )
    except BaseException:
        model.release()
        raise


def multi_inference(
    server: ModelServer, data: bytes, key: str | None = None
) -> Prediction[bytes]:
    """``PredictionService.MultiInference``; the first task says which version answers all."""
    call = parse_multi_inference_request(data)
    first = call.tasks[0].model if call.tasks else None
    model = server.hold(first or ModelReference(""), key)
    try:
        return model.multi_inference(
            call.tasks, call.examples, encode_multi_inference_response, sent=data
        )
    except BaseException:
        model.release()
        raise


def get_model_metadata(server: ModelServer, data: bytes) -> bytes:
    """``PredictionService.GetModelMetadata``."""
    request = _parse(GetModelMetadataRequest, data)
    if not request.metadata_field:
        raise InvalidArgument(
            "GetModelMetadataRequest must specify at least one metadata_field"
        )
    for field in request.metadata_field:
        if field != SIGNATURE_DEF:
            raise InvalidArgument(f"Metadata field {field} is not supported")
    return metadata_response(server, _reference(request)).SerializeToString()


def get_model_status(server: ModelServer, data: bytes) -> bytes:
    """``ModelService.GetModelStatus``."""
    request = _parse(GetModelStatusRequest, data)
    states = server.version_states(_reference(request))
    return status_response(states).SerializeToString()


def handle_reload_config(server: ModelServer, data: bytes) -> bytes:
    """``ModelService.HandleReloadConfigRequest``; a failure is the call's own error.

    Of the metrics it names, those come back that are counters, with what the reload added;
    none where nothing is counted (``--monitoring_config_file``).
    """
    request = _parse(ReloadConfigRequest, data)
    counts = _none if server.monitoring is None else server.monitoring.counts
    before = counts(request.metric_names)
    server.reload(request.config)
    metrics = [
        Metric(name=name, int64_value_increase=max(0, after - before.get(name, 0)))
        for name, after in counts(request.metric_names).items()
    ]
    return ReloadConfigResponse(status=StatusProto(), metric=metrics).SerializeToString()


def _none(_names: Iterable[str]) -> dict[str, int]:
    return {}


SERVICES: Final[Mapping[str, Mapping[str, Method]]] = {
    "tensorflow.serving.PredictionService": {"GetModelMetadata": get_model_metadata},
    "tensorflow.serving.ModelService": {
        "GetModelStatus": get_model_status,
        "HandleReloadConfigRequest": handle_reload_config,
    },
}

PREDICTIONS: Final[Mapping[str, Mapping[str, PredictionMethod]]] = {
    "tensorflow.serving.PredictionService": {
        "Predict": predict,
        "Classify": classify,
        "Regress": regress,
        "MultiInference": multi_inference,
    }
}
"""Those that run a model, and may share that with others."""

CONTROL: Final = frozenset({get_model_metadata, get_model_status, handle_reload_config})
"""Methods that run no model: they are answered also while every run hangs."""
