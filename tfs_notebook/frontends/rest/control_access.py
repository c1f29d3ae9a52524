"""Who may load, unload, label and roll back models."""

from __future__ import annotations

import hmac
import logging
import stat
from pathlib import Path
from typing import Final

from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.rest.http import Request
from tfs_notebook.wire.errors import InvalidArgument, PermissionDenied

__all__ = ["ControlAccess"]

_log = logging.getLogger(__name__)

_SCHEME: Final = "Bearer "
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class ControlAccess:
    """Lets a control request pass that came over the Unix socket, or has the token."""

    def __init__(self, config: ServerConfig) -> None:
        """Read the token; blocks on its file.

        Raises:
            InvalidArgument: the file cannot be read, or has no token in it.
        """
        self._explicit = config.model_control == "explicit"
        path = config.model_control_token_file
        self._token = _read_token(Path(path)) if path else None
        if self._token is not None and not self._explicit:
            _log.warning("--model_control_token_file has no effect without --model_control")

    def check(self, request: Request) -> None:
        """Raise PermissionDenied unless the request may pass."""
        if request.over_unix_socket:
            return
        if not self._explicit:
            raise PermissionDenied(
                "models are changed over the REST socket only (--rest_api_socket_path); over "
                "TCP the server has to be started with --model_control=explicit and "
                "--model_control_token_file=FILE"
            )
        if self._token is None:
            raise PermissionDenied(
                "the server was started without --model_control_token_file=FILE, so models are "
                "changed over the REST socket only (--rest_api_socket_path)"
            )
        sent = request.headers.get("Authorization", "")
        token = sent[len(_SCHEME) :] if sent[: len(_SCHEME)].lower() == _SCHEME.lower() else ""
        if not hmac.compare_digest(token.strip().encode("latin-1", "replace"), self._token):
            raise PermissionDenied(
                "this needs the header Authorization: Bearer TOKEN, with the token of the file "
                f"that --model_control_token_file names; got {'another' if sent else 'none'}"
            )


def _read_token(path: Path) -> bytes:
    try:
        token = path.read_bytes().strip()
        mode = path.stat().st_mode
    except OSError as error:
        raise InvalidArgument(
            f"--model_control_token_file: cannot read {path}: {error.strerror}"
        ) from None
    if not token:
        raise InvalidArgument(f"--model_control_token_file: there is no token in {path}")
    if mode & _OTHERS:
        _log.warning("%s can be read by others than its owner; chmod 600 it", path)
    return token
