"""What people write for the address of a model server."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["FORMS", "Address", "parse_address"]

FORMS: Final = (
    '"localhost:8500" or "grpc://host:8500" for gRPC ("grpcs://…" with TLS), '
    '"unix:/path/grpc.sock" for gRPC over a Unix socket, "http://localhost:8501" '
    'or "https://…" for REST, "http+unix:/path/rest.sock" for REST over a Unix socket'
)

_SECRETS: Final = re.compile(r"(?<=//).*(?=@)|(?<=[?#]).+", re.DOTALL)
_UNIX: Final = {"unix": "grpc", "grpc+unix": "grpc", "http+unix": "http"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a model server is.

    Attributes:
        text: as it was written; it never holds a token.
        protocol: what is spoken there.
        target: ``host:port`` or ``unix:PATH`` for gRPC; for REST the URL above
            ``/v1``, without a slash at its end.
        socket: path of the Unix socket, or None.
        names_tls: whether it says that TLS is spoken there.
    """

    text: str
    protocol: Literal["grpc", "http"]
    target: str
    socket: str | None = None
    names_tls: bool = False

    @property
    def is_local(self) -> bool:
        """Whether it can only be on this machine, where no proxy is to be asked."""
        if self.socket is not None:
            return True
        place = self.target if self.protocol == "http" else f"//{self.target}"
        host = urlsplit(place).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")


def parse_address(text: str) -> Address:
    """Read an address; the forms are in :data:`FORMS`. Pure.

    Raises:
        InvalidArgument: it is none of them; the text names them all.
    """
    if not isinstance(text, str):
        raise InvalidArgument(f"an address is a text, not {text!r}. Write {FORMS}")
    scheme, colon, rest = text.strip().partition(":")
    protocol = _UNIX.get(scheme)
    if colon and protocol is not None:
        path = unquote(rest) if rest.startswith("//") else rest
        path = "/" + path.lstrip("/") if path.startswith("//") else path
        if not path:
            raise _wrong(text)
        if protocol == "grpc":
            return Address(text, "grpc", f"unix:{path}", path)
        return Address(text, "http", "http://localhost", path)
    try:
        parts = urlsplit(text.strip() if "://" in text else f"grpc://{text.strip()}")
        has_port = parts.port is not None
    except ValueError:
        raise _wrong(text) from None
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        raise _wrong(text)
    if parts.scheme in ("http", "https"):
        path = parts.path.rstrip("/").removesuffix("/v1")
        target = f"{parts.scheme}://{parts.netloc}{path}"
        return Address(text, "http", target, names_tls=parts.scheme == "https")
    if parts.scheme not in ("grpc", "grpcs") or parts.path.strip("/") or not has_port:
        raise _wrong(text)
    return Address(text, "grpc", parts.netloc, names_tls=parts.scheme == "grpcs")


def _wrong(text: str) -> InvalidArgument:
    # What people paste has their token or password in it.
    shown = _SECRETS.sub("…", text)
    hint = " (a token goes in token=…)" if shown != text else ""
    return InvalidArgument(f"{shown!r} is no address of a model server{hint}. Write {FORMS}")
