"""TLS for gRPC over TCP: ``--ssl_config_file``."""

from __future__ import annotations

import logging
import ssl
import stat
import tempfile
from pathlib import Path
from typing import Final

import grpc

from tfs_notebook.serving.model_config import read_text_proto
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import SSLConfig

__all__ = ["server_credentials"]

_log = logging.getLogger(__name__)

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_FLAG: Final = "--ssl_config_file"


def server_credentials(path: str) -> grpc.ServerCredentials:
    """The credentials that a file of ``SSLConfig`` says; blocks on it.

    Raises:
        InvalidArgument: no such file, or texts that no connection could be made with.
    """
    config = read_text_proto(path, SSLConfig)
    _check_texts(config, path)
    _check_pair(config, path)
    if Path(path).stat().st_mode & _OTHERS:
        _log.warning(
            "%s holds a private key and can be read by others than its owner; chmod 600 it",
            path,
        )
    if config.client_verify:
        _check_authority(config.custom_ca, path)
    elif config.custom_ca:
        _log.warning("%s: custom_ca has no effect without client_verify", path)
    return grpc.ssl_server_credentials(
        [(config.server_key.encode(), config.server_cert.encode())],
        root_certificates=config.custom_ca.encode() if config.client_verify else None,
        require_client_auth=config.client_verify,
    )


def _check_texts(config: SSLConfig, path: str) -> None:
    for field in ("server_key", "server_cert"):
        text = getattr(config, field)
        if not text:
            raise InvalidArgument(f"{_FLAG}: {path} has no {field}; it takes the PEM text")
        if "-----BEGIN " not in text:
            raise InvalidArgument(
                f"{_FLAG}: the {field} in {path} is no PEM text (-----BEGIN …); give the text "
                "itself, not the path of a file"
            )
    if config.client_verify and not config.custom_ca:
        raise InvalidArgument(
            f"{_FLAG}: {path} has client_verify and no custom_ca; give the PEM text of the "
            "authority that signs the certificates of clients"
        )


def _check_pair(config: SSLConfig, path: str) -> None:
    # gRPC says no more of a bad pair than that it cannot listen. Python reads pairs from
    # files alone: this one is its owner's, and gone at once.
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".pem") as pair:
        pair.write(f"{config.server_key}\n{config.server_cert}\n")
        pair.flush()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(pair.name, password=_no_password)
        except (ssl.SSLError, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise InvalidArgument(
                f"{_FLAG}: server_key and server_cert in {path} cannot be used together: "
                f"{reason}"
            ) from None


def _no_password() -> str:
    # Otherwise OpenSSL would ask for one at the terminal.
    raise ValueError("the key asks for a password; give it without one")


def _check_authority(text: str, path: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_verify_locations(cadata=text)
    except (ssl.SSLError, TypeError, ValueError) as error:
        raise InvalidArgument(
            f"{_FLAG}: the custom_ca in {path} is no PEM text of certificates: "
            f"{getattr(error, 'reason', None) or error}"
        ) from None
