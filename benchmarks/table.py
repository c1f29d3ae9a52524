"""Figures as a table to read."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.figures import Figure

__all__ = ["table"]


def table(figures: Sequence[Figure]) -> str:
    """A line a figure; what misses its limit is marked."""
    rows = [
        (figure.benchmark, figure.name, f"{figure.value:,.3f}", figure.unit, _limit(figure))
        for figure in figures
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(5)]
    return "\n".join(
        f"{one:{widths[0]}}  {name:{widths[1]}}  {value:>{widths[2]}} {unit:{widths[3]}}  "
        f"{limit}".rstrip()
        for one, name, value, unit, limit in rows
    )


def _limit(figure: Figure) -> str:
    if figure.at_most is not None:
        return f"≤ {figure.at_most:g}  {'kept' if figure.value <= figure.at_most else 'MISSED'}"
    if figure.at_least is not None:
        kept = figure.value >= figure.at_least
        return f"≥ {figure.at_least:g}  {'kept' if kept else 'MISSED'}"
    return ""
