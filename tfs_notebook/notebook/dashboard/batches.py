"""How requests share runs: sizes of batches, waits, padding, and what holds for them."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Final

from tfs_notebook.client.observing import History, Observation
from tfs_notebook.client.observing.distribution import Distribution
from tfs_notebook.client.observing.observation import ModelObservation
from tfs_notebook.notebook.dashboard import figures
from tfs_notebook.notebook.dashboard.rows import Recents
from tfs_notebook.notebook.dashboard.words import Words

__all__ = ["BATCHES_STYLE", "batches_html"]

BATCHES_STYLE: Final = """
.tfs-dash-bars { border-collapse: collapse; margin: 4px 0 10px; line-height: 1.4; }
.tfs-dash-bars th, .tfs-dash-bars td { padding: 1px 8px 1px 0; border: 0; text-align: right;
  color: var(--tfs-ink); background: transparent; font-weight: 400; }
.tfs-dash-bars th { white-space: nowrap; font-variant-numeric: tabular-nums; }
.tfs-dash-bars td:last-child { width: 320px; text-align: left; }
.tfs-dash-bar { display: inline-block; height: 11px; background: var(--tfs-brand);
  vertical-align: middle; min-width: 1px; }
.tfs-dash-bars caption { text-align: left; color: var(--tfs-soft); padding-bottom: 3px;
  white-space: nowrap; }
"""

_SECONDS: Final = 60.0


def batches_html(
    model: ModelObservation | None,
    now: Observation,
    history: History,
    recent: Recents,
    words: Words,
) -> str:
    """Of one model, or of all together with None."""
    name = None if model is None else model.name
    sizes = history.rows_of_a_run(name, seconds=_SECONDS)
    if sizes is None and now.kind == "other" and now.batches is not None:
        sizes = now.batches.rows_of_a_run
    parts = [_bars(sizes, words), _lately(model, now, recent, words)]
    if model is None:
        if now.batch_threads is not None:
            text = words("{n} batches may run at once.", n=now.batch_threads)
            parts.append(f"<p>{escape(text)}</p>")
    elif model.batching is None:
        text = words("The requests of this model are not put together.")
        parts.append(f"<p>{escape(text)}</p>")
    else:
        parts.append(_parameters(model, words))
    return f"<div>{''.join(parts)}</div>"


def _lately(
    model: ModelObservation | None, now: Observation, recent: Recents, words: Words
) -> str:
    """What waits, how long, and what is run for nothing: of each version with batches."""
    items = []
    for (name, version), lately in recent.items():
        if lately.wait_ms is None or (model is not None and name != model.name):
            continue
        parts = (
            words("{n} in the queue", n=_queued(now, name, version)),
            words("wait {ms} ms", ms=figures.millis(lately.wait_ms)),
            words("{n} rows a run", n=figures.millis(lately.rows_a_run)),
            words("{share} of them padding", share=figures.share(lately.padding_share)),
        )
        title = f"{words('version')} {version}" if model else f"{name} {version}"
        items.append(f"<dt>{escape(title)}</dt><dd>{escape(' · '.join(parts))}</dd>")
    return f'<dl class="tfs-facts">{"".join(items)}</dl>' if items else ""


def _queued(now: Observation, name: str, version: int | None) -> int:
    model = now.model(name)
    counts = model.counts if model is not None else None
    return sum(one.queued or 0 for one in counts or () if one.version == version)


def _bars(sizes: Distribution | None, words: Words) -> str:
    if sizes is None or not sizes.number:
        text = words("No batch has run in the last minute.")
        return f'<p class="tfs-soft">{escape(text)}</p>'
    caption = words(
        "Rows of a run in the last minute: {n} runs, {mean} rows on average",
        n=sizes.number,
        mean=figures.millis(sizes.mean),
    )
    most = max(sizes.counts)
    rows = "".join(
        f'<tr><th scope="row">{escape(span)}</th><td>{number}</td><td>'
        f'<span class="tfs-dash-bar" style="width:{100 * number / most:.0f}%"></span></td></tr>'
        for span, number in _spans(sizes)
    )
    return f'<table class="tfs-dash-bars"><caption>{escape(caption)}</caption>{rows}</table>'


def _spans(sizes: Distribution) -> list[tuple[str, int]]:
    """What each bucket holds, from the first to the last that is not empty."""
    low = 0
    spans = []
    for bound, number in zip((*sizes.bounds, None), sizes.counts, strict=True):
        if bound is None:
            text = f"> {low}"
        else:
            text = str(int(bound)) if int(bound) == low + 1 else f"{low + 1}–{int(bound)}"
            low = int(bound)
        spans.append((text, number))
    filled = [place for place, (_, number) in enumerate(spans) if number]
    return spans[filled[0] : filled[-1] + 1]


def _parameters(model: ModelObservation, words: Words) -> str:
    batching = model.batching
    if batching is None:
        return ""
    items = [
        (
            name,
            _shown(value) + (f" ({words('changed')})" if name in batching.overridden else ""),
        )
        for name, value in batching.parameters.items()
    ]
    if batching.latency_target_micros:
        target = figures.millis(batching.latency_target_micros / 1000)
        items.insert(0, (words("p99 to hold"), f"{target} ms"))
    for version in model.versions:
        own = version.batching
        if own is None:
            continue
        title = f"{words('version')} {version.version}"
        if own.problem:
            items.append((title, own.problem))
        if own.automatic is not None:
            items.append((title, _found(own.automatic, words)))
    body = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in items)
    return f'<dl class="tfs-facts">{body}</dl>'


def _found(automatic: Mapping[str, Any], words: Words) -> str:
    p99 = automatic.get("p99_micros")
    parts = [
        words("up to {n} rows a run", n=automatic.get("rows_of_a_run")),
        words("wait up to {ms} ms", ms=(automatic.get("batch_timeout_micros") or 0) / 1000),
    ]
    if p99 is not None:
        parts.append(f"p99 {figures.millis(p99 / 1000)} ms")
    if automatic.get("is_reachable") is False:
        parts.append(words("the target cannot be held"))
    return " · ".join(parts)


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or figures.unknown
    return figures.unknown if value is None else str(value).lower()
