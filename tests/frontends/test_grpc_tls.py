"""TLS on gRPC's TCP port, with real certificates; REST and the Unix socket stay plain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
import trustme

from tests.cli.standalone import run
from tests.frontends.repository_client import socket_directory
from tests.server_process import ServerProcess
from tfs_notebook.frontends.grpc.tls import server_credentials
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import (
    GetModelStatusRequest,
    GetModelStatusResponse,
    SSLConfig,
)

LOCAL = "127.0.0.1"


@dataclass(frozen=True)
class Certificate:
    key: str
    chain: str

    @staticmethod
    def of(authority: trustme.CA, name: str) -> Certificate:
        made = authority.issue_cert(name)
        chain = "".join(blob.bytes().decode() for blob in made.cert_chain_pems)
        return Certificate(made.private_key_pem.bytes().decode(), chain)


def authority_text(authority: trustme.CA) -> str:
    return authority.cert_pem.bytes().decode()


def write_config(path: Path, config: SSLConfig, mode: int = 0o600) -> Path:
    path.write_text("\n".join(map(text_line, config.ListFields())))
    path.chmod(mode)
    return path


def text_line(field_and_value: tuple[Any, Any]) -> str:
    field, value = field_and_value
    if isinstance(value, str):
        return f'{field.name}: "{value}"'.replace("\n", "\\n")
    return f"{field.name}: {str(value).lower()}"


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


def test_a_key_that_others_can_read_is_told(
    tmp_path: Path, certificate: Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    config = SSLConfig(server_key=certificate.key, server_cert=certificate.chain)
    server_credentials(str(write_config(tmp_path / "private", config)))
    assert not caplog.messages
    file = write_config(tmp_path / "open", config, 0o640)
    server_credentials(str(file))
    assert caplog.messages == [
        f"{file} holds a private key and can be read by others than its owner; chmod 600 it"
    ]


def test_an_authority_that_nobody_asks_for_is_told(
    tmp_path: Path,
    certificate: Certificate,
    authority: trustme.CA,
    caplog: pytest.LogCaptureFixture,
) -> None:
    config = SSLConfig(
        server_key=certificate.key,
        server_cert=certificate.chain,
        custom_ca=authority_text(authority),
    )
    server_credentials(str(write_config(tmp_path / "ssl", config)))
    assert "custom_ca has no effect without client_verify" in caplog.text


BROKEN = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"server_key": ""}, "has no server_key; it takes the PEM text"),
        ({"server_cert": ""}, "has no server_cert; it takes the PEM text"),
        ({"server_key": "/etc/key.pem"}, "give the text itself, not the path of a file"),
        ({"server_cert": BROKEN}, "server_key and server_cert in .* cannot be used together"),
        ({"client_verify": True}, "has client_verify and no custom_ca"),
        ({"client_verify": True, "custom_ca": BROKEN}, "custom_ca in .* is no PEM text"),
        ({"client_verify": True, "custom_ca": "é"}, "custom_ca in .* is no PEM text"),
    ],
)
def test_files_that_no_connection_could_be_made_with(
    tmp_path: Path, certificate: Certificate, changes: dict[str, Any], text: str
) -> None:
    fields = {"server_key": certificate.key, "server_cert": certificate.chain} | changes
    file = write_config(tmp_path / "ssl", SSLConfig(**fields))
    with pytest.raises(InvalidArgument, match=text):
        server_credentials(str(file))


def test_a_key_of_another_certificate(
    tmp_path: Path, certificate: Certificate, authority: trustme.CA
) -> None:
    other = Certificate.of(authority, LOCAL)
    config = SSLConfig(server_key=other.key, server_cert=certificate.chain)
    file = write_config(tmp_path / "ssl", config)
    with pytest.raises(InvalidArgument, match="KEY_VALUES_MISMATCH"):
        server_credentials(str(file))


def test_a_key_with_a_password(tmp_path: Path, certificate: Certificate) -> None:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(certificate.key.encode(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    config = SSLConfig(server_key=locked.decode(), server_cert=certificate.chain)
    file = write_config(tmp_path / "ssl", config)
    with pytest.raises(InvalidArgument, match="asks for a password"):
        server_credentials(str(file))


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
