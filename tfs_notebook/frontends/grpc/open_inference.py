"""``inference.GRPCInferenceService``: the Open Inference Protocol, with Triton's additions.

Models are loaded and unloaded under the rules of
:class:`~tfs_notebook.frontends.rest.control_access.ControlAccess`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar

import grpc.aio
import orjson
from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message

from tfs_notebook.frontends.grpc.counted_calls import Call, counted_call
from tfs_notebook.frontends.inference_calls import prediction_of
from tfs_notebook.frontends.request_key import key_in_metadata
from tfs_notebook.frontends.rest.control_access import ControlAccess
from tfs_notebook.frontends.rest.control_bodies import (
    Parameters,
    read_load,
    read_parameters,
    read_timeout,
)
from tfs_notebook.frontends.rest.repository import index, is_ready, metadata
from tfs_notebook.frontends.rest.statistics import statistics
from tfs_notebook.frontends.rest.v2 import SERVER_METADATA
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.request_runner import RequestRunner
from tfs_notebook.wire.errors import Internal, InvalidArgument
from tfs_notebook.wire.messages import (
    ModelMetadataRequest,
    ModelMetadataResponse,
    ModelReadyRequest,
    ModelReadyResponse,
    ModelRepositoryParameter,
    ModelStatisticsRequest,
    ModelStatisticsResponse,
    RepositoryIndexRequest,
    RepositoryIndexResponse,
    RepositoryModelLoadRequest,
    RepositoryModelLoadResponse,
    RepositoryModelUnloadRequest,
    RepositoryModelUnloadResponse,
    ServerLiveResponse,
    ServerMetadataResponse,
    ServerReadyResponse,
)
from tfs_notebook.wire.open_inference import version_named
from tfs_notebook.wire.open_inference_messages import (
    encode_infer_message,
    model_asked_for,
    parse_infer_message,
)

__all__ = ["INFERENCE_SERVICE", "STREAM_INFER", "OpenInferenceService"]

INFERENCE_SERVICE: Final = "inference.GRPCInferenceService"
STREAM_INFER: Final = "ModelStreamInfer"

# Parsed in some tens of microseconds, typed numbers in 0.3 ms.
_SMALL_BYTES: Final = 16 * 1024

_M = TypeVar("_M", bound=Message)
_Context: TypeAlias = "grpc.aio.ServicerContext[bytes, bytes]"
_Method: TypeAlias = "Callable[[ModelServer, bytes], Message]"


class OpenInferenceService:
    """The service's methods; belongs to the thread of a loop.

    Args:
        server: the data plane.
        runner: runs models.
        control: looks things up.
        changes: changes models, which may take minutes.
        access: says who may change them.
        is_guarded: whether every call over TCP has shown a token (``--grpc_token_file``).
    """

    def __init__(
        self,
        server: ModelServer,
        runner: RequestRunner,
        control: RequestRunner,
        changes: RequestRunner,
        access: ControlAccess,
        *,
        is_guarded: bool,
    ) -> None:
        self._server = server
        self._runner = runner
        self._control = control
        self._changes = changes
        self._access = access
        self._is_guarded = is_guarded

    def methods(self) -> Mapping[str, Call]:
        """The methods that are no streams, by their names."""
        return {
            "ServerLive": self.server_live,
            "ServerReady": self.server_ready,
            "ServerMetadata": self.server_metadata,
            "ModelInfer": self.infer(),
            **{name: self._looked_up(method) for name, method in _LOOK_UPS.items()},
            **{name: self._changed(method) for name, method in _CHANGES.items()},
        }

    def infer(self) -> Call:
        """``ModelInfer``, which a stream's requests are answered with, too."""
        monitoring = self._server.monitoring
        if monitoring is None:
            return self._infer
        return counted_call(monitoring.serving, "ModelInfer", self._infer, model_asked_for)

    async def _infer(self, data: bytes, context: _Context) -> bytes:
        key = key_in_metadata(self._server, context.invocation_metadata())
        return await self._runner.predict(
            partial(_prediction, self._server, data, key), small=len(data) <= _SMALL_BYTES
        )

    async def server_live(self, _data: bytes, _context: _Context) -> bytes:
        """``ServerLive``."""
        return ServerLiveResponse(live=True).SerializeToString()

    async def server_ready(self, _data: bytes, _context: _Context) -> bytes:
        """``ServerReady``."""
        return ServerReadyResponse(ready=self._server.ready).SerializeToString()

    async def server_metadata(self, _data: bytes, _context: _Context) -> bytes:
        """``ServerMetadata``."""
        return ServerMetadataResponse(**SERVER_METADATA).SerializeToString()

    def _looked_up(self, method: _Method) -> Call:
        async def call(data: bytes, _context: _Context) -> bytes:
            answer = await self._control.run(partial(method, self._server, data))
            return answer.SerializeToString()

        return call

    def _changed(self, method: _Method) -> Call:
        async def call(data: bytes, context: _Context) -> bytes:
            sent = dict(context.invocation_metadata() or ()).get("authorization", "")
            self._access.check_call(
                sent if isinstance(sent, str) else "",
                over_unix_socket=context.peer().startswith("unix:"),
                has_token=self._is_guarded,
            )
            answer = await self._changes.run(partial(method, self._server, data))
            return answer.SerializeToString()

        return call


