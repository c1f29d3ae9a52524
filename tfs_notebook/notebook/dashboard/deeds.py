"""What was done of late, and what came of it, as HTML."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from tfs_notebook.notebook.dashboard import figures
from tfs_notebook.notebook.dashboard.orders import Deed
from tfs_notebook.notebook.dashboard.words import Words

__all__ = ["DEEDS_STYLE", "deeds_html"]

DEEDS_STYLE: Final = ".tfs-deeds div { line-height: 1.5; overflow-wrap: anywhere; }"

_ICONS: Final = {
    "waiting": ("○", "plain"),
    "running": ("◔", "warn"),
    "done": ("✓", "good"),
    "failed": ("✕", "bad"),
}


def deeds_html(deeds: Iterable[Deed], words: Words) -> str:
    """The last ones, the newest first; empty without any. Screen readers read what is new."""
    lines = "".join(_line(deed, words) for deed in deeds)
    return (
        f'<div class="tfs-deeds" role="status" aria-live="polite">{lines}</div>'
        if lines
        else ""
    )


def _line(deed: Deed, words: Words) -> str:
    icon, kind = _ICONS[deed.state]
    states = {
        "waiting": words("waits"),
        "running": words("is being done …"),
        "done": words("done after {time}", time=figures.length(deed.seconds)),
        "failed": words("failed after {time}", time=figures.length(deed.seconds)),
    }
    text = f" · {escape(deed.text)}" if deed.text else ""
    return (
        f'<div><span class="tfs-tone tfs-{kind}" aria-hidden="true">{icon}</span> '
        f"{escape(deed.title)} · {escape(states[deed.state])}{text}</div>"
    )
