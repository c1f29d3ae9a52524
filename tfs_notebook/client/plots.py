"""Plots, where matplotlib is there: it is imported for them alone."""

from __future__ import annotations

import importlib
import io
from collections.abc import Sequence
from typing import Any, Final

from tfs_notebook.wire.errors import FailedPrecondition

__all__ = ["COLOURS", "Plot", "doubling", "new_plot"]

COLOURS: Final = ("#3b6fb6", "#e07b39", "#4f9d69", "#8e6bbf", "#7f7f7f")
"""Of the things compared, one after the other; they can be told apart in print, too."""

_PANEL_INCHES: Final = (4.6, 3.2)
_DOTS_AN_INCH: Final = 96


class Plot:
    """A figure that a notebook shows, whatever it has said to matplotlib.

    Attributes:
        figure: matplotlib's, to be changed or saved.
        axes: of its panels, from left to right.
    """

    def __init__(self, figure: Any, axes: list[Any]) -> None:  # noqa: ANN401 - matplotlib's
        self.figure = figure
        self.axes = axes

    def __repr__(self) -> str:
        titles = ", ".join(axes.get_title(loc="left") for axes in self.axes)
        return f"<plot of {titles}>"

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.figure.savefig(file, format="png", bbox_inches="tight")
        return file.getvalue()


def new_plot(*titles: str) -> Plot:
    """A figure with a panel for each title, side by side.

    Raises:
        FailedPrecondition: matplotlib is not there.
    """
    try:
        figures = importlib.import_module("matplotlib.figure")
    except ImportError:
        raise FailedPrecondition(
            "a plot takes matplotlib, which is not installed here: %pip install matplotlib; "
            ".frame has the numbers without it"
        ) from None
    width, height = _PANEL_INCHES
    # Not pyplot's, which would keep it and show it a second time.
    figure = figures.Figure(
        figsize=(width * len(titles), height), dpi=_DOTS_AN_INCH, layout="constrained"
    )
    figure.get_layout_engine().set(wspace=0.06)
    axes = list(figure.subplots(1, len(titles), squeeze=False)[0])
    for one, title in zip(axes, titles, strict=True):
        one.set_title(title, loc="left", fontsize="medium", fontweight="bold", parse_math=False)
        one.spines[["top", "right"]].set_visible(False)
        one.grid(axis="y", alpha=0.3)
        one.set_axisbelow(True)
    return Plot(figure, axes)


def doubling(axes: Any, values: Sequence[int]) -> None:  # noqa: ANN401 - matplotlib's
    """Give numbers that double the same room each, and mark just those that there are."""
    axes.set_xscale("log", base=2)
    axes.set_xticks(values, labels=list(map(str, values)), minor=False)
    axes.minorticks_off()
