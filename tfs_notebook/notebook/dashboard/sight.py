"""All that a dashboard shows at one moment, from what is known of the server. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import numpy as np

from tfs_notebook.client.observing import History, Series
from tfs_notebook.client.observing.observation import ModelObservation
from tfs_notebook.notebook.dashboard.batches import batches_html
from tfs_notebook.notebook.dashboard.changes import changes_html, lines_html
from tfs_notebook.notebook.dashboard.header import banner_html, header_html
from tfs_notebook.notebook.dashboard.link import Link
from tfs_notebook.notebook.dashboard.rows import MOST_ROWS, Row, matching, rows_of
from tfs_notebook.notebook.dashboard.table import table_html
from tfs_notebook.notebook.dashboard.versions import versions_html
from tfs_notebook.notebook.dashboard.words import Words

__all__ = ["PANES", "Pane", "Sight", "Wish", "sight_of"]

Pane: TypeAlias = Literal["charts", "versions", "batches", "actions", "log"]
PANES: Final[tuple[Pane, ...]] = ("charts", "versions", "batches", "actions", "log")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see.

    Attributes:
        filter_text: of the names.
        model: that is looked at more closely; None for all together.
        pane: what of it.
        is_server_log: whether the log is what the server has written.
        is_drawn: whether the charts are to be drawn this time.
        named_models: to look at, where the server does not list them.
    """

    filter_text: str = ""
    model: str | None = None
    pane: Pane = "charts"
    is_server_log: bool = False
    is_drawn: bool = True
    named_models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """What is shown.

    Attributes:
        header: which server it is, as HTML.
        banner: what is wrong, likewise; empty for nothing.
        names: of the model of each row of the table; empty where it is that of the row above.
        table: as HTML.
        more: how many rows are left out, in words; empty for none.
        title: of what is looked at more closely.
        model: that; None for all together, or if it is not there.
        versions: its pane, as HTML; each pane is empty while it is not the one wished for.
        batches: likewise.
        log: likewise.
        series: likewise; None.
        version_rates: requests a second by version, beside it; empty for all together.
    """

    header: str
    banner: str
    names: tuple[str, ...] = ()
    table: str = ""
    more: str = ""
    title: str = ""
    model: ModelObservation | None = None
    versions: str = ""
    batches: str = ""
    log: str = ""
    series: Series | None = field(default=None, compare=False)
    version_rates: Mapping[int, np.ndarray] = field(default_factory=dict, compare=False)


def sight_of(
    link: Link, history: History, wish: Wish, words: Words, lines: Sequence[str] | None = None
) -> Sight:
    """What is to be shown.

    Args:
        link: how it stands with the server.
        history: what is known of it.
        wish: what of that is wanted.
        words: of the language.
        lines: what the server has written; None if that is not known.
    """
    now = history.latest
    if now is None:
        return Sight(header_html(link, history, {}, words), banner_html(link, None, words))
    recent = history.recent()
    rows = rows_of(now, recent, matching(now.models, wish.filter_text), words)
    shown = rows[:MOST_ROWS]
    model = None if wish.model is None else now.model(wish.model)
    title = words("all models") if wish.model is None else wish.model
    name = None if model is None else model.name
    is_gone = wish.model is not None and model is None
    gone = words("The server has no model {name} now.", name=wish.model) if is_gone else ""
    versions = batches = log = ""
    series, version_rates = None, dict[int, np.ndarray]()
    if wish.pane == "charts" and wish.is_drawn:
        series = history.series(wish.model)
        if name is not None:
            version_rates = dict(history.version_rates(name))
    elif wish.pane == "versions":
        hint = f"<p>{words('Choose a model on the left.')}</p>"
        versions = hint if model is None else versions_html(model, now, words)
    elif wish.pane == "batches":
        batches = batches_html(model, now, history, recent, words)
    elif wish.pane == "log":
        log = (
            changes_html(now, name, words)
            if lines is None or not wish.is_server_log
            else lines_html(lines, words)
        )
    return Sight(
        header_html(link, history, recent, words),
        banner_html(link, now, words),
        names=tuple(row.model if row.is_first else "" for row in shown),
        table=table_html(shown, wish.model, words),
        more=_more(rows, shown, words),
        title=f"{title} · {gone}" if gone else title,
        model=model,
        versions=versions,
        batches=batches,
        log=log,
        series=series,
        version_rates=version_rates,
    )


def _more(rows: list[Row], shown: list[Row], words: Words) -> str:
    left = len(rows) - len(shown)
    if not rows:
        return words("No model has such a name, or none is served yet.")
    return words("{n} more: filter by name to see them.", n=left) if left else ""
