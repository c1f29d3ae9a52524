"""Keeps web pages away from a server that listens for this machine alone.

A page in the user's browser can send requests to ``localhost``, and through a
host name it controls (DNS rebinding) even read the answers. It cannot choose
what ``Host`` and ``Origin`` say.
"""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.rest.http import Request
from tfs_notebook.wire.errors import PermissionDenied

__all__ = ["LocalOnly"]

_MOST_KNOWN: Final = 64
_LONGEST_KNOWN: Final = 255


class LocalOnly:
    """Lets a request pass whose ``Host`` and ``Origin`` are this machine's.

    Args:
        allowed: further host names to let pass, in lower case.
        cors: whether any origin may pass.
    """

    def __init__(self, allowed: frozenset[str] = frozenset(), *, cors: bool = False) -> None:
        self._allowed = allowed
        self._known: set[str] = set()
        self._cors = cors

    @classmethod
    def for_config(cls, config: ServerConfig) -> LocalOnly | None:
        """The check a server needs, or None if it listens for other machines too."""
        if not _is_local(config.host):
            return None
        names = (name.strip().lower() for name in config.allowed_hosts.split(","))
        return cls(frozenset(filter(None, names)), cors=config.rest_api_enable_cors_support)

    def check(self, request: Request) -> None:
        """Raise PermissionDenied unless the request may pass."""
        header = request.headers.get("Host", "")
        if header not in self._known:
            self._check_host(header)
        origin = request.headers.get("Origin")
        if origin and not self._cors and not self._passes(_origin_host(origin)):
            raise PermissionDenied(
                f"pages of {origin} may not call this server; "
                "--rest_api_enable_cors_support lets any page in"
            )

    def _check_host(self, header: str) -> None:
        host = _host_name(header)
        if host and not self._passes(host):
            raise PermissionDenied(
                f"this server listens for its own machine only, and {host!r} is none of its "
                "names; add it to --allowed_hosts, or listen for all with --host=0.0.0.0"
            )
        if len(self._known) < _MOST_KNOWN and len(header) <= _LONGEST_KNOWN:
            # To take it apart is a tenth of what a small request costs.
            self._known.add(header)

    def _passes(self, host: str) -> bool:
        return _is_local(host) or host in self._allowed


def _host_name(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return header.lower()


def _origin_host(origin: str) -> str:
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        # No browser sends such a one; it is nobody's name.
        return ""


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
