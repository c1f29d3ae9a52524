"""The log: which version came into which state, and why; and what the server has written."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from tfs_notebook.client.observing import Observation
from tfs_notebook.notebook.dashboard import figures
from tfs_notebook.notebook.dashboard.looks import look_of_version, state_html
from tfs_notebook.notebook.dashboard.words import Words

__all__ = ["LOG_STYLE", "changes_html", "lines_html"]

LOG_STYLE: Final = """
.tfs-log { max-height: 300px; overflow: auto; margin: 0; line-height: 1.45;
  border: 1px solid var(--tfs-line); padding: 6px 10px; }
.tfs-log pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.95em; }
.tfs-log time { color: var(--tfs-soft); font-variant-numeric: tabular-nums; }
.tfs-log div { margin: 0; }
"""

_MOST: Final = 200


def changes_html(now: Observation, model: str | None, words: Words) -> str:
    """The last changes, the newest first; of one model, or of all with None."""
    found = [one for one in now.changes() if model in (None, one[1])][-_MOST:]
    if not found:
        return f'<p class="tfs-soft">{escape(words("Nothing has changed yet."))}</p>'
    lines = []
    for change, name, version in reversed(found):
        look = look_of_version(change.state, change.error, words)
        reason = f" · {escape(change.error)}" if change.error else ""
        lines.append(
            f"<div><time>{figures.day(change.time)}</time> "
            f"{state_html(look)} <b>{escape(name)}</b> "
            f"{escape(words('version'))} {version} {escape(look.text)}{reason}</div>"
        )
    return _log("".join(lines), words)


def lines_html(lines: Sequence[str], words: Words) -> str:
    """What the server has written, the newest first, as the changes above."""
    return _log(f"<pre>{escape(chr(10).join(reversed(lines)))}</pre>", words)


def _log(content: str, words: Words) -> str:
    # It scrolls: without a place in the order of Tab the keyboard could not.
    label = escape(words("log"))
    return f'<div class="tfs-log" role="log" tabindex="0" aria-label="{label}">{content}</div>'
