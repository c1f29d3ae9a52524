"""How a client knows its server, and proves who it is itself: TLS."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["PathLike", "Tls", "tls_of"]

PathLike = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM, by their paths.

    Attributes:
        ca: the authorities to believe; None for those of the system.
        certificate: the client's own, where the server asks for one.
        key: of that certificate.
        server_name: the name the server's certificate has to be for, where that is not
            the one in the address.
    """

    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    server_name: str | None = None

    def contents(self) -> tuple[bytes | None, bytes | None, bytes | None]:
        """What is in the files: authorities, key and certificate."""
        return (
            _content("ca", self.ca),
            _content("client_key", self.key),
            _content("client_certificate", self.certificate),
        )


def tls_of(
    tls: bool | None,
    *,
    ca: PathLike | None,
    client_certificate: PathLike | None,
    client_key: PathLike | None,
    server_name: str | None,
    named_by_address: bool,
) -> Tls | None:
    """What a caller's arguments come to; None for no TLS. Reads nothing.

    Args:
        tls: whether to use it; None if the address or another argument says.
        ca: see :class:`Tls`, as the next three.
        client_certificate: with its key in the same file, unless ``client_key`` is given.
        client_key: of the client's certificate.
        server_name: that the certificate is for.
        named_by_address: whether the address says so: ``https:``, ``grpcs:``.

    Raises:
        InvalidArgument: the arguments contradict each other.
    """
    given = (ca, client_certificate, client_key, server_name)
    if tls is False and (named_by_address or any(given)):
        raise InvalidArgument("tls=False contradicts the address, or ca= and what goes with it")
    if client_key is not None and client_certificate is None:
        raise InvalidArgument("client_key= is of a client_certificate=, which is missing")
    if not (tls or named_by_address or any(given)):
        return None
    key = client_key if client_key is not None else client_certificate
    return Tls(_text(ca), _text(client_certificate), _text(key), server_name)


def _text(path: PathLike | None) -> str | None:
    return None if path is None else os.path.abspath(os.fspath(path))  # noqa: PTH100 - no access


def _content(what: str, path: str | None) -> bytes | None:
    if path is None:
        return None
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InvalidArgument(f"{what}={path!r} cannot be read: {error.strerror}") from None
