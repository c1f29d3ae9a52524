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
        self._check_explicit("REST", "--rest_api_socket_path")
        if self._token is None:
            raise PermissionDenied(
                "the server was started without --model_control_token_file=FILE, so models are "
                "changed over the REST socket only (--rest_api_socket_path)"
            )
        self._check_bearer(request.headers.get("Authorization", ""), "header")

    def check_call(
        self, authorization: str, *, over_unix_socket: bool, has_token: bool
    ) -> None:
        """The same for a call of gRPC that changes models.

        Args:
            authorization: its metadata of that name.
            over_unix_socket: whether it came over the socket that only its user can open.
            has_token: whether it has shown the token of ``--grpc_token_file``, with which
                models may be changed by a reload, too.
        """
        if over_unix_socket:
            return
        self._check_explicit("gRPC", "--grpc_socket_path")
        if has_token:
            return
        if self._token is None:
            raise PermissionDenied(
                "the server was started without --model_control_token_file=FILE, so models are "
                "changed over the gRPC socket only (--grpc_socket_path)"
            )
        self._check_bearer(authorization, "metadata")

    def _check_explicit(self, door: str, flag: str) -> None:
        if not self._explicit:
            raise PermissionDenied(
                f"models are changed over the {door} socket only ({flag}); over "
                "TCP the server has to be started with --model_control=explicit and "
                "--model_control_token_file=FILE"
            )

    def _check_bearer(self, sent: str, where: str) -> None:
        assert self._token is not None  # noqa: S101 - whoever asks has looked
        if not is_bearer_of(self._token.current, sent):
            got = "another" if sent else "none"
            raise PermissionDenied(
                f"this needs the {where} Authorization: Bearer TOKEN, with the token of the "
                f"file that --model_control_token_file names; got {got}"
            )
