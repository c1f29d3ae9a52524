"""The way to a server over its REST API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import numpy as np
from google.protobuf import json_format

from tfs_notebook.client.http_door import HttpDoor
from tfs_notebook.client.transport import (
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

__all__ = ["HttpTransport"]

_LONGEST_HEAD: Final = 64


class HttpTransport:
    """REST requests to one server; see :class:`~tfs_notebook.client.transport.Transport`."""

    def __init__(self, door: HttpDoor) -> None:
        self._door = door

    def predict(
        self,
        model: ModelReference,
        inputs: Mapping[str, tuple[np.ndarray, int]],
        metadata: ModelMetadata,
        timeout: float,
    ) -> tuple[int | None, dict[str, np.ndarray]]:
        """Run a signature; REST does not say which version answers."""
        try:
            body = encode_inputs(inputs, model.signature)
        except InvalidArgument as error:
            raise InvalidArgument(
                f"{error.message}: JSON cannot hold it. Connect to the gRPC address instead"
            ) from None
        path = f"{_path_of(model)}:predict"
        data = self._door.request("POST", path, body, timeout=timeout)
        return None, _outputs(data, metadata, model.signature)

    def metadata(self, model: ModelReference, timeout: float) -> ModelMetadata:
        """Ask what a model offers."""
        answer = self._door.get(f"{_path_of(model)}/metadata", timeout=timeout)
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
        return ModelMetadata(model.name, version, signatures_of(definitions))

    def status(self, model: ModelReference, timeout: float) -> list[VersionStatus]:
        """Ask for the states of a model's versions."""
        answer = self._door.get(_path_of(model), timeout=timeout)
        try:
            response = json_format.ParseDict(
                answer, GetModelStatusResponse(), descriptor_pool=POOL
            )
        except json_format.ParseError as error:
            raise Internal(f"this is no answer to a status request: {error}") from None
        return statuses_of(response)

    def close(self) -> None:
        """Hang up; idempotent."""
        self._door.close()


def _path_of(model: ModelReference) -> str:
    path = f"/v1/models/{quote(model.name, safe='')}"
    if model.version is not None:
        return f"{path}/versions/{model.version}"
    return path if model.label is None else f"{path}/labels/{quote(model.label, safe='')}"


def _outputs(data: bytes, metadata: ModelMetadata, signature: str) -> dict[str, np.ndarray]:
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
