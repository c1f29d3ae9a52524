"""What is served, as a table that is also text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from tfs_notebook.client.control import ServedModel
from tfs_notebook.wire.errors import Code

__all__ = ["StatusTable"]

_HEADS: Final = ("model", "version", "state", "labels", "from")
# No colours: those of the page hold in light and in dark themes.
_CELL: Final = "text-align: left; vertical-align: top"


@dataclass(frozen=True, slots=True)
class StatusTable:
    """The models of a server, as they were when it was asked.

    Attributes:
        title: whose server it is, or what to do if there is none.
        models: in the order of the server's configuration.
    """

    title: str
    models: tuple[ServedModel, ...]

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The cells, as text: a row for each version, or one for a model without any."""
        return [row for model in self.models for row in _rows(model)]

    def __repr__(self) -> str:
        if not self.models:
            return self.title
        table = [_HEADS, *self.rows]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = (
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            for row in table
        )
        return "\n".join([self.title, *(line.rstrip() for line in lines)])

    def _repr_html_(self) -> str:
        title = f"<p>{escape(self.title)}</p>"
        if not self.models:
            return title
        body = "".join(f"<tr>{_cells('td', row)}</tr>" for row in self.rows)
        return (
            f"<div>{title}<table><thead><tr>{_cells('th', _HEADS)}</tr></thead>"
            f"<tbody>{body}</tbody></table></div>"
        )


def _cells(tag: str, row: Sequence[str]) -> str:
    return "".join(f'<{tag} style="{_CELL}">{escape(cell)}</{tag}>' for cell in row)


def _rows(model: ServedModel) -> list[tuple[str, ...]]:
    if not model.versions:
        waits = f"waiting: {model.waiting_for}" if model.waiting_for else "waiting"
        return [(model.name, "", waits, _labels(model, None), model.base_path)]
    rows: list[tuple[str, ...]] = []
    for one in model.versions:
        reason = f" ({Code(one.code).name}: {one.error})" if one.code else ""
        labels = _labels(model, one.version)
        rows.append((model.name, str(one.version), one.state + reason, labels, model.base_path))
    return rows


def _labels(model: ServedModel, version: int | None) -> str:
    return ", ".join(
        label if version is not None else f"{label}: {number}"
        for label, number in sorted(model.labels.items())
        if version in (None, number)
    )
