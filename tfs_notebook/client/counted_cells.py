"""What a server has counted of a version, as cells of a table."""

from __future__ import annotations

from typing import Final

from tfs_notebook.client.statistics import VersionStatistics

__all__ = ["COUNTED_HEADS", "counted_cells", "memory_text"]

COUNTED_HEADS: Final = ("memory", "requests", "errors", "per second")

_THOUSAND: Final = 1000
_UNITS: Final = ("kB", "MB", "GB", "TB")


def counted_cells(version: VersionStatistics | None) -> tuple[str, ...]:
    """The cells of :data:`COUNTED_HEADS`; empty where nothing is known."""
    if version is None:
        return ("",) * len(COUNTED_HEADS)
    rate = version.per_second
    return (
        "" if version.memory is None else memory_text(version.memory),
        str(version.requests),
        str(version.errors),
        "" if rate is None else f"{rate:.3g}",
    )


def memory_text(size: int) -> str:
    """``1500`` as ``1.5 kB``."""
    value, unit = float(size), "bytes"
    for larger in _UNITS:
        if value < _THOUSAND:
            break
        value, unit = value / _THOUSAND, larger
    return f"{value:.3g} {unit}"
