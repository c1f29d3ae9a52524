"""The way to a server over gRPC: sync stubs over raw bytes, whose futures async code awaits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any, Final, Generic, TypeVar

import grpc
import numpy as np

from tfs_notebook.client.address import Address
from tfs_notebook.client.example_calls import (
    classify_request,
    parse_classify_response,
    parse_regress_response,
    regress_request,
)
from tfs_notebook.client.interrupts import interrupts_held
from tfs_notebook.client.request_id import HEADER
from tfs_notebook.client.tls import Tls
from tfs_notebook.client.transport import (
    Answer,
    ModelMetadata,
    VersionStatus,
    signatures_of,
    statuses_of,
)
from tfs_notebook.wire.errors import Cancelled, ServingError, Unavailable, error_for_code
from tfs_notebook.wire.messages import (
    GetModelMetadataRequest,
    GetModelMetadataResponse,
    GetModelStatusRequest,
    GetModelStatusResponse,
    SignatureDefMap,
)
from tfs_notebook.wire.model_spec import ModelReference, model_spec_of
from tfs_notebook.wire.predict import encode_predict_request, parse_predict_response

__all__ = ["GrpcTransport"]

_PREDICTION: Final = "/tensorflow.serving.PredictionService"
_PREDICT: Final = f"{_PREDICTION}/Predict"
_CLASSIFY: Final = f"{_PREDICTION}/Classify"
_REGRESS: Final = f"{_PREDICTION}/Regress"
_MULTI_INFERENCE: Final = f"{_PREDICTION}/MultiInference"
_METADATA: Final = f"{_PREDICTION}/GetModelMetadata"
_STATUS: Final = "/tensorflow.serving.ModelService/GetModelStatus"
# What gRPC itself says when nobody is there; a server's own words are others.
_NOBODY: Final = (
    "failed to connect",
    "Connection refused",
    "No such file",
    "name resolution",
    "errors resolving",
)
_BROKEN_OFF: Final = ("Stream removed", "Socket closed", "Connection reset", "Broken pipe")
_HANDSHAKE: Final = ("handshake", "CERTIFICATE_VERIFY", "Verification", "WRONG_VERSION_NUMBER")

T = TypeVar("T")


class GrpcTransport:
    """A channel to one server; see :class:`~tfs_notebook.client.transport.Transport`."""

    def __init__(self, address: Address, token: str | None, tls: Tls | None = None) -> None:
        """Prepare; it connects with the first call.

        Raises:
            InvalidArgument: a file of the TLS settings cannot be read.
        """
        self._address = address
        self._headers: tuple[tuple[str, str], ...] = ()
        if token:
            self._headers = (("authorization", f"Bearer {token}"),)
        options: list[tuple[str, int | str]] = [
            ("grpc.max_receive_message_length", -1),
            ("grpc.max_send_message_length", -1),
            # A server that was started again is found at once, not after two minutes.
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 1000),
        ]
        if address.is_local:
            options.append(("grpc.enable_http_proxy", 0))
        if tls is None:
            self._channel = grpc.insecure_channel(address.target, options=options)
        else:
            if tls.server_name:
                options.append(("grpc.ssl_target_name_override", tls.server_name))
            credentials = grpc.ssl_channel_credentials(*tls.contents())
            self._channel = grpc.secure_channel(address.target, credentials, options=options)
        self._calls: dict[str, Any] = {
            path: self._channel.unary_unary(
                path, request_serializer=None, response_deserializer=None
            )
            for path in (_PREDICT, _CLASSIFY, _REGRESS, _MULTI_INFERENCE, _METADATA, _STATUS)
        }

    def predict(
        self,
        model: ModelReference,
        inputs: Mapping[str, tuple[np.ndarray, int]],
        metadata: ModelMetadata,  # noqa: ARG002 - tensors say their own types here
        timeout: float,
    ) -> _GrpcCall[Answer]:
        """Run a signature."""
        request = encode_predict_request(model, inputs)
        return _GrpcCall(self, _PREDICT, request, timeout, _prediction)

    def call(self, method: str, request: bytes, timeout: float) -> bytes:
        """Call a method of ``PredictionService`` that runs a model, without a look at it.

        Args:
            method: ``Predict``, ``Classify``, ``Regress`` or ``MultiInference``.
            request: of it, serialised.
            timeout: seconds.

        Returns:
            the response, serialised.
        """
        return self.send(f"{_PREDICTION}/{method}", request, timeout)

    def exchange(self, method: str, request: bytes, timeout: float) -> _GrpcCall[bytes]:
        """The same, to be sent later."""
        return _GrpcCall(self, f"{_PREDICTION}/{method}", request, timeout, bytes)

    def classify(
        self, model: ModelReference, examples: Sequence[bytes], timeout: float
    ) -> _GrpcCall[Answer]:
        """Classify examples."""
        request = classify_request(model, examples)
        return _GrpcCall(self, _CLASSIFY, request, timeout, parse_classify_response)

    def regress(
        self, model: ModelReference, examples: Sequence[bytes], timeout: float
    ) -> _GrpcCall[Answer]:
        """Give each example a number."""
        request = regress_request(model, examples)
        return _GrpcCall(self, _REGRESS, request, timeout, parse_regress_response)

    def metadata(self, model: ModelReference, timeout: float) -> _GrpcCall[ModelMetadata]:
        """Ask what a model offers."""
        request = GetModelMetadataRequest(model_spec=model_spec_of(model))
        request.metadata_field.append("signature_def")

        def parse(data: bytes) -> ModelMetadata:
            response = GetModelMetadataResponse.FromString(data)
            definitions = SignatureDefMap()
            response.metadata["signature_def"].Unpack(definitions)
            version = response.model_spec.version.value
            return ModelMetadata(model.name, version, signatures_of(definitions))

        return _GrpcCall(self, _METADATA, request.SerializeToString(), timeout, parse)

    def status(self, model: ModelReference, timeout: float) -> _GrpcCall[list[VersionStatus]]:
        """Ask for the states of a model's versions."""
        request = GetModelStatusRequest(model_spec=model_spec_of(model))
        return _GrpcCall(self, _STATUS, request.SerializeToString(), timeout, _statuses)

    def keyed(self, request_id: str | None) -> GrpcTransport:
        """The same channel, on which calls carry this id."""
        if request_id is None:
            return self
        transport = copy(self)
        transport._headers = (*self._headers, (HEADER, request_id))  # noqa: SLF001 - its own
        return transport

    def close(self) -> None:
        """Hang up; idempotent."""
        self._channel.close()

    def send(self, path: str, request: bytes, timeout: float) -> bytes:
        """Send a request, and block until the answer is there."""
        try:
            answer: bytes = self._calls[path](request, timeout=timeout, metadata=self._headers)
        except grpc.RpcError as error:
            raise self.error(error, timeout) from None
        except ValueError as error:  # what gRPC raises on a closed channel
            raise self._closed() from error
        return answer

    def begin(self, path: str, request: bytes, timeout: float) -> Any:  # noqa: ANN401 - untyped
        """Send a request; returns gRPC's future."""
        future = None
        try:
            with interrupts_held():
                future = self._calls[path].future(
                    request, timeout=timeout, metadata=self._headers
                )
        except ValueError as error:
            raise self._closed() from error
        except KeyboardInterrupt:
            if future is not None:
                future.cancel()
            raise
        return future

    def _closed(self) -> Unavailable:
        return Unavailable(f"the client of {self._address.text} is closed")

    def error(self, error: Any, timeout: float) -> ServingError:  # noqa: ANN401 - RpcError has no such methods in the stubs
        """The error of the tree for one of gRPC's."""
        code: int = error.code().value[0]
        text: str = error.details() or ""
        if code == grpc.StatusCode.UNAVAILABLE.value[0] and any(
            sign in text for sign in _NOBODY
        ):
            question = "Is it running, and is this its gRPC address?"
            if any(sign in text for sign in _HANDSHAKE):
                question = (
                    "Does it speak TLS there, and is its certificate for this name and of an "
                    "authority that ca=FILE names?"
                )
            return Unavailable(
                f"no model server answers gRPC at {self._address.text}: {text}. {question}"
            )
        if code == grpc.StatusCode.UNAVAILABLE.value[0] and text.startswith(_BROKEN_OFF):
            text = f"{self._address.text} broke off: {text}. Has the server ended?"
        if code == grpc.StatusCode.DEADLINE_EXCEEDED.value[0]:
            text = f"no answer from {self._address.text} within {timeout:g} s ({text})"
        return error_for_code(code, text)


