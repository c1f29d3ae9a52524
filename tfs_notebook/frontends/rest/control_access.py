"""Who may load, unload, label and roll back models."""

from __future__ import annotations

import logging

from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.reloaded_file import ReloadedFile
from tfs_notebook.frontends.rest.http import Request
from tfs_notebook.frontends.token_file import is_bearer_of
from tfs_notebook.wire.errors import PermissionDenied

__all__ = ["ControlAccess"]

_log = logging.getLogger(__name__)


class ControlAccess:
    """Lets a control request pass that came over the Unix socket, or has the token."""

    def __init__(self, config: ServerConfig, token: ReloadedFile[bytes] | None = None) -> None:
        """Take note.

        Args:
            config: the flags.
            token: that of ``--model_control_token_file``, if there is one.
        """
        self._explicit = config.model_control == "explicit"
        self._token = token
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
        if not is_bearer_of(self._token.current, sent):
            raise PermissionDenied(
                "this needs the header Authorization: Bearer TOKEN, with the token of the file "
                f"that --model_control_token_file names; got {'another' if sent else 'none'}"
            )