def _prediction(server: ModelServer, data: bytes, key: str | None) -> Prediction[bytes]:
    request = parse_infer_message(data)
    return prediction_of(
        server, request.name, request.version, request.call, encode_infer_message, key
    )


def _parsed(kind: type[_M], data: bytes) -> _M:
    try:
        return kind.FromString(data)
    except DecodeError as error:
        raise Internal(f"Failed to parse a {kind.DESCRIPTOR.name}: {error}") from None


# -- look-ups ------------------------------------------------------------------


def _model_ready(server: ModelServer, data: bytes) -> Message:
    request = _parsed(ModelReadyRequest, data)
    version = version_named(request.version)
    return ModelReadyResponse(ready=is_ready(server, request.name, version))


def _model_metadata(server: ModelServer, data: bytes) -> Message:
    request = _parsed(ModelMetadataRequest, data)
    told = metadata(server, request.name, version_named(request.version))
    return _message(told, ModelMetadataResponse)


def _model_statistics(server: ModelServer, data: bytes) -> Message:
    request = _parsed(ModelStatisticsRequest, data)
    version = version_named(request.version)
    if version is not None and not request.name:
        raise InvalidArgument(f"the statistics of version {version} are of which model?")
    return _message(statistics(server, request.name or None, version), ModelStatisticsResponse)


def _repository_index(server: ModelServer, data: bytes) -> Message:
    request = _parsed(RepositoryIndexRequest, data)
    _check_repository(request.repository_name)
    entries = index(server, only_ready=request.ready)
    return _message({"models": entries}, RepositoryIndexResponse)


def _message(told: dict[str, Any], kind: type[_M]) -> _M:
    # REST tells more than the messages have room for.
    return json_format.ParseDict(told, kind(), ignore_unknown_fields=True)


_LOOK_UPS: Final[Mapping[str, _Method]] = {
    "ModelReady": _model_ready,
    "ModelMetadata": _model_metadata,
    "ModelStatistics": _model_statistics,
    "RepositoryIndex": _repository_index,
}


# -- changes -------------------------------------------------------------------


def _load(server: ModelServer, data: bytes) -> Message:
    request = _parsed(RepositoryModelLoadRequest, data)
    _check_repository(request.repository_name)
    given = _given(request.parameters, "load")
    name = _named(request.model_name)
    server.load(name, read_load(given, name), read_timeout(given))
    return RepositoryModelLoadResponse()


def _unload(server: ModelServer, data: bytes) -> Message:
    request = _parsed(RepositoryModelUnloadRequest, data)
    _check_repository(request.repository_name)
    given = _given(request.parameters, "unload")
    server.unload(_named(request.model_name), read_timeout(given))
    return RepositoryModelUnloadResponse()


def _named(name: str) -> str:
    if not name:
        raise InvalidArgument("the request names no model: model_name is empty")
    return name


def _check_repository(name: str) -> None:
    if name:
        raise InvalidArgument(
            f"there is one repository, and it has no name; got the repository_name {name!r}"
        )


def _given(sent: Mapping[str, ModelRepositoryParameter], verb: str) -> Parameters:
    parameters: dict[str, object] = {}
    for name, value in sent.items():
        choice = value.WhichOneof("parameter_choice")
        if choice is None or choice == "bytes_param":
            raise InvalidArgument(
                f"the parameter {name!r} is a text, a number, true or false; files of a model "
                "are not sent, they lie in its base_path"
            )
        parameters[name] = getattr(value, choice)
    # They are looked at where those of REST are.
    return read_parameters(orjson.dumps({"parameters": parameters}), verb)


_CHANGES: Final[Mapping[str, _Method]] = {
    "RepositoryModelLoad": _load,
    "RepositoryModelUnload": _unload,
}
