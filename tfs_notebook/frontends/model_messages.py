"""What is known of a model, as the messages both doors send."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tfs_notebook.lifecycle import ServableState
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.wire.messages import (
    Any,
    GetModelMetadataResponse,
    GetModelStatusResponse,
    ModelVersionStatus,
    SignatureDefMap,
    StatusProto,
)
from tfs_notebook.wire.model_spec import ModelReference, model_spec_of

__all__ = ["SIGNATURE_DEF", "metadata_response", "status_response"]

SIGNATURE_DEF: Final = "signature_def"
"""The one field of a model's metadata that there is."""


def metadata_response(
    server: ModelServer, reference: ModelReference | None
) -> GetModelMetadataResponse:
    """The signatures of the model a request asks for."""
    with server.hold(reference) as model:
        response = GetModelMetadataResponse(model_spec=model_spec_of(model.reference()))
        packed = Any()
        packed.Pack(SignatureDefMap(signature_def=model.signature_defs))
        response.metadata[SIGNATURE_DEF].CopyFrom(packed)
        return response


def status_response(states: Iterable[ServableState]) -> GetModelStatusResponse:
    """Version states as clients read them, in the order given."""
    return GetModelStatusResponse(
        model_version_status=[
            ModelVersionStatus(
                version=state.id.version,
                state=int(state.state),
                status=StatusProto(
                    error_code=0 if state.error is None else int(state.error.code),
                    error_message="" if state.error is None else state.error.message,
                ),
            )
            for state in states
        ]
    )
