"""Credentials for other model servers: sent to the one they are for, and shown to nobody."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from tornado.httpclient import HTTPResponse
from traitlets import TraitError

from tests.client.other_server import MODEL, Certificates, OtherServer, other_http_server
from tests.jupyter.in_server.raw_server import RawServer, raw_server
from tfs_notebook.jupyter.allowed_servers import AllowedServer
from tfs_notebook.jupyter.app import TfsNotebookApp

Ask = Callable[..., HTTPResponse]
Look = Callable[..., tuple[int, Any]]
STATUS: Final = f"v1/models/{MODEL}"
TOKEN: Final = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"


@pytest.fixture(scope="module")
def guarded() -> Iterator[OtherServer]:
    """One that wants to see a token."""
    with other_http_server(token=TOKEN) as running:
        yield running


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def mutual(certificates: Certificates) -> Iterator[OtherServer]:
    """One that wants to see a certificate, and has one of an authority of its own."""
    with other_http_server(certificates.for_http(asks=True)) as running:
        yield running


@pytest.fixture
def raw() -> Iterator[RawServer]:
    with raw_server() as running:
        yield running


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def traits(
    guarded: OtherServer,
    mutual: OtherServer,
    raw: RawServer,
    certificates: Certificates,
    token_file: Path,
) -> dict[str, Any]:
    ca = {"address": mutual.address, "ca": str(certificates.ca)}
    # Another name of the same machine, which its certificate has not.
    elsewhere = mutual.address.replace("127.0.0.1", "localhost")
    client = {
        "client_certificate": str(certificates.client),
        "client_key": str(certificates.client_key),
    }
    return {
        "allowed_servers": {
            "guarded": {"address": guarded.address, "token_file": str(token_file)},
            "bare": guarded.address,
            "raw": {"address": raw.address, "token_file": str(token_file)},
            "raw bare": raw.address,
            "raw metrics": {"address": f"{raw.address}/tf", "metrics_path": "/own/metrics"},
            "mutual": {**ca, **client},
            "unproven": ca,
            "no key": {**ca, "client_certificate": str(certificates.client)},
            "no ca": {**ca, "ca": str(token_file)},
            "unknown ca": {"address": mutual.address, **client},
            "other host": {**ca, **client, "address": elsewhere},
            "other name": {**ca, **client, "address": elsewhere, "server_name": "serving"},
        },
    }


@pytest.fixture
def look(ask: Ask) -> Look:
    """Asks a server for a path; gives status and document."""

    def looked(server: str, path: str = STATUS, **options: Any) -> tuple[int, Any]:
        method = "POST" if "body" in options else "GET"
        separator = "/" if path else ""
        name = server.replace(" ", "%20")
        answer = ask(method, f"tfs/servers/{name}{separator}{path}", **options)
        assert TOKEN not in answer.body.decode()
        assert TOKEN not in str(answer.headers)
        return answer.code, json.loads(answer.body)

    return looked


def test_a_token_of_a_file(look: Look, guarded: OtherServer) -> None:
    assert look("guarded")[0] == 200
    answer = look("guarded", f"{STATUS}:predict", body='{"instances": [1.0]}')
    assert answer == (200, {"predictions": [2.5]})
    assert look("guarded", "")[1] == {"kind": "serving", "problem": ""}


def test_it_is_sent_to_that_address_alone(
    look: Look, raw: RawServer, jp_auth_header: dict[str, str]
) -> None:
    raw.says("200 OK")
    assert look("raw")[0] == 200
    assert look("raw bare", headers=jp_auth_header)[0] == 200
    first, second = (head.lower() for head in raw.heads)
    assert f"authorization: bearer {TOKEN}" in first
    assert "authorization" not in second


def test_another_token_counts_from_the_next_request_on(
    look: Look, raw: RawServer, token_file: Path
) -> None:
    raw.says("200 OK")
    look("raw")
    token_file.write_text("another-one")
    look("raw")
    assert ["another-one" in head for head in raw.heads] == [False, True]


def test_who_wants_one_leads_to_the_trait(look: Look, guarded: OtherServer) -> None:
    status, document = look("bare")
    assert status == 502
    assert f"{guarded.address} answers with 401" in document["error"]
    assert "TfsNotebookApp.allowed_servers" in document["error"]
    assert "'token_file'" in document["error"]
    kind = look("bare", "")[1]
    assert kind["kind"] is None
    assert "'token_file'" in kind["problem"]


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_a_token_that_is_not_taken(status: str, look: Look, raw: RawServer) -> None:
    raw.says(status, f"WWW-Authenticate: Bearer {TOKEN}", body=TOKEN.encode())
    code, document = look("raw")
    assert code == 502
    assert "does not take the token" in document["error"]
    assert "TfsNotebookApp.allowed_servers" in document["error"]


def test_a_server_that_repeats_the_token(look: Look, raw: RawServer) -> None:
    raw.says("400 Bad Request", body=f'{{"error": "{TOKEN}"}}'.encode())
    code, document = look("raw")
    assert code == 502
    assert "is not shown" in document["error"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot read"),
        (b"", "there is no token"),
        (b"two words", "spaces or several lines"),
        ("schlüssel".encode(), "ASCII"),
    ],
)
def test_a_file_that_has_no_token(
    content: bytes | None, told: str, look: Look, raw: RawServer, token_file: Path
) -> None:
    if content is None:
        token_file.unlink()
    else:
        token_file.write_bytes(content)
    code, document = look("raw")
    assert code == 502
    assert told in document["error"]
    assert "token_file in TfsNotebookApp.allowed_servers" in document["error"]
    assert not raw.heads
    raw.says("200 OK")
    token_file.write_text(TOKEN)
    assert look("raw")[0] == 200


def test_a_file_that_others_can_read_is_warned_of_once(
    look: Look, raw: RawServer, token_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    raw.says("200 OK")
    token_file.chmod(0o644)
    with caplog.at_level(logging.DEBUG):
        look("raw")
        look("raw")
    told = [one.getMessage() for one in caplog.records if "chmod 600" in one.getMessage()]
    assert len(told) == 1
    assert TOKEN not in caplog.text


def test_a_certificate_of_its_own_authority(look: Look) -> None:
    assert look("mutual")[0] == 200
    status, document = look("unknown ca")
    assert status == 502
    assert "'ca' of this server in TfsNotebookApp.allowed_servers" in document["error"]


def test_a_server_that_wants_a_certificate(look: Look) -> None:
    status, document = look("unproven")
    assert status == 502
    assert "'client_certificate'" in document["error"]


def test_a_certificate_with_another_name(look: Look) -> None:
    status, document = look("other host")
    assert status == 502
    assert "localhost" in document["error"]
    assert "'server_name'" in document["error"]
    assert look("other name")[0] == 200


def test_a_page_of_metrics_at_another_path(look: Look, raw: RawServer) -> None:
    raw.says("200 OK", "Content-Type: text/plain")
    look("raw metrics", "monitoring/prometheus/metrics")
    look("raw metrics", STATUS)
    paths = [head.split(" ")[1] for head in raw.heads]
    assert paths == ["/tf/own/metrics", f"/tf/{STATUS}"]


@pytest.mark.parametrize(("name", "what"), [("no key", "client_certificate"), ("no ca", "ca")])
def test_files_that_are_no_certificates(name: str, what: str, look: Look) -> None:
    status, document = look(name)
    assert status == 502
    assert f"{what} in TfsNotebookApp.allowed_servers has to name" in document["error"]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({}, "has None"),
        ({"address": "host", "token": "secret-word"}, "'token'.*'token_file'"),
        ({"address": "host", "token_file": ""}, "path of a file as 'token_file'"),
        ({"address": "host", "token_file": ["secret-word"]}, "path of a file"),
        ({"address": "http://host", "ca": "/ca.pem"}, "without https"),
        ({"address": "https://host", "client_key": "/key"}, "without its"),
        ({"address": "http://host", "server_name": "name"}, "without https"),
        ({"address": "https://host", "server_name": "a name"}, "'serving.example'"),
        ({"address": "https://host", "server_name": 3}, "'serving.example'"),
        ({"address": "host", "metrics_path": ""}, "'/monitoring/prometheus/metrics'"),
        ({"address": "host", "metrics_path": "a/../b"}, "'metrics_path', and has 'a/../b'"),
        ({"address": "host", "metrics_path": "/a?b"}, "as 'metrics_path'"),
    ],
)
def test_entries_that_cannot_be_meant(entry: dict[str, Any], told: str) -> None:
    for value in ([entry], {"name": entry}):
        with pytest.raises(TraitError, match=told) as raised:
            TfsNotebookApp(allowed_servers=value)
        assert "secret-word" not in str(raised.value)


def test_a_token_that_everybody_on_the_way_reads_is_warned_of() -> None:
    def shows(address: str) -> bool:
        entry = {"address": address, "token_file": "/token"}
        return AllowedServer.of_entry(entry).shows_its_token

    assert shows("http://serving:8501")
    assert not shows("https://serving")
    assert not shows("http://127.0.0.1:8501")
    assert not AllowedServer.of_entry("serving:8501").shows_its_token
