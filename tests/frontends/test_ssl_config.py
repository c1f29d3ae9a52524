"""Files of ``SSLConfig`` that can be used, and that cannot."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.frontends.certificates import (
    BROKEN,
    LOCAL,
    Certificate,
    authority_text,
    write_config,
)
from tfs_notebook.frontends.reloaded_file import ReloadedFile
from tfs_notebook.frontends.ssl_config import read_ssl_config
from tfs_notebook.frontends.token_file import reloaded_token
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import SSLConfig

FLAG = "--ssl_config_file"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def certificate(authority: trustme.CA) -> Certificate:
    return Certificate.of(authority, LOCAL)


def test_a_key_that_others_can_read_is_told(
    tmp_path: Path, certificate: Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    config = SSLConfig(server_key=certificate.key, server_cert=certificate.chain)
    read_ssl_config(str(write_config(tmp_path / "private", config)), FLAG)
    assert not caplog.messages
    file = write_config(tmp_path / "open", config, 0o640)
    read_ssl_config(str(file), FLAG)
    assert caplog.messages == [
        f"{file} holds a private key and can be read by others than its owner; chmod 600 it"
    ]


@pytest.mark.parametrize("text", ['"{key}', "{key}", '"{key}" {key}', "\xff"])
def test_what_cannot_be_read_is_not_quoted(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ssl.config"
    key = "-----BEGIN PRIVATE KEY-----\\ns3cret\\n-----END PRIVATE KEY-----"
    file.write_bytes(f"\nserver_key: {text.format(key=key)}\n".encode("latin-1"))
    with pytest.raises(InvalidArgument, match="Invalid protobuf file") as caught:
        read_ssl_config(str(file), FLAG)
    said = str(caught.value)
    assert "line 2, column " in said or "not UTF-8" in said
    assert "s3cret" not in said
    assert "BEGIN" not in said


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
    read_ssl_config(str(write_config(tmp_path / "ssl", config)), FLAG)
    assert "custom_ca has no effect without client_verify" in caplog.text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"server_key": ""}, "has no server_key; it takes the PEM text"),
        ({"server_cert": ""}, "has no server_cert; it takes the PEM text"),
        ({"server_key": "/etc/key.pem"}, "give the text itself, not the path of a file"),
        ({"server_cert": BROKEN}, "its server_key and server_cert cannot be used together"),
        ({"client_verify": True}, "has client_verify and no custom_ca"),
        ({"client_verify": True, "custom_ca": BROKEN}, "its custom_ca is no PEM text"),
        ({"client_verify": True, "custom_ca": "é"}, "its custom_ca is no PEM text"),
    ],
)
def test_files_that_no_connection_could_be_made_with(
    tmp_path: Path, certificate: Certificate, changes: dict[str, Any], text: str
) -> None:
    fields = {"server_key": certificate.key, "server_cert": certificate.chain} | changes
    file = write_config(tmp_path / "ssl", SSLConfig(**fields))
    with pytest.raises(InvalidArgument, match=text):
        read_ssl_config(str(file), FLAG)


def test_a_key_of_another_certificate(
    tmp_path: Path, certificate: Certificate, authority: trustme.CA
) -> None:
    other = Certificate.of(authority, LOCAL)
    config = SSLConfig(server_key=other.key, server_cert=certificate.chain)
    file = write_config(tmp_path / "ssl", config)
    with pytest.raises(InvalidArgument, match="KEY_VALUES_MISMATCH"):
        read_ssl_config(str(file), FLAG)


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
        read_ssl_config(str(file), FLAG)


def test_old_versions_of_tls_are_not_spoken(tmp_path: Path, certificate: Certificate) -> None:
    file = write_config(tmp_path / "ssl", certificate.config())
    context = read_ssl_config(str(file), FLAG).context
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_NONE


def test_what_cannot_be_used_is_told_once_and_what_was_there_stays(
    tmp_path: Path, certificate: Certificate, authority: trustme.CA, caplog: Any
) -> None:
    caplog.set_level("INFO")
    path = write_config(tmp_path / "ssl", certificate.config())
    file = ReloadedFile(str(path), lambda: read_ssl_config(str(path), FLAG))
    taken: list[str] = []
    file.changed = lambda settings: taken.append(settings.key)
    first, other = file.current, Certificate.of(authority, LOCAL)
    file.look()
    assert not caplog.messages
    # Half of a new pair, then nothing, then no file at all.
    for config in (SSLConfig(server_key=other.key, server_cert=certificate.chain), SSLConfig()):
        write_config(path, config)
        file.look()
        file.look()
        assert file.current is first
    path.unlink()
    file.look()
    file.look()
    assert file.current is first
    assert len(caplog.messages) == 3
    assert "KEY_VALUES_MISMATCH; what was there stays in force" in caplog.messages[0]
    assert "has no server_key" in caplog.messages[1]
    assert "cannot be read any more; what it has said stays" in caplog.messages[2]
    write_config(path, other.config())
    file.look()
    assert [file.current.key, *taken] == [other.key, other.key]


def test_a_token_that_changes(tmp_path: Path, caplog: Any) -> None:
    path = tmp_path / "token"
    path.touch(0o600)
    path.write_text("first\n")
    file = reloaded_token(str(path), "--rest_api_token_file")
    path.write_text("two words")
    file.look()
    assert file.current == b"first"
    assert "has spaces or several lines" in caplog.text
    path.write_text("second")
    file.look()
    assert file.current == b"second"
