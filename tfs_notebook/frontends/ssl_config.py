"""What a file of ``SSLConfig`` says, checked, whichever door it is for."""

from __future__ import annotations

import logging
import ssl
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tfs_notebook.serving.model_config import read_text_proto
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import SSLConfig

__all__ = ["SslSettings", "read_ssl_config"]

_log = logging.getLogger(__name__)

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class SslSettings:
    """How a TCP port speaks TLS. A connection can be made with them.

    Attributes:
        key: of the server's certificate, in PEM.
        certificate: the server's, with what leads to its authority, in PEM.
        client_authority: who signs the certificates of clients, in PEM; None where clients
            need none.
        context: made of these, for whoever speaks TLS with Python's own library.
    """

    key: str
    certificate: str
    client_authority: str | None
    context: ssl.SSLContext


def read_ssl_config(path: str, named_by: str) -> SslSettings:
    """Read such a file; blocks on it.

    Args:
        path: of the file.
        named_by: the flag that names it, for the errors.

    Raises:
        InvalidArgument: no such file, or texts that no connection could be made with.
    """
    config = read_text_proto(path, SSLConfig, is_secret=True)
    where = f"{named_by}: {path}"
    _check_texts(config, where)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    _use_pair(context, config, where)
    if Path(path).stat().st_mode & _OTHERS:
        _log.warning(
            "%s holds a private key and can be read by others than its owner; chmod 600 it",
            path,
        )
    if config.client_verify:
        _use_authority(context, config.custom_ca, where)
    elif config.custom_ca:
        _log.warning("%s: custom_ca has no effect without client_verify", path)
    authority = config.custom_ca if config.client_verify else None
    return SslSettings(config.server_key, config.server_cert, authority, context)


def _check_texts(config: SSLConfig, where: str) -> None:
    for field in ("server_key", "server_cert"):
        text = getattr(config, field)
        if not text:
            raise InvalidArgument(f"{where} has no {field}; it takes the PEM text")
        if "-----BEGIN " not in text:
            raise InvalidArgument(
                f"{where}: its {field} is no PEM text (-----BEGIN …); give the text itself, "
                "not the path of a file"
            )
    if config.client_verify and not config.custom_ca:
        raise InvalidArgument(
            f"{where} has client_verify and no custom_ca; give the PEM text of the authority "
            "that signs the certificates of clients"
        )


def _use_pair(context: ssl.SSLContext, config: SSLConfig, where: str) -> None:
    # gRPC says no more of a bad pair than that it cannot listen, and of one that comes later
    # nothing at all. Python reads pairs from files alone: this one is its owner's, and gone
    # at once.
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".pem") as pair:
        pair.write(f"{config.server_key}\n{config.server_cert}\n")
        pair.flush()
        try:
            context.load_cert_chain(pair.name, password=_no_password)
        except (ssl.SSLError, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise InvalidArgument(
                f"{where}: its server_key and server_cert cannot be used together: {reason}"
            ) from None


def _no_password() -> str:
    # Otherwise OpenSSL would ask for one at the terminal.
    raise ValueError("the key asks for a password; give it without one")


def _use_authority(context: ssl.SSLContext, text: str, where: str) -> None:
    context.verify_mode = ssl.CERT_REQUIRED
    try:
        context.load_verify_locations(cadata=text)
    except (ssl.SSLError, TypeError, ValueError) as error:
        raise InvalidArgument(
            f"{where}: its custom_ca is no PEM text of certificates: "
            f"{getattr(error, 'reason', None) or error}"
        ) from None
