"""Plots, where matplotlib is there: it is imported for them alone."""

from __future__ import annotations

import importlib
import io
from typing import Any, Final

from tfs_notebook.wire.errors import FailedPrecondition

__all__ = ["Plot", "new_plot"]

_PANEL_INCHES: Final = (4.8, 3.6)


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
        titles = ", ".join(axes.get_title() for axes in self.axes)
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
    figure = figures.Figure(figsize=(width * len(titles), height), layout="constrained")
    axes = list(figure.subplots(1, len(titles), squeeze=False)[0])
    for one, title in zip(axes, titles, strict=True):
        one.set_title(title)
    return Plot(figure, axes)
