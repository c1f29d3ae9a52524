"""TLS for gRPC over TCP: ``--ssl_config_file``."""

from __future__ import annotations

from typing import Final

import grpc

from tfs_notebook.frontends.reloaded_file import ReloadedFile
from tfs_notebook.frontends.ssl_config import SslSettings, read_ssl_config
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["grpc_ssl_file", "server_credentials"]

_FLAG: Final = "--ssl_config_file"


def grpc_ssl_file(path: str) -> ReloadedFile[SslSettings]:
    """The file, whose certificates may change; blocks on it.

    Raises:
        InvalidArgument: no connection could be made with what it says.
    """
    first = read_ssl_config(path, _FLAG)

    def read() -> SslSettings:
        settings = read_ssl_config(path, _FLAG)
        # gRPC is told once, when the port opens.
        if (settings.client_authority is None) != (first.client_authority is None):
            raise InvalidArgument(
                f"{_FLAG}: {path} has another client_verify than at the start, which takes a "
                "restart"
            )
        return settings

    return ReloadedFile(path, read)


def server_credentials(file: ReloadedFile[SslSettings]) -> grpc.ServerCredentials:
    """Credentials that give each new connection what the file has said last."""
    given = file.current

    def newer() -> grpc.ServerCertificateConfiguration | None:
        # GRPC's own threads call it, at each handshake; it may not wait.
        nonlocal given
        current = file.current
        if current is given:
            return None
        given = current
        return _configuration(current)

    return grpc.dynamic_ssl_server_credentials(
        _configuration(given),
        newer,  # type: ignore[arg-type] # None says that there is nothing new
        require_client_authentication=given.client_authority is not None,
    )


def _configuration(settings: SslSettings) -> grpc.ServerCertificateConfiguration:
    authority = settings.client_authority
    return grpc.ssl_server_certificate_configuration(
        [(settings.key.encode(), settings.certificate.encode())],
        root_certificates=None if authority is None else authority.encode(),
    )
