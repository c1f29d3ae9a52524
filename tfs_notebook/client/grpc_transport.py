"""The way to a server over gRPC: sync stubs over raw bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import grpc
import numpy as np

from tfs_notebook.client.address import Address
from tfs_notebook.client.transport import (
    ModelMetadata,
    VersionStatus,
    signatures_of,
    statuses_of,
)
from tfs_notebook.wire.errors import ServingError, Unavailable, error_for_code
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

_PREDICTIONS: Final = "/tensorflow.serving.PredictionService"
_PREDICT: Final = f"{_PREDICTIONS}/Predict"
_METADATA: Final = f"{_PREDICTIONS}/GetModelMetadata"
_STATUS: Final = "/tensorflow.serving.ModelService/GetModelStatus"
_OTHERS: Final = tuple(
    f"{_PREDICTIONS}/{method}" for method in ("Classify", "Regress", "MultiInference")
)
# What gRPC itself says when nobody is there; a server's own words are others.
_NOBODY: Final = ("failed to connect", "Connection refused", "No such file", "name resolution")


class GrpcTransport:
    """A channel to one server; see :class:`~tfs_notebook.client.transport.Transport`."""

    def __init__(self, address: Address, token: str | None) -> None:
        """Prepare; it connects with the first call."""
        self._address = address
        self._headers = (("authorization", f"Bearer {token}"),) if token else ()
        options: list[tuple[str, int]] = [
            ("grpc.max_receive_message_length", -1),
            ("grpc.max_send_message_length", -1),
            # A server that was started again is found at once, not after two minutes.
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 1000),
        ]
        if address.is_local:
            options.append(("grpc.enable_http_proxy", 0))
        self._channel = grpc.insecure_channel(address.target, options=options)
        self._calls: dict[str, Any] = {
            path: self._channel.unary_unary(
                path, request_serializer=None, response_deserializer=None
            )
            for path in (_PREDICT, *_OTHERS, _METADATA, _STATUS)
        }

    def predict(
        self,
        model: ModelReference,
        inputs: Mapping[str, tuple[np.ndarray, int]],
        metadata: ModelMetadata,  # noqa: ARG002 - tensors say their own types here
        timeout: float,
    ) -> tuple[int | None, dict[str, np.ndarray]]:
        """Run a signature."""
        data = self._call(_PREDICT, encode_predict_request(model, inputs), timeout)
        answered, outputs = parse_predict_response(data)
        return answered.version, outputs

    def call(self, method: str, request: bytes, timeout: float) -> bytes:
        """Call a method of ``PredictionService`` that runs a model, without a look at it.

        Args:
            method: ``Predict``, ``Classify``, ``Regress`` or ``MultiInference``.
            request: of it, serialised.
            timeout: seconds.

        Returns:
            the response, serialised.
        """
        return self._call(f"{_PREDICTIONS}/{method}", request, timeout)

    def metadata(self, model: ModelReference, timeout: float) -> ModelMetadata:
        """Ask what a model offers."""
        request = GetModelMetadataRequest(model_spec=model_spec_of(model))
        request.metadata_field.append("signature_def")
        data = self._call(_METADATA, request.SerializeToString(), timeout)
        response = GetModelMetadataResponse.FromString(data)
        definitions = SignatureDefMap()
        response.metadata["signature_def"].Unpack(definitions)
        version = response.model_spec.version.value
        return ModelMetadata(model.name, version, signatures_of(definitions))

    def status(self, model: ModelReference, timeout: float) -> list[VersionStatus]:
        """Ask for the states of a model's versions."""
        request = GetModelStatusRequest(model_spec=model_spec_of(model))
        data = self._call(_STATUS, request.SerializeToString(), timeout)
        return statuses_of(GetModelStatusResponse.FromString(data))

    def close(self) -> None:
        """Hang up; idempotent."""
        self._channel.close()

    def _call(self, path: str, request: bytes, timeout: float) -> bytes:
        try:
            answer: bytes = self._calls[path](request, timeout=timeout, metadata=self._headers)
        except grpc.RpcError as error:
            raise self._error(error, timeout) from None
        except ValueError as error:  # what gRPC raises on a closed channel
            raise Unavailable(f"the client of {self._address.text} is closed") from error
        return answer

    def _error(self, error: Any, timeout: float) -> ServingError:  # noqa: ANN401 - RpcError has no such methods in the stubs
        code: int = error.code().value[0]
        text: str = error.details() or ""
        if code == grpc.StatusCode.UNAVAILABLE.value[0] and any(
            sign in text for sign in _NOBODY
        ):
            return Unavailable(
                f"no model server answers gRPC at {self._address.text}: {text}. "
                "Is it running, and is this its gRPC address?"
            )
        if code == grpc.StatusCode.DEADLINE_EXCEEDED.value[0]:
            text = f"no answer from {self._address.text} within {timeout:g} s ({text})"
        return error_for_code(code, text)
