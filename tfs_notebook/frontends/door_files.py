"""The files that say how a door is guarded: certificates and tokens."""

from __future__ import annotations

import logging
from typing import Any, Final

from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.grpc.tls import grpc_ssl_file
from tfs_notebook.frontends.reloaded_file import FileWatch, ReloadedFile
from tfs_notebook.frontends.rest.tls import rest_ssl_file
from tfs_notebook.frontends.ssl_config import SslSettings
from tfs_notebook.frontends.token_file import reloaded_token

__all__ = ["DoorFiles"]

_log = logging.getLogger(__name__)

_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class DoorFiles:
    """What the flags name of them, each None where they name none.

    Attributes:
        grpc_ssl: how gRPC over TCP speaks TLS.
        rest_ssl: how REST does.
        grpc_token: what gRPC over TCP asks for.
        rest_token: what REST does.
        control_token: what changes of the models over REST ask for.
    """

    def __init__(self, config: ServerConfig) -> None:
        """Read them; blocks.

        Raises:
            InvalidArgument: one of them cannot be used.
        """
        self._files: list[ReloadedFile[Any]] = []
        self.grpc_ssl: ReloadedFile[SslSettings] | None = None
        self.rest_ssl: ReloadedFile[SslSettings] | None = None
        if path := config.ssl_config_file:
            self.grpc_ssl = grpc_ssl_file(path)
            self._files.append(self.grpc_ssl)
        if path := config.rest_api_ssl_config_file:
            self.rest_ssl = rest_ssl_file(path)
            self._files.append(self.rest_ssl)
        self.grpc_token = self._token(config, "grpc_token_file")
        self.rest_token = self._token(config, "rest_api_token_file")
        self.control_token = self._token(config, "model_control_token_file")
        self._watch = FileWatch(self._files, config.ssl_config_file_poll_wait_seconds)
        _warn(config)

    def _token(self, config: ServerConfig, flag: str) -> ReloadedFile[bytes] | None:
        if not (path := getattr(config, flag)):
            return None
        file = reloaded_token(path, f"--{flag}")
        self._files.append(file)
        return file

    def start(self) -> None:
        """Begin to look whether they have changed."""
        self._watch.start()

    def stop(self) -> None:
        """End that; blocks for a moment at most. Idempotent."""
        self._watch.stop()


def _warn(config: ServerConfig) -> None:
    if config.port and config.model_control_token_file and not config.grpc_token_file:
        _log.warning(
            "--model_control_token_file guards REST alone: whoever reaches gRPC's port can "
            "change the models by HandleReloadConfigRequest; see --grpc_token_file"
        )
    for flag in ("rest_api_ssl_config_file", "rest_api_token_file"):
        if getattr(config, flag) and not config.rest_api_port:
            _log.warning("--%s has no effect without --rest_api_port", flag)
    if config.rest_api_port and config.rest_api_token_file and not _is_encrypted(config):
        _log.warning(
            "--rest_api_token_file without --rest_api_ssl_config_file: on %s the token can be "
            "read by whoever sees the traffic",
            config.host,
        )


def _is_encrypted(config: ServerConfig) -> bool:
    # What stays in this machine needs no encryption.
    return bool(config.rest_api_ssl_config_file) or config.host in _LOOPBACK
