"""The access log and request ids, the same for both doors; off by default."""

from __future__ import annotations

import logging
import re
import uuid
from typing import Final

__all__ = ["log_access", "new_request_id"]

_log = logging.getLogger("tfs_notebook.access")

# What a client sends goes into a log line and a header: no blanks, no controls.
_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")
_UNPRINTABLE: Final = re.compile(r"[^\x20-\x7e]")


def new_request_id(given: str | None) -> str:
    """The id a client gave, if it is fit to be repeated; else a new one."""
    if given and _ID.fullmatch(given):
        return given
    return uuid.uuid4().hex


def log_access(
    peer: str, door: str, what: str, status: str, seconds: float, request_id: str
) -> None:
    """Log one request that has been answered, on the logger ``tfs_notebook.access``."""
    what = _UNPRINTABLE.sub("?", what)[:512]
    _log.info(
        '%s %s "%s" %s %.3fms %s', peer, door, what, status, seconds * 1000, request_id or "-"
    )
