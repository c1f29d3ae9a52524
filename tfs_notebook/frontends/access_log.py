"""The access log and request ids, the same for both doors; off by default."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Mapping
from typing import Final

__all__ = ["DETAILS", "log_access", "new_request_id"]

_log = logging.getLogger("tfs_notebook.access")

DETAILS: Final = "access_details"
"""The attribute of a log record that has what is known of a request, where that is logged."""

# What a client sends goes into a log line and a header: no blanks, no controls.
_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")
_UNPRINTABLE: Final = re.compile(r"[^\x20-\x7e]")


def new_request_id(given: str | None) -> str:
    """The id a client gave, if it is fit to be repeated; else a new one."""
    if given and _ID.fullmatch(given):
        return given
    return uuid.uuid4().hex


def log_access(
    peer: str,
    door: str,
    what: str,
    status: str,
    seconds: float,
    request_id: str,
    details: Mapping[str, object] | None = None,
) -> None:
    """Log one request that has been answered, on the logger ``tfs_notebook.access``.

    Args:
        peer: who has asked.
        door: ``REST`` or ``gRPC``.
        what: method and path.
        status: in the words of the door.
        seconds: from the request's head to its answer.
        request_id: if it has one.
        details: what more a log of JSON lines has; what is None is left out.
    """
    what = _UNPRINTABLE.sub("?", what)[:512]
    extra = None
    if details is not None:
        known = {
            "door": door,
            "peer": peer,
            "request": what,
            "code": status,
            **details,
            "request_id": request_id or None,
        }
        extra = {DETAILS: {name: value for name, value in known.items() if value is not None}}
    _log.info(
        '%s %s "%s" %s %.3fms %s',
        peer,
        door,
        what,
        status,
        seconds * 1000,
        request_id or "-",
        extra=extra,
    )
