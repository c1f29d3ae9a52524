"""The versions of one model as a table: states, labels, memory, traffic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tfs_notebook.client.counted_cells import COUNTED_HEADS, counted_cells
from tfs_notebook.client.statistics import ModelStatistics
from tfs_notebook.client.transport import VersionStatus

__all__ = ["version_table"]


def version_table(
    versions: Sequence[VersionStatus],
    labels: Mapping[str, int] | None,
    statistics: ModelStatistics | None,
) -> tuple[Sequence[str], list[tuple[str, ...]]]:
    """Heads and cells, a row a version.

    Args:
        versions: their states.
        labels: version by label; None if nobody tells.
        statistics: what was counted of them; None if nobody tells.
    """
    heads = ["version", "state"]
    if labels is not None:
        heads.append("labels")
    if statistics is not None:
        heads += COUNTED_HEADS
    return heads, [_row(one, labels, statistics) for one in versions]


def _row(
    one: VersionStatus, labels: Mapping[str, int] | None, statistics: ModelStatistics | None
) -> tuple[str, ...]:
    cells = [str(one.version), str(one).removeprefix(f"version {one.version} ")]
    if labels is not None:
        cells.append(", ".join(k for k, v in sorted(labels.items()) if v == one.version))
    if statistics is not None:
        # What has ended takes no memory, whatever was counted of it.
        is_there = one.state == "AVAILABLE"
        cells += counted_cells(statistics.version(one.version) if is_there else None)
    return tuple(cells)
