"""Records as tables to read: as text, and as HTML without styles of its own."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

__all__ = ["bundle", "html_table", "preformatted", "text_table"]

# No colours: those of the page hold in light and in dark themes.
_CELL: Final = "text-align: left; vertical-align: top"
# What surrounds it may have chosen another one, as pages made of notebooks do.
_FONT: Final = "font-family: monospace"


def text_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side, a line a row."""
    table = [heads, *rows]
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    lines = (
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        )
        for row in table
    )
    return "\n".join(line.rstrip() for line in lines)


def _width(text: str) -> int:
    # Chinese characters take two places.
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def html_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The same in HTML, with everything escaped."""
    body = "".join(f"<tr>{_cells('td', row)}</tr>" for row in rows)
    return f"<table><thead><tr>{_cells('th', heads)}</tr></thead><tbody>{body}</tbody></table>"


def _cells(tag: str, row: Sequence[str]) -> str:
    return "".join(f'<{tag} style="{_CELL}">{escape(cell)}</{tag}>' for cell in row)


def preformatted(text: str) -> str:
    """Text in HTML as it is."""
    return f'<pre style="{_FONT}">{escape(text)}</pre>'


def bundle(text: str, html: str) -> Mapping[str, str]:
    """What ``_repr_mimebundle_`` returns for both forms."""
    return {"text/plain": text, "text/html": html}
