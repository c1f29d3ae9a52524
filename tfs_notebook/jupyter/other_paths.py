"""What may be asked of another model server: to read, and to predict. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from tfs_notebook.jupyter.allowed_servers import METRICS_PATH

__all__ = ["WITH_QUERY", "is_allowed"]

_RAW_INPUT: Final = "predict"
_HISTORY: Final = "v2/repository/history"
WITH_QUERY: Final = frozenset({_RAW_INPUT, _HISTORY})
"""Where a query is passed on: to what a server of ours has, and no other."""

_V1: Final = r"v1/models/[^/:]+(?:/versions/[0-9]+|/labels/[^/:]+)?"
_V2: Final = r"v2/models/[^/]+(?:/versions/[0-9]+)?"
_READ: Final = re.compile(
    rf"{_V1}(?:/metadata)?|{METRICS_PATH}"
    # These only ours has.
    rf"|v1/models|v2|v2/health/(?:live|ready)|{_V2}(?:/ready|/stats)?|v2/repository/overview"
    rf"|{_HISTORY}"
)
_PREDICT: Final = re.compile(
    rf"{_V1}:(?:predict|classify|regress)|{_V2}/infer|{_RAW_INPUT}", re.ASCII
)


def is_allowed(method: str, path: str) -> bool:
    """Whether a path below the server's root may be asked for.

    Args:
        method: of HTTP.
        path: without the slash at its front, quoted as it came.
    """
    allowed = _PREDICT if method == "POST" else _READ
    return allowed.fullmatch(path) is not None and all(map(_is_plain, path.split("/")))


def _is_plain(segment: str) -> bool:
    # Who unquotes it on the way may find another path than the one that is allowed.
    text = unquote(segment)
    return (
        text not in (".", "..")
        and text.isprintable()
        and not any(mark in text for mark in "/\\?#%")
    )
