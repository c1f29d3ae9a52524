"""The last minutes of a server, or of one model, as charts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Final

import ipywidgets
import numpy as np

from tfs_notebook.client.observing import Series
from tfs_notebook.notebook.dashboard.plots import (
    MOST_VERSIONS,
    OF_VERSIONS,
    PLOTS,
    SPANS,
    Places,
    Points,
    points_of,
    points_of_versions,
)
from tfs_notebook.notebook.dashboard.words import Words

__all__ = ["CHARTS_STYLE", "Charts"]

# bqplot gives titles a colour of its own in dark themes.
CHARTS_STYLE: Final = """
.tfs-chart text { fill: var(--tfs-ink) !important; }
.tfs-chart .axis line, .tfs-chart .axis path { stroke: var(--tfs-line) !important; }
.tfs-widget .tfs-charts { display: grid; gap: 8px 16px; overflow: hidden;
  grid-template-columns: repeat(auto-fill, minmax(min(340px, 100%), 1fr)); }
.tfs-charts > * { min-width: 0; }
.tfs-chart-caption { line-height: 1.5; }
.tfs-chart-caption b { font-weight: 600; }
.tfs-line { white-space: nowrap; }
.tfs-swatch { display: inline-block; width: 10px; height: 10px; margin-right: 4px; }
"""

_TICKS: Final = 4
# As it is: 0.25 is not to be read as 0.3.
_PLAIN: Final = "~g"
_UNSEEN_SECONDS: Final = 3.0
_MARGIN: Final = {"top": 8, "bottom": 24, "left": 44, "right": 14}
# Told apart without colours, too.
_WIDTHS: Final = (2.4, 1.6, 1.0)
_COLOURS: Final = (
    "var(--jp-info-color0, #00838f)",
    "var(--jp-warn-color0, #e65100)",
    "var(--jp-error-color0, #c62828)",
    "var(--jp-success-color0, #2e7d32)",
)
_DASHES: Final = ("solid", "dashed", "dotted", "dash_dotted")


class Charts:
    """Widgets, to which one thread writes.

    Args:
        words: of the language.

    Attributes:
        widget: all of it.
    """

    def __init__(self, words: Words) -> None:
        self._words = words
        self._charts = [
            _Chart(words(plot.title), len(plot.lines), words, widths=_WIDTHS) for plot in PLOTS
        ]
        self._versions = _Chart(
            words(OF_VERSIONS.title),
            MOST_VERSIONS,
            "v{}".format,
            dashes=_DASHES,
        )
        self._places = Places()
        self._hint = ipywidgets.HTML()
        charts = ipywidgets.Box()
        charts.add_class("tfs-charts")
        self._box = charts
        self.widget: Final = ipywidgets.VBox([self._hint, charts])

    def forget(self) -> None:
        """Show nothing, until there is something else to be shown."""
        self._box.children = ()
        self._hint.value = ""

    def show(self, series: Series, version_rates: Mapping[int, np.ndarray]) -> None:
        """Draw it; a chart with nothing to draw is left out.

        Args:
            series: of what is looked at.
            version_rates: of one model; empty for all together.
        """
        versions = points_of_versions(series.ago, version_rates, self._places)
        points = [
            (chart, points_of(plot, series))
            for chart, plot in zip(self._charts, PLOTS, strict=True)
        ]
        points.insert(1, (self._versions, versions))
        drawn = [chart.widget for chart, what in points if chart.show(what)]
        # What is hidden by a style is drawn all the same, on no space, which bqplot minds.
        if list(self._box.children) != drawn:
            self._box.children = drawn
        words = self._words
        text = words("seconds, up to now") if drawn else words("Nothing has happened yet.")
        self._hint.value = f'<span class="tfs-soft">{escape(text)}</span>'


class _Chart:
    def __init__(
        self,
        title: str,
        lines: int,
        named: Callable[[str], str],
        *,
        widths: Sequence[float] = (2.0,) * MOST_VERSIONS,
        dashes: Sequence[str] = ("solid",) * MOST_VERSIONS,
    ) -> None:
        import bqplot  # noqa: PLC0415 - brings pandas, half a second

        self._title = title
        self._named = named
        self._across = bqplot.LinearScale(min=-SPANS[0], max=0)
        self._height = bqplot.LinearScale(min=0, max=1)
        nothing = np.zeros(1, np.float32)
        self._lines = [
            bqplot.Lines(
                x=nothing,
                y=nothing,
                scales={"x": self._across, "y": self._height},
                colors=[colour],
                stroke_width=width,
                line_style=dash,
            )
            for _, colour, width, dash in zip(
                range(lines), _COLOURS, widths, dashes, strict=False
            )
        ]
        self._axes = (
            bqplot.Axis(scale=self._across, grid_lines="none"),
            bqplot.Axis(scale=self._height, orientation="vertical", tick_format=_PLAIN),
        )
        figure = bqplot.Figure(
            marks=self._lines,
            axes=list(self._axes),
            padding_x=0,
            padding_y=0,
            fig_margin=_MARGIN,
            animation_duration=0,
            display_toolbar=False,
            layout={"width": "100%", "height": "150px"},
        )
        figure.add_class("tfs-chart")
        self._caption = ipywidgets.HTML()
        self._caption.add_class("tfs-chart-caption")
        self.widget: Final = ipywidgets.VBox([self._caption, figure])

    def show(self, points: Points) -> bool:
        """Draw it; False if there is nothing to draw."""
        if points.is_empty:
            return False
        self._scale(points)
        for line, values in zip(self._lines, points.lines, strict=True):
            _assign(line, points.ago, values)
        self._caption.value = self._legend(points)
        return True

    def _scale(self, points: Points) -> None:
        across, up = self._axes
        if self._across.min != -points.seconds or across.tick_values is None:
            self._across.min = -points.seconds
            across.tick_values = np.linspace(-points.seconds, 0, _TICKS + 1)
        if self._height.max != points.top or up.tick_values is None:
            self._height.max = points.top
            up.tick_values = np.array([0, points.top / 2, points.top])

    def _legend(self, points: Points) -> str:
        # Which is also what a screen reader has of the chart.
        parts = "".join(
            f' &ensp;<span class="tfs-line"><span class="tfs-swatch" aria-hidden="true" '
            f'style="background:{colour}"></span>{escape(self._named(name))} {escape(text)}'
            "</span>"
            for name, text, colour in zip(points.names, points.latest, _COLOURS, strict=False)
            if name
        )
        return f"<b>{escape(self._title)}</b>{parts}"


def _assign(line: Any, ago: np.ndarray, values: np.ndarray) -> None:  # noqa: ANN401 - bqplot is untyped
    known = np.flatnonzero(np.isfinite(values))
    # A line that ends with NaN, or has nothing else, is an error in the page's console.
    end = known[-1] + 1 if len(known) else 0
    line.visible = bool(end)
    if not end:
        return
    is_flat = not np.any(values[:end]) and not np.any(line.y)
    if is_flat and len(line.y) > 1 and abs(line.x[0] - ago[0]) < _UNSEEN_SECONDS:
        return  # zero it was and is, and the messages are worth more
    # Both at once: lengths that differ for a moment would be drawn.
    with line.hold_sync():
        line.x = ago[:end]
        line.y = values[:end]
