"""How Jupyter proves to another model server who asks, and knows it: from configured files."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

from tfs_notebook.frontends.token_file import read_token
from tfs_notebook.jupyter.allowed_servers import TRAIT, AllowedServer
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["CredentialsFault", "OtherCredentials"]

Content = TypeVar("Content")
_Stamp = tuple[tuple[int, int, int], ...]
_NO_STAMP: Final = (0, 0, 0)


class CredentialsFault(Exception):
    """The configured files cannot be used; the text names the trait, and nothing in them."""


class OtherCredentials:
    """What one server is shown, and nobody else.

    Files are read by a thread when they are first needed, and anew when they have changed.

    Args:
        server: which.
    """

    def __init__(self, server: AllowedServer) -> None:
        files = server.files
        self._server = server
        self._token = _Followed((files.token_file,), self._read_token)
        authorities = (files.ca, files.client_certificate, files.client_key)
        self._tls = _Followed(authorities, self._make_context)

    async def token(self) -> str | None:
        """For the header ``Authorization``; None where no file is configured.

        Raises:
            CredentialsFault: it cannot be read, or has no token in it.
        """
        return await asyncio.to_thread(self._token.get)

    async def tls(self) -> ssl.SSLContext | None:
        """Whom to trust, and what to show; None where the address says no TLS.

        Raises:
            CredentialsFault: a file cannot be read, or has something else in it.
        """
        return await asyncio.to_thread(self._tls.get)

    def _read_token(self) -> str | None:
        path = self._server.files.token_file
        if not path:
            return None
        try:
            return read_token(path, f"token_file in {TRAIT}").decode("ascii")
        except InvalidArgument as error:
            raise CredentialsFault(str(error)) from None
        except UnicodeDecodeError:
            raise CredentialsFault(
                f"token_file in {TRAIT}: the token in {path} has to have characters of ASCII "
                "alone, as headers have"
            ) from None

    def _make_context(self) -> ssl.SSLContext | None:
        if not self._server.is_secure:
            return None
        files = self._server.files
        what, path = "ca", files.ca
        try:
            context = ssl.create_default_context(cafile=files.ca or None)
            if files.client_certificate:
                what, path = "client_certificate", files.client_certificate
                # Never asked at a terminal: nobody sits there.
                context.load_cert_chain(path, files.client_key or None, password=_no_password)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise CredentialsFault(
                f"{what} in {TRAIT} has to name a file in PEM, without a password, and {path} "
                f"cannot be used: {reason}"
            ) from None
        return context


def _no_password() -> str:
    raise ValueError("it has a password")


class _Followed(Generic[Content]):
    """What is made of files; made anew when one of them is another than it was."""

    def __init__(self, paths: tuple[str, ...], make: Callable[[], Content]) -> None:
        self._paths = tuple(Path(path) for path in paths if path)
        self._make = make
        self._made: tuple[_Stamp, Content] | None = None

    def get(self) -> Content:
        """Blocks; threads may call it at once."""
        stamp = tuple(map(_stamp_of, self._paths))
        made = self._made
        if made is None or made[0] != stamp:
            made = self._made = (stamp, self._make())
        return made[1]


def _stamp_of(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except OSError:
        return _NO_STAMP
    return status.st_mtime_ns, status.st_size, status.st_ino
