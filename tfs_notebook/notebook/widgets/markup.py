"""Pieces of HTML in which all that comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

__all__ = ["bar", "cut", "folded", "note", "percent", "table"]

_ELLIPSIS: Final = "…"


def cut(text: str, most: int) -> str:
    """The text, or as much of it and an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + _ELLIPSIS


def percent(share: float) -> str:
    """``97.3 %``; what is no share of one is shown as the number it is."""
    return f"{share * 100:.1f} %" if 0 <= share <= 1 else f"{share:.4g}"


def bar(label: str, share: float, kind: str = "plain") -> str:
    """A line with a label, a bar of that length, and the number.

    Args:
        label: any text.
        share: from 0 to 1; another number has no bar.
        kind: ``good``, ``bad`` or ``plain``: the colour, which says nothing the text does not.
    """
    width = max(0.0, min(1.0, share)) * 100 if share == share else 0.0
    return (
        f'<div class="tfs-bar tfs-{kind}"><span class="tfs-bar-label">{escape(label)}</span>'
        f'<span class="tfs-bar-track" aria-hidden="true"><span class="tfs-bar-fill" '
        f'style="width:{width:.1f}%"></span></span>'
        f'<span class="tfs-bar-number">{percent(share)}</span></div>'
    )


def note(kind: str, icon: str, html: str, *, alert: bool = False) -> str:
    """A line that says something, with an icon and words; screen readers are told of it.

    Args:
        kind: ``good``, ``bad``, ``warn`` or ``plain``.
        icon: a character; hidden from screen readers.
        html: what it says, escaped already.
        alert: whether it interrupts what is being read.
    """
    role = "alert" if alert else "status"
    return (
        f'<div class="tfs-note tfs-{kind}" role="{role}"><span class="tfs-icon" '
        f'aria-hidden="true">{icon}</span><span class="tfs-note-text">{html}</span></div>'
    )


def folded(title: str, html: str, *, is_open: bool = False) -> str:
    """What is shown once its title is clicked."""
    opened = " open" if is_open else ""
    return f"<details{opened}><summary>{escape(title)}</summary>{html}</details>"


def table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, caption: str = "", kind: str = ""
) -> str:
    """A table of cells that are HTML already.

    Args:
        heads: of the columns, as text.
        rows: of cells.
        caption: what screen readers call it.
        kind: further class names.
    """
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="tfs-scroll"><table class="tfs-table {escape(kind)}">{title}'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
