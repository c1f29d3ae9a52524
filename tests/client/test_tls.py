"""TLS and tokens, over gRPC and HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import tfs_notebook
from tests.client.other_server import (
    Certificates,
    OtherServer,
    other_grpc_server,
    other_http_server,
)
from tfs_notebook.client import Client
from tfs_notebook.wire.errors import InvalidArgument, Unauthenticated, Unavailable

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@contextmanager
def secure_server(
    way: str, certificates: Certificates, *, token: str = "", **options: bool
) -> Iterator[OtherServer]:
    if way == "grpc":
        with other_grpc_server(certificates.for_grpc(**options), token) as server:
            yield server
    else:
        with other_http_server(certificates.for_http(**options), token) as server:
            yield server


def answer(client: Client) -> Any:
    with client:
        return client["half_plus_two"].predict([1.0, 2.0], timeout=60).tolist()  # type: ignore[union-attr]


@pytest.mark.parametrize("way", ["grpc", "http"])
def test_an_authority_of_ones_own(certificates: Certificates, way: str) -> None:
    with secure_server(way, certificates, token="secret") as server:
        client = tfs_notebook.connect(server.address, ca=certificates.ca, token="secret")
        assert answer(client) == [2.5, 3.0]
        if way == "grpc":
            client = Client(f"grpcs://{server.address}", ca=certificates.ca, token="secret")
            assert answer(client) == [2.5, 3.0]
        with pytest.raises(Unauthenticated, match="a token, please"):
            answer(Client(server.address, ca=certificates.ca))


@pytest.mark.parametrize("way", ["grpc", "http"])
def test_an_authority_nobody_knows(certificates: Certificates, way: str) -> None:
    with secure_server(way, certificates) as server:
        with pytest.raises(Unavailable, match=r"of an authority that ca=FILE names\?"):
            answer(Client(server.address, tls=True))
        assert server.paths == []


@pytest.mark.parametrize("way", ["grpc", "http"])
def test_a_certificate_for_another_name(certificates: Certificates, way: str) -> None:
    with secure_server(way, certificates, named=True) as server:
        with pytest.raises(Unavailable, match=r"is its certificate for this name"):
            answer(Client(server.address, ca=certificates.ca))
        client = Client(server.address, ca=certificates.ca, server_name="serving")
        assert answer(client) == [2.5, 3.0]


@pytest.mark.parametrize("way", ["grpc", "http"])
def test_a_server_that_asks_who_it_is(certificates: Certificates, way: str) -> None:
    with secure_server(way, certificates, asks=True) as server:
        with pytest.raises(Unavailable):
            answer(Client(server.address, ca=certificates.ca))
        client = Client(
            server.address,
            ca=certificates.ca,
            client_certificate=certificates.client,
            client_key=certificates.client_key,
        )
        assert answer(client) == [2.5, 3.0]


@pytest.mark.parametrize("address", ["localhost:1", "https://localhost:1"])
def test_files_that_cannot_be_read(tmp_path: Path, address: str) -> None:
    client = Client(address, ca=tmp_path / "none.pem")  # nothing is read yet
    with pytest.raises(InvalidArgument, match=r"ca='.*none.pem' cannot be read: No such file"):
        client["half"].predict([1.0])
    (tmp_path / "none.pem").write_text("no certificate")
    if address.startswith("https"):
        with pytest.raises(InvalidArgument, match="no usable certificates in PEM"):
            client["half"].predict([1.0])


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"address": "http://localhost:1", "tls": True}, "TLS over REST is https://"),
        ({"address": "https://localhost:1", "tls": False}, "tls=False contradicts"),
        ({"address": "localhost:1", "tls": False, "ca": "x"}, "tls=False contradicts"),
        ({"address": "localhost:1", "client_key": "x"}, "which is missing"),
    ],
)
def test_what_contradicts_itself(options: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidArgument, match=text):
        Client(**options)
