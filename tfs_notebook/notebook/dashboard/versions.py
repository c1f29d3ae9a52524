"""All there is to know of one model: where it lies, its versions, how they came to be so."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any, Final

from tfs_notebook.client.observing import Observation
from tfs_notebook.client.observing.observation import (
    ModelObservation,
    SignatureCounts,
    StateChange,
    VersionObservation,
)
from tfs_notebook.notebook.dashboard import figures
from tfs_notebook.notebook.dashboard.looks import look_of_version, state_html
from tfs_notebook.notebook.dashboard.words import Words

__all__ = ["VERSIONS_STYLE", "shown_policy", "versions_html"]

# JupyterLab has a style of its own for lists in outputs.
VERSIONS_STYLE: Final = """
.tfs-widget dl.tfs-facts { display: grid; grid-template-columns: max-content 1fr;
  gap: 2px 14px; margin: 4px 0 8px; line-height: 1.5; }
.tfs-widget .tfs-facts dt { color: var(--tfs-soft); margin: 0; padding: 0; font-weight: 400;
  width: auto; float: none; min-width: 90px; }
.tfs-widget .tfs-facts dd { margin: 0; padding: 0; width: auto; overflow-wrap: anywhere; }
.tfs-version { border-top: 1px solid var(--tfs-line); padding: 6px 0; line-height: 1.5; }
.tfs-version h4 { margin: 0 0 2px; font-size: 1.05em; font-weight: 600; }
.tfs-history { margin: 2px 0 0; padding: 0; list-style: none; }
.tfs-history li { margin: 0; }
.tfs-history time { color: var(--tfs-soft); font-variant-numeric: tabular-nums; }
"""


def versions_html(model: ModelObservation, now: Observation, words: Words) -> str:
    """The model, and each of its versions with its history."""
    facts = _facts(_of_model(model, words))
    versions = "".join(_version(model, one, now, words) for one in model.versions)
    return f"<div>{facts}{versions}</div>"


def _facts(pairs: Iterable[tuple[str, str]]) -> str:
    items = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs if value
    )
    return f'<dl class="tfs-facts">{items}</dl>'


def _of_model(model: ModelObservation, words: Words) -> list[tuple[str, str]]:
    pinned = "" if model.pin is None else ", ".join(map(str, model.pin.versions))
    labels = ", ".join(f"{label} = {number}" for label, number in (model.labels or {}).items())
    return [
        (words("lies in"), model.base_path or ""),
        (words("serves"), shown_policy(model.version_policy, words)),
        (words("labels"), labels),
        (words("pinned to"), pinned),
        (words("waits"), model.waiting_for or ""),
        (words("recorded"), _recorded(model, words)),
    ]


def shown_policy(policy: Any, words: Words) -> str:  # noqa: ANN401 - as ModelControl.load takes it
    """Which versions are served, in words."""
    if policy is None:
        return ""
    if isinstance(policy, str):
        kind, _, number = policy.partition(":")
        if kind == "all":
            return words("all versions")
        if number and number != "1":
            return words("the {n} newest versions", n=number)
        return words("the newest version")
    return words("versions {list}", list=", ".join(map(str, policy)))


def _recorded(model: ModelObservation, words: Words) -> str:
    if model.recording is None or not model.recording.sampling_rate:
        return ""
    written = model.recording.records.get("OK", 0)
    return words(
        "{share} of the answered requests; {n} so far",
        share=figures.share(model.recording.sampling_rate),
        n=written,
    )


def _version(
    model: ModelObservation, version: VersionObservation, now: Observation, words: Words
) -> str:
    look = look_of_version(version.state, version.error, words)
    labels = [label for label, n in (model.labels or {}).items() if n == version.version]
    chips = "".join(f' <span class="tfs-label">{escape(one)}</span>' for one in labels)
    title = (
        f"<h4>{escape(words('version'))} {version.version} · "
        f"{state_html(look)} {escape(look.text)}{chips}</h4>"
    )
    facts = _facts([*_loaded(version, words), *_counted(model, version, words)])
    error = f'<div class="tfs-bad">{escape(version.error)}</div>' if version.error else ""
    history = "".join(_change(one, now.time, words) for one in reversed(version.history or ()))
    told = f'<ol class="tfs-history">{history}</ol>' if history else ""
    return f'<section class="tfs-version">{title}{error}{facts}{told}</section>'


def _loaded(version: VersionObservation, words: Words) -> list[tuple[str, str]]:
    if version.loaded is None:
        return []
    loaded = version.loaded
    when = words(
        "at {time}, which took {seconds}",
        time=figures.day(loaded.at),
        seconds=figures.length(loaded.seconds),
    )
    told = [(words("loaded"), when)]
    if loaded.estimated_bytes is not None:
        at_most = words("at most {bytes}", bytes=figures.memory(loaded.estimated_bytes))
        told.append((words("memory"), at_most))
    return told


def _counted(
    model: ModelObservation, version: VersionObservation, words: Words
) -> list[tuple[str, str]]:
    return [
        (one.signature or words("all signatures"), _signature(one, words))
        for one in model.counts_of(version.version)
    ]


def _signature(one: SignatureCounts, words: Words) -> str:
    parts = [words("{n} requests", n=one.requests)]
    if one.errors:
        parts.append(words("{n} failed", n=one.errors))
    if one.hung_runs:
        parts.append(words("{n} runs hang", n=one.hung_runs))
    if one.last_request is not None:
        parts.append(words("the last at {time}", time=figures.clock(one.last_request)))
    return " · ".join(parts)


def _change(change: StateChange, now: float, words: Words) -> str:
    look = look_of_version(change.state, change.error, words)
    reason = f" · {escape(change.error)}" if change.error else ""
    # The day too, where it is another one.
    is_today = figures.day(change.time)[:10] == figures.day(now)[:10]
    when = figures.clock(change.time) if is_today else figures.day(change.time)
    return f"<li><time>{when}</time> {state_html(look)} {escape(look.text)}{reason}</li>"
