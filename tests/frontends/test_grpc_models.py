"""What the gRPC door tells of models: metadata and status."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.frontends.official import (
    Client,
    Code,
    get_model_metadata_pb2,
    get_model_status_pb2,
    refused,
    status_request,
)


def metadata_request(name: str | None, *fields: str, version: int | None = None) -> Any:
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=fields)
    if name is not None:
        request.model_spec.name = name
    if version is not None:
        request.model_spec.version.value = version
    return request


def test_metadata(client: Client, models: Path) -> None:
    response = client.prediction.GetModelMetadata(metadata_request("several", "signature_def"))
    assert response.model_spec.name == "several"
    assert response.model_spec.version.value == 1
    assert list(response.metadata) == ["signature_def"]
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(signatures)
    from tensorflow.core.protobuf import saved_model_pb2

    saved = saved_model_pb2.SavedModel.FromString(
        (models / "several" / "1" / "saved_model.pb").read_bytes()
    )
    expected = saved.meta_graphs[0].signature_def
    assert dict(signatures.signature_def) == dict(expected)


@pytest.mark.parametrize(
    ("request_message", "expected"),
    [
        (
            metadata_request("several"),
            (
                Code.INVALID_ARGUMENT,
                "GetModelMetadataRequest must specify at least one metadata_field",
            ),
        ),
        (
            metadata_request("several", "signature_def", "weights"),
            (Code.INVALID_ARGUMENT, "Metadata field weights is not supported"),
        ),
        (
            metadata_request(None, "signature_def"),
            (Code.INVALID_ARGUMENT, "Missing ModelSpec"),
        ),
        (
            metadata_request("nobody", "signature_def"),
            (Code.NOT_FOUND, "Servable not found for request: Latest(nobody)"),
        ),
        (
            metadata_request("several", "signature_def", version=9),
            (Code.NOT_FOUND, "Servable not found for request: Specific(several, 9)"),
        ),
    ],
)
def test_metadata_errors(
    client: Client, request_message: Any, expected: tuple[Any, str]
) -> None:
    assert refused(lambda: client.prediction.GetModelMetadata(request_message)) == expected


def test_status(client: Client) -> None:
    for version in (None, 1):
        response = client.model.GetModelStatus(status_request("half_plus_two", version))
        [status] = response.model_version_status
        assert status.version == 1
        assert status.state == get_model_status_pb2.ModelVersionStatus.AVAILABLE
        assert status.status.error_code == 0
        assert status.status.error_message == ""


def test_status_by_label(client: Client) -> None:
    response = client.model.GetModelStatus(status_request("half_plus_two", label="stable"))
    assert [status.version for status in response.model_version_status] == [1]


@pytest.mark.parametrize(
    ("request_message", "expected"),
    [
        (status_request(None), (Code.INVALID_ARGUMENT, "Missing ModelSpec")),
        (
            status_request("nobody"),
            (Code.NOT_FOUND, "Could not find any versions of model nobody"),
        ),
        (
            status_request("half_plus_two", 7),
            (Code.NOT_FOUND, "Could not find version 7 of model half_plus_two"),
        ),
    ],
)
def test_status_errors(client: Client, request_message: Any, expected: tuple[Any, str]) -> None:
    assert refused(lambda: client.model.GetModelStatus(request_message)) == expected