class _GrpcCall(Generic[T]):
    """See :class:`~tfs_notebook.client.calls.Call`."""

    def __init__(
        self,
        transport: GrpcTransport,
        path: str,
        request: bytes,
        timeout: float,
        parse: Callable[[bytes], T],
    ) -> None:
        self._transport = transport
        self._path = path
        self._request = request
        self._timeout = timeout
        self._parse = parse

    def wait(self) -> T:
        return self._parse(self._transport.send(self._path, self._request, self._timeout))

    def start(self) -> _GrpcPending[T]:
        future = self._transport.begin(self._path, self._request, self._timeout)
        return _GrpcPending(self._transport, future, self._timeout, self._parse)


class _GrpcPending(Generic[T]):
    """See :class:`~tfs_notebook.client.calls.Pending`."""

    def __init__(
        self,
        transport: GrpcTransport,
        future: Any,  # noqa: ANN401 - gRPC's has no type
        timeout: float,
        parse: Callable[[bytes], T],
    ) -> None:
        self._transport = transport
        self._future = future
        self._timeout = timeout
        self._parse = parse

    def wait(self) -> T:
        try:
            data = self._future.result()
        except grpc.FutureCancelledError:
            raise Cancelled("the call was cancelled") from None
        except grpc.RpcError as error:
            raise self._transport.error(error, self._timeout) from None
        return self._parse(data)

    def start(self) -> _GrpcPending[T]:
        return self

    def cancel(self) -> None:
        self._future.cancel()

    def add_done_callback(self, callback: Callable[[], None]) -> None:
        self._future.add_done_callback(lambda _: callback())


def _prediction(data: bytes) -> Answer:
    answered, outputs = parse_predict_response(data)
    return answered.version, outputs


def _statuses(data: bytes) -> list[VersionStatus]:
    return statuses_of(GetModelStatusResponse.FromString(data))
