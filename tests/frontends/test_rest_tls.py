"""HTTPS on REST's TCP port, with real certificates; the Unix socket stays plain."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import httpx
import pytest
import trustme

import tfs_notebook
from tests.frontends.certificates import (
    LOCAL,
    Certificate,
    authority_text,
    s_client,
    write_config,
)
from tests.frontends.repository_client import socket_directory
from tests.server_process import ServerProcess

TOKEN = "s3cret"
PREDICT = "/v1/models/m:predict"
BODY = b'{"instances": [1.0, 2.0]}'


@dataclass
class Secure:
    """A server whose REST door speaks TLS, and asks clients for a certificate and a token."""

    process: ServerProcess
    authority: trustme.CA
    socket: Path
    directory: Path

    @property
    def url(self) -> str:
        return self.process.url.replace("http:", "https:")

    @property
    def ca(self) -> Path:
        path = self.directory / "ca.pem"
        path.write_text(authority_text(self.authority))
        return path

    def client_files(self) -> tuple[str, str]:
        return Certificate.of(self.authority, "client.example").write(self.directory)

    def context(self, client: tuple[str, str] | None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.ca)
        if client is not None:
            context.load_cert_chain(*client)
        return context

    def http(self, client: tuple[str, str] | None = None, token: str = TOKEN) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        context = self.context(client or self.client_files())
        return httpx.Client(base_url=self.url, verify=context, headers=headers, timeout=60)


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path) -> Iterator[Secure]:
    directory = tmp_path_factory.mktemp("rest_tls")
    authority = trustme.CA()
    certificate = Certificate.of(authority, LOCAL)
    config = write_config(directory / "ssl.config", certificate.config(authority))
    (directory / "token").write_text(TOKEN)
    with socket_directory() as sockets:
        flags = [
            "--model_name=m",
            f"--model_base_path={half_plus_two.parent}",
            f"--ssl_config_file={config}",
            f"--rest_api_ssl_config_file={config}",
            f"--grpc_token_file={directory / 'token'}",
            f"--rest_api_token_file={directory / 'token'}",
            f"--rest_api_socket_path={sockets / 'rest.sock'}",
            "--enable_grpc_reflection",
        ]
        with ServerProcess(directory, flags) as process:
            yield Secure(process, authority, sockets / "rest.sock", directory)


def test_a_client_with_certificate_and_token(secure: Secure) -> None:
    with secure.http() as client:
        assert client.post(PREDICT, content=BODY).json() == {"predictions": [2.5, 3.0]}
        # A body in many pieces of the connection, answered in many.
        rows = {"instances": [0.5] * 200_000}
        assert len(client.post(PREDICT, json=rows).json()["predictions"]) == 200_000


def test_a_client_without_a_certificate_or_with_a_strange_one(secure: Secure) -> None:
    stranger = Certificate.of(trustme.CA(), "client.example")
    files = stranger.write(secure.directory, "stranger")
    for client in (None, files):
        context = secure.context(client)
        # TLS 1.3 tells the client after its own side of the handshake.
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{secure.url}/v2/health/live", verify=context)


def test_plain_http_is_not_answered(secure: Secure) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{secure.process.url}/v2/health/live")
    with secure.http() as client:
        assert client.get("/v2/health/live").status_code == 200


def test_the_token_is_asked_for_all_the_same(secure: Secure) -> None:
    with secure.http(token="") as client:
        assert client.get("/v2/health/live").status_code == 401


def test_the_unix_socket_stays_plain(secure: Secure) -> None:
    transport = httpx.HTTPTransport(uds=str(secure.socket))
    with httpx.Client(transport=transport, base_url="http://localhost") as client:
        assert client.get("/v2/health/ready").json() == {"ready": True}


@pytest.mark.parametrize(("version", "spoken"), [("1_1", False), ("1_2", True), ("1_3", True)])
def test_versions_of_tls(secure: Secure, version: str, spoken: bool) -> None:
    certificate, key = secure.client_files()
    done = s_client(
        secure.process.rest_port,
        f"-tls{version}", "-cert", certificate, "-key", key, "-CAfile", str(secure.ca),
        # This machine's OpenSSL may be stricter than the server's own settings.
        "-cipher", "DEFAULT@SECLEVEL=0",
    )  # fmt: skip
    assert ("Cipher is (NONE)" not in done.stdout) == spoken, done.stdout + done.stderr
    if spoken:
        dotted = version.replace("_", ".")
        assert re.search(rf"TLSv{dotted}", done.stdout)


@pytest.mark.parametrize("door", ["https", "grpcs"])
def test_our_client_with_certificate_and_token(secure: Secure, door: str) -> None:
    certificate, key = secure.client_files()
    address = secure.url if door == "https" else f"grpcs://{secure.process.grpc_address}"
    client = tfs_notebook.connect(
        address, token=TOKEN, ca=secure.ca, client_certificate=certificate, client_key=key
    )
    with client:
        assert client["m"].predict([1.0, 2.0]).tolist() == [2.5, 3.0]  # type: ignore[union-attr]


def test_reflection_asks_for_the_token_too(secure: Secure) -> None:
    from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
        ProtoReflectionDescriptorDatabase,
    )

    client = Certificate.of(secure.authority, "client.example")
    credentials = grpc.ssl_channel_credentials(
        authority_text(secure.authority).encode(), client.key.encode(), client.chain.encode()
    )
    token = grpc.access_token_call_credentials(TOKEN)
    address = secure.process.grpc_address
    with grpc.secure_channel(address, credentials) as channel:
        with pytest.raises(grpc.RpcError) as refused:
            ProtoReflectionDescriptorDatabase(channel).get_services()
        assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
    both = grpc.composite_channel_credentials(credentials, token)
    with grpc.secure_channel(address, both) as channel:
        services = ProtoReflectionDescriptorDatabase(channel).get_services()
    assert "tensorflow.serving.PredictionService" in services
