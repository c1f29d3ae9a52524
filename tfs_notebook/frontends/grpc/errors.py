"""Canonical codes as gRPC statuses: the one table of this transport."""

from __future__ import annotations

import logging
from typing import Final

import grpc

from tfs_notebook.wire.errors import Code, Internal, ServingError

__all__ = ["grpc_status", "status_of"]

_log = logging.getLogger(__name__)

_STATUS: Final[dict[int, grpc.StatusCode]] = {
    status.value[0]: status for status in grpc.StatusCode
}
_LONGEST: Final = 1024
_CUT: Final = "...TRUNCATED"


def grpc_status(error: ServingError) -> tuple[grpc.StatusCode, str]:
    """The status and the text for an error; TF Serving cuts texts after 1024 bytes."""
    text = error.message.encode("utf-8", "replace")
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + _CUT.encode()
    return _STATUS[error.code or Code.UNKNOWN], text.decode("utf-8", "ignore")


def status_of(error: Exception, path: str) -> tuple[grpc.StatusCode, str]:
    """The same for whatever a call of ``path`` has raised; the log has what nobody foresaw."""
    if isinstance(error, ServingError):
        return grpc_status(error)
    _log.error("%s failed in an unforeseen way", path, exc_info=error)
    return grpc_status(Internal("internal error; the server's log has it"))
