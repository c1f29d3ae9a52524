"""The first lines: which server it is, how it does, and whether it is there."""

from __future__ import annotations

from html import escape
from typing import Final

from tfs_notebook.client.observing import History, Observation
from tfs_notebook.notebook.dashboard import figures
from tfs_notebook.notebook.dashboard.link import Link
from tfs_notebook.notebook.dashboard.rows import Recents
from tfs_notebook.notebook.dashboard.words import Words

__all__ = ["HEADER_STYLE", "banner_html", "header_html", "problem_html"]

HEADER_STYLE: Final = """
.tfs-header { line-height: 1.5; }
.tfs-header b { font-size: 1.15em; }
.tfs-header .tfs-fact { white-space: nowrap; margin-right: 1.4em; }
.tfs-banner { border-left: 3px solid var(--tfs-bad); background: var(--tfs-fill);
  padding: 4px 10px; line-height: 1.5; }
.tfs-banner.tfs-hint { border-color: var(--tfs-warn); }
"""


def header_html(link: Link, history: History, recent: Recents, words: Words) -> str:
    """Which server it is, and its numbers as a whole; changes at most once a second."""
    now = history.latest
    title = f"<b>{escape(words(link.title))}</b>"
    if now is None:
        return f'<div class="tfs-header">{title}</div>'
    if link.lost_since is not None:
        mark = f'<span class="tfs-tone tfs-bad">✕</span> {escape(words("does not answer"))}'
    else:
        mark = f'<span class="tfs-tone tfs-good">●</span> {escape(words("answers"))}'
    # With blanks in between, where a narrow page has its lines end.
    facts = " ".join(
        f'<span class="tfs-fact"><span class="tfs-soft">{escape(name)}</span> '
        f"{escape(value)}</span>"
        for name, value in _facts(now, history, recent, words)
    )
    return f'<div class="tfs-header">{title} · {mark}<br>{facts}</div>'


def _facts(
    now: Observation, history: History, recent: Recents, words: Words
) -> list[tuple[str, str]]:
    requests = [one.requests_per_second for one in recent.values()]
    errors = [one.errors_per_second for one in recent.values()]
    facts = [
        (words("models"), str(len(now.models))),
        (words("req/s"), figures.rate(_sum(requests))),
        (words("failed/s"), figures.rate(_sum(errors))),
    ]
    if now.process is not None:
        facts += [
            (words("memory"), figures.memory(now.process.resident_bytes)),
            (words("processor"), figures.share(history.cpu_share())),
            (words("process"), str(now.process.pid)),
        ]
    if now.uptime is not None:
        facts.append((words("running for"), figures.length(float(int(now.uptime)))))
    return [*facts, (words("as of"), figures.clock(now.time))]


def _sum(values: list[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return sum(known) if known else None


def banner_html(link: Link, now: Observation | None, words: Words) -> str:
    """What is wrong with what is shown; empty if nothing is."""
    if link.lost_since is not None:
        if link.has_been_seen:
            text = words(
                "The server does not answer since {time}; these are its last values. It is "
                "looked for.",
                time=figures.clock(link.lost_since),
            )
        else:
            text = words("No server answers; it is looked for.")
        reason = f"<br><span class='tfs-soft'>{escape(link.error)}</span>"
        return f'<div class="tfs-banner" role="alert">✕ {escape(text)}{reason}</div>'
    if now is None:
        return f'<div class="tfs-banner tfs-hint">{escape(words("It is being asked …"))}</div>'
    told = "<br>".join(escape(words(text)) for text in dict.fromkeys(now.untold.values()))
    return f'<div class="tfs-banner tfs-hint">{told}</div>' if told else ""


def problem_html(error: Exception, words: Words) -> str:
    """What the dashboard itself could not do."""
    text = words("The dashboard cannot show this: {error}", error=repr(error))
    return f'<div class="tfs-banner" role="alert">✕ {escape(text)}</div>'
