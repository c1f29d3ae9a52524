"""The table of models as HTML; the names are buttons beside it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from tfs_notebook.notebook.dashboard.looks import state_html
from tfs_notebook.notebook.dashboard.rows import HEADS, Row
from tfs_notebook.notebook.dashboard.words import Words

__all__ = ["TABLE_STYLE", "table_html"]

# Each row is as high as the button beside it, and what does not fit is told on hovering.
TABLE_STYLE: Final = """
.tfs-rows { overflow: auto; max-height: 420px; border: 1px solid var(--tfs-line); }
.tfs-names, .tfs-names .widget-button { margin: 0; }
.tfs-names { flex: 0 0 auto; overflow: visible; position: sticky; left: 0; z-index: 1;
  background: var(--jp-layout-color0,Canvas); border-right: 1px solid var(--tfs-line); }
.tfs-names > .tfs-space, .tfs-names > .widget-button { height: 28px; min-height: 28px;
  line-height: 28px; width: 130px; border: 0; border-radius: 0; box-shadow: none;
  box-sizing: border-box; overflow: hidden; text-overflow: ellipsis; }
.tfs-names > .widget-button { text-align: left; background: transparent;
  color: var(--tfs-ink); font-weight: 600; padding: 0 8px; }
.tfs-names > .widget-button:hover { background: var(--tfs-fill); }
.tfs-names > .tfs-begins { border-top: 1px solid var(--tfs-line); }
.tfs-names > .tfs-chosen { background: var(--tfs-fill);
  box-shadow: inset 3px 0 0 var(--tfs-brand); }
.tfs-numbers { flex: 1 1 auto; margin: 0; overflow: visible; }
.tfs-widget .tfs-numbers > .widget-html-content { line-height: 28px; }
.tfs-widget .tfs-dash-table { border-collapse: collapse; width: 100%; table-layout: auto;
  font-size: 0.95em; margin: 0; }
.tfs-dash-table tr { height: 28px; background: transparent; }
.tfs-dash-table th, .tfs-dash-table td { height: 28px; line-height: 27px; padding: 0 4px;
  border: 0; white-space: nowrap; text-align: right; font-variant-numeric: tabular-nums;
  color: var(--tfs-ink); box-sizing: border-box; }
.tfs-dash-table thead th { color: var(--tfs-soft); font-weight: 400; }
.tfs-dash-table .tfs-words { text-align: left; max-width: 240px; overflow: hidden;
  text-overflow: ellipsis; }
.tfs-dash-table .tfs-begins td { border-top: 1px solid var(--tfs-line); }
.tfs-dash-table .tfs-chosen { background: var(--tfs-fill); }
.tfs-dash-table .tfs-fails { color: var(--tfs-bad); font-weight: 600; }
.tfs-tone { color: var(--tfs-tone); }
.tfs-label { border: 1px solid var(--tfs-line); border-radius: 8px; padding: 0 6px;
  margin-right: 4px; font-size: 0.92em; }
.tfs-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }
"""

_ERRORS: Final = HEADS.index("failed/s")


def table_html(rows: Iterable[Row], chosen: str | None, words: Words) -> str:
    """The table.

    Args:
        rows: of it.
        chosen: the model that is looked at more closely.
        words: of the heads.
    """
    heads = "".join(f'<th scope="col">{escape(words(one))}</th>' for one in HEADS)
    body = "".join(_row(one, is_chosen=one.model == chosen) for one in rows)
    return (
        f'<table class="tfs-dash-table" aria-label="{escape(words("models and versions"))}">'
        f'<thead><tr><td class="tfs-hidden">{escape(words("model"))}</td>'
        f'<th scope="col">{escape(words("version"))}</th>'
        f'<th scope="col" class="tfs-words">{escape(words("state"))}</th>'
        f'<th scope="col" class="tfs-words">{escape(words("labels"))}</th>'
        f"{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


def _row(row: Row, *, is_chosen: bool) -> str:
    classes = " ".join(
        name
        for name, holds in (("tfs-begins", row.is_first), ("tfs-chosen", is_chosen))
        if holds
    )
    labels = "".join(f'<span class="tfs-label">{escape(one)}</span>' for one in row.labels)
    note = f" · {row.note}" if row.note else ""
    title = f' title="{escape(row.state + note)}"'
    numbers = "".join(
        f'<td class="tfs-fails">{escape(text)}</td>'
        if place == _ERRORS and row.has_errors
        else f"<td>{escape(text)}</td>"
        for place, text in enumerate(row.numbers)
    )
    return (
        f'<tr class="{classes}"><td class="tfs-hidden">{escape(row.model)}</td>'
        f"<td>{escape(row.version)}</td>"
        f'<td class="tfs-words"{title}>{state_html(row.look)} {escape(row.state)}'
        f'<span class="tfs-soft">{escape(note)}</span></td>'
        f'<td class="tfs-words">{labels}</td>{numbers}</tr>'
    )
