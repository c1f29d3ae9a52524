"""TLS on gRPC's TCP port, with real certificates; REST and the Unix socket stay plain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
import trustme

from tests.cli.standalone import run
from tests.frontends.certificates import LOCAL, Certificate, authority_text, write_config
from tests.frontends.repository_client import socket_directory
from tests.server_process import ServerProcess
from tfs_notebook.wire.messages import (
    GetModelStatusRequest,
    GetModelStatusResponse,
    SSLConfig,
)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def strange_authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def certificate(authority: trustme.CA) -> Certificate:
    return Certificate.of(authority, LOCAL)


def status(channel: grpc.Channel, metadata: Any = None) -> str:
    ask = channel.unary_unary("/tensorflow.serving.ModelService/GetModelStatus", None, None)
    request = GetModelStatusRequest()
    request.model_spec.name = "m"
    answer = ask(request.SerializeToString(), timeout=20, metadata=metadata)
    states = GetModelStatusResponse.FromString(answer).model_version_status
    return ", ".join(str(state.version) for state in states)


def refused(channel: grpc.Channel) -> str:
    """Why a call does not get through."""
    with pytest.raises(grpc.RpcError) as error:
        status(channel)
    assert error.value.code() == grpc.StatusCode.UNAVAILABLE
    return error.value.details() or ""


Open = Callable[..., grpc.Channel]


class Tls:
    """A server with TLS, and ways to it."""

    def __init__(self, process: ServerProcess, unix: Path, stack: ExitStack) -> None:
        self.process = process
        self.unix = unix
        self._stack = stack

    def channel(self, roots: trustme.CA, client: Certificate | None = None) -> grpc.Channel:
        credentials = grpc.ssl_channel_credentials(
            authority_text(roots).encode(),
            client.key.encode() if client else None,
            client.chain.encode() if client else None,
        )
        channel = grpc.secure_channel(self.process.grpc_address, credentials)
        return self._stack.enter_context(channel)

    def plain(self, address: str | None = None) -> grpc.Channel:
        channel = grpc.insecure_channel(address or self.process.grpc_address)
        return self._stack.enter_context(channel)


def served(directory: Path, base: Path, config: SSLConfig, *flags: str) -> Iterator[Tls]:
    file = write_config(directory / "ssl.config", config)
    with socket_directory() as sockets, ExitStack() as stack:
        unix = sockets / "grpc.sock"
        process = stack.enter_context(
            ServerProcess(
                directory,
                [
                    "--model_name=m",
                    f"--model_base_path={base}",
                    f"--ssl_config_file={file}",
                    f"--grpc_socket_path={unix}",
                    *flags,
                ],
            )
        )
        yield Tls(process, unix, stack)


@pytest.fixture(scope="module")
def tls(
    tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path, certificate: Certificate
) -> Iterator[Tls]:
    config = SSLConfig(server_key=certificate.key, server_cert=certificate.chain)
    yield from served(tmp_path_factory.mktemp("tls"), half_plus_two.parent, config)


@pytest.fixture(scope="module")
def mutual_tls(
    tmp_path_factory: pytest.TempPathFactory,
    half_plus_two: Path,
    certificate: Certificate,
    authority: trustme.CA,
) -> Iterator[Tls]:
    directory = tmp_path_factory.mktemp("mutual_tls")
    (directory / "token").write_text("s3cret")
    config = SSLConfig(
        server_key=certificate.key,
        server_cert=certificate.chain,
        custom_ca=authority_text(authority),
        client_verify=True,
    )
    token = f"--grpc_token_file={directory / 'token'}"
    yield from served(directory, half_plus_two.parent, config, token)


def test_a_client_that_knows_the_authority(tls: Tls, authority: trustme.CA) -> None:
    assert status(tls.channel(authority)) == "1"
    assert "Running gRPC ModelServer at 127.0.0.1:" in tls.process.log


def test_a_client_without_tls(tls: Tls) -> None:
    refused(tls.plain())


def test_a_client_that_trusts_another_authority(
    tls: Tls, strange_authority: trustme.CA
) -> None:
    assert "CERTIFICATE_VERIFY_FAILED" in refused(tls.channel(strange_authority))


def test_the_other_doors_stay_plain(tls: Tls) -> None:
    assert status(tls.plain(f"unix:{tls.unix}")) == "1"
    answer = httpx.get(f"{tls.process.url}/v1/models/m").json()
    assert answer["model_version_status"][0]["state"] == "AVAILABLE"


TOKEN = (("authorization", "Bearer s3cret"),)


def test_a_client_with_a_certificate_of_the_authority(
    mutual_tls: Tls, authority: trustme.CA
) -> None:
    channel = mutual_tls.channel(authority, Certificate.of(authority, "client.example"))
    assert status(channel, TOKEN) == "1"
    # The token is asked for all the same.
    with pytest.raises(grpc.RpcError) as error:
        status(channel)
    assert error.value.code() == grpc.StatusCode.UNAUTHENTICATED


def test_clients_whose_certificate_does_not_do(
    mutual_tls: Tls, authority: trustme.CA, strange_authority: trustme.CA
) -> None:
    stranger = Certificate.of(strange_authority, "client.example")
    refused(mutual_tls.channel(authority, stranger))
    refused(mutual_tls.channel(authority))
    refused(mutual_tls.plain())


def test_a_broken_file_ends_the_start_before_any_model_is_loaded(
    tmp_path: Path, half_plus_two: Path
) -> None:
    (tmp_path / "ssl").write_text("server_key: {")
    done = run(
        f"--ssl_config_file={tmp_path / 'ssl'}", f"--model_base_path={half_plus_two.parent}"
    )
    assert done.returncode == 1
    assert (
        f"Failed to start server. Error: INVALID_ARGUMENT: Invalid protobuf file: "
        f"'{tmp_path / 'ssl'}'" in done.stderr
    )
    assert "Loading" not in done.stderr
