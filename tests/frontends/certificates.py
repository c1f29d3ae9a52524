"""Real certificates, and files of ``SSLConfig`` with them."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

from tfs_notebook.wire.messages import SSLConfig

LOCAL = "127.0.0.1"
BROKEN = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@dataclass(frozen=True)
class Certificate:
    key: str
    chain: str

    @staticmethod
    def of(authority: trustme.CA, name: str) -> Certificate:
        made = authority.issue_cert(name)
        chain = "".join(blob.bytes().decode() for blob in made.cert_chain_pems)
        return Certificate(made.private_key_pem.bytes().decode(), chain)

    @property
    def serial(self) -> str:
        """As ``openssl`` writes it."""
        return shown_serial(self.chain)

    def config(self, authority: trustme.CA | None = None) -> SSLConfig:
        """A server's configuration with it; clients need a certificate of the authority."""
        config = SSLConfig(server_key=self.key, server_cert=self.chain)
        if authority is not None:
            config.custom_ca = authority_text(authority)
            config.client_verify = True
        return config

    def write(self, directory: Path, name: str = "client") -> tuple[str, str]:
        """Files of the chain and of the key."""
        paths = directory / f"{name}.pem", directory / f"{name}.key"
        for path, text in zip(paths, (self.chain, self.key), strict=True):
            path.touch(0o600)
            path.write_text(text)
        return str(paths[0]), str(paths[1])


def authority_text(authority: trustme.CA) -> str:
    return authority.cert_pem.bytes().decode()


def write_config(path: Path, config: SSLConfig, mode: int = 0o600) -> Path:
    """Put it in the place of what is there, in one step."""
    new = path.with_name(f"{path.name}.new")
    new.write_text("\n".join(map(_text_line, config.ListFields())))
    new.chmod(mode)
    return new.replace(path)


def _text_line(field_and_value: tuple[Any, Any]) -> str:
    field, value = field_and_value
    if isinstance(value, str):
        return f'{field.name}: "{value}"'.replace("\n", "\\n")
    return f"{field.name}: {str(value).lower()}"


def shown_serial(pem: str) -> str:
    """The serial number of the first certificate in a text."""
    done = subprocess.run(
        ["openssl", "x509", "-noout", "-serial"],
        input=pem,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def s_client(port: int, *options: str) -> subprocess.CompletedProcess[str]:
    """What ``openssl s_client`` says of a port."""
    return subprocess.run(
        ["openssl", "s_client", "-connect", f"{LOCAL}:{port}", "-showcerts", *options],
        input="",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
