"""The rows of the table of models: what is said of each version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from tfs_notebook.client.observing import Observation, Recent
from tfs_notebook.client.observing.observation import (
    Load,
    ModelObservation,
    VersionObservation,
)
from tfs_notebook.notebook.dashboard import figures
from tfs_notebook.notebook.dashboard.looks import look_of_version
from tfs_notebook.notebook.dashboard.words import Words
from tfs_notebook.notebook.widgets.version_states import StateLook

__all__ = ["HEADS", "MOST_ROWS", "Recents", "Row", "matching", "rows_of"]

Recents: TypeAlias = Mapping[tuple[str, int | None], Recent]
"""By model and version; see ``History.recent``."""

MOST_ROWS: Final = 100
"""More are not shown at once; a filter by name finds the others."""

HEADS: Final = (
    "req/s",
    "failed/s",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "queued",
    "wait ms",
    "rows/run",
    "padding",
    "memory",
)
"""Of the numbers."""

_ENDED: Final = "END"
_MOVING: Final = ("LOADING", "UNLOADING")


@dataclass(frozen=True, slots=True)
class Row:
    """One version of a model, or a model without one.

    Attributes:
        model: its name.
        is_first: whether it is the first of its model.
        version: as text; a dash for none.
        look: of the state.
        state: in words, with what is to be added.
        note: why it is so; empty for nothing to say.
        labels: that stand for it.
        numbers: as text, in the order of ``HEADS``.
        has_errors: whether requests failed lately.
    """

    model: str
    is_first: bool
    version: str
    look: StateLook
    state: str
    note: str
    labels: tuple[str, ...]
    numbers: tuple[str, ...]
    has_errors: bool


def matching(models: Iterable[ModelObservation], filter_text: str) -> list[ModelObservation]:
    """Those whose names have all words of a text in them, whatever the case."""
    words = filter_text.casefold().split()
    return [one for one in models if all(word in one.name.casefold() for word in words)]


def rows_of(
    observation: Observation,
    recent: Recents,
    models: Iterable[ModelObservation],
    words: Words,
) -> list[Row]:
    """The rows of these models; of versions that have ended, those that say something.

    Args:
        observation: the last look at the server.
        recent: what happened lately.
        models: of it.
        words: of the states.
    """
    rows = []
    for model in models:
        shown = _shown(model.versions)
        if not shown:
            rows.append(_without_version(model, recent.get((model.name, None)), words))
        for place, version in enumerate(shown):
            key = (model.name, None if observation.kind == "other" else version.version)
            # What is not told by version is the model's, and said once.
            lately = recent.get(key) if key[1] is not None or place == 0 else None
            is_first = place == 0
            row = _of_version(model, version, is_first, lately, observation, words)
            rows.append(row)
    return rows


def _shown(versions: tuple[VersionObservation, ...]) -> list[VersionObservation]:
    alive = [one for one in versions if one.state != _ENDED]
    failed = [one for one in versions if one.state == _ENDED and one.error is not None]
    newest = max((one.version for one in alive), default=-1)
    # An old failure that newer versions have overtaken is in the history.
    told = alive + [one for one in failed if one.version > newest][:1]
    return sorted(told or list(versions[:1]), key=lambda one: -one.version)


def _without_version(model: ModelObservation, lately: Recent | None, words: Words) -> Row:
    look = look_of_version("START", None, words)
    return Row(
        model.name,
        True,
        figures.unknown,
        look,
        look.text,
        model.waiting_for or "",
        (),
        _numbers(lately, None, None),
        _fails(lately),
    )


def _of_version(
    model: ModelObservation,
    version: VersionObservation,
    is_first: bool,
    lately: Recent | None,
    observation: Observation,
    words: Words,
) -> Row:
    look = look_of_version(version.state, version.error, words)
    state = look.text
    if version.state in _MOVING and version.history:
        state = (
            f"{state} {figures.length(max(0.0, observation.time - version.history[-1].time))}"
        )
    if model.pin is not None and version.version in model.pin.versions:
        state = f"{state} · {words('pinned')}"
    if version.share is not None:
        state = f"{state} · {figures.share(version.share)}"
    # Another kind of server does not tell; what is not counted yet is none.
    queued = None
    if model.counts is not None and version.state != _ENDED and observation.kind != "other":
        queued = sum(one.queued or 0 for one in model.counts_of(version.version))
    labels = model.labels or {}
    return Row(
        model.name,
        is_first,
        str(version.version),
        look,
        state,
        version.error or "",
        tuple(label for label, number in labels.items() if number == version.version),
        _numbers(lately, queued, version.loaded),
        _fails(lately),
    )


def _fails(lately: Recent | None) -> bool:
    return lately is not None and bool(lately.errors_per_second)


def _numbers(lately: Recent | None, queued: int | None, loaded: Load | None) -> tuple[str, ...]:
    estimated = None if loaded is None else loaded.estimated_bytes
    if lately is None:
        nothing = (figures.unknown,) * 5
        return (*nothing, figures.count(queued), *nothing[:3], figures.memory(estimated))
    return (
        figures.rate(lately.requests_per_second),
        figures.rate(lately.errors_per_second),
        figures.millis(lately.p50_ms),
        figures.millis(lately.p95_ms),
        figures.millis(lately.p99_ms),
        figures.count(queued),
        figures.millis(lately.wait_ms),
        figures.millis(lately.rows_a_run),
        figures.share(lately.padding_share),
        figures.memory(estimated),
    )
