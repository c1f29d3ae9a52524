"""What a load tool has seen, whichever it was."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

__all__ = ["LoadReport", "MissingToolError", "found"]

_PACKAGES = {"h2load": "nghttp2-client", "wrk": "wrk"}


class MissingToolError(RuntimeError):
    """A load tool is not installed; the text says how to install it."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """One run of a load tool.

    Attributes:
        answered: the requests that the tool counts as answered. It looks at HTTP's
            status only, and every error of gRPC comes with 200.
        failed: those that were not answered, or not with 200.
        per_second: answers a second.
        p50: median of the time from a request to the end of its answer, in ms.
        p99: its 99th percentile, in ms.
    """

    answered: int
    failed: int
    per_second: float
    p50: float
    p99: float


def found(tool: str) -> str:
    """The path of a load tool.

    Raises:
        MissingToolError: it is not installed.
    """
    path = shutil.which(tool)
    if path is None:
        raise MissingToolError(
            f"{tool} is not installed; on Debian and Ubuntu: apt-get install {_PACKAGES[tool]}"
        )
    return path
