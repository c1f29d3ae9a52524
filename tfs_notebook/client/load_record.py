"""What a load test has measured."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import cycle
from typing import TYPE_CHECKING, Any, Final

from tfs_notebook.client.latencies import latencies
from tfs_notebook.client.plots import COLOURS, Plot, doubling, new_plot
from tfs_notebook.client.text_tables import html_table, text_table

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["LoadLevel", "LoadRecord"]

_HEADS: Final = ("concurrency", "requests/s", "p50 ms", "p95 ms", "p99 ms", "errors")
_QUANTILES: Final = ("p50", "p95", "p99")
_STYLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "p50": {"marker": "o", "linestyle": "-"},
    "p95": {"marker": "o", "linestyle": "--", "fillstyle": "none", "linewidth": 1.0},
    "p99": {"linestyle": ":", "linewidth": 1.0},
}


@dataclass(frozen=True, slots=True)
class LoadLevel:
    """What was measured with so many requests at a time.

    Attributes:
        concurrency: how many.
        seconds: for how long.
        latencies: seconds each request took that was answered.
        errors: how many were not, by code.
        first_error: why, of the first of them; empty without any.
    """

    concurrency: int
    seconds: float
    latencies: Sequence[float]
    errors: Mapping[str, int]
    first_error: str

    @property
    def per_second(self) -> float:
        """Requests that were answered, a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    @property
    def latency_ms(self) -> dict[str, float]:
        """``p50``, ``p95``, ``p99`` and ``max`` in milliseconds; empty without any."""
        return latencies(self.latencies)


@dataclass(frozen=True, slots=True)
class LoadRecord:
    """Throughput and latency of a model against concurrency; shown as a table.

    The threads that ask run in this process, so it is what a Python client gets: a
    model that answers in microseconds bears more.

    Attributes:
        model: which one, with its version or label; or what it was called.
        request: what was sent each time.
        levels: what was measured, in the order of the test.
        was_interrupted: whether there was more to measure.
    """

    model: str
    request: str
    levels: tuple[LoadLevel, ...]
    was_interrupted: bool

    @property
    def frame(self) -> DataFrame:
        """The table, with ``concurrency`` as its index and ``errors`` as a number."""
        pandas = importlib.import_module("pandas")
        rows = [
            {
                "concurrency": level.concurrency,
                "requests/s": level.per_second,
                **{f"{one} ms": level.latency_ms.get(one) for one in _QUANTILES},
                "errors": sum(level.errors.values()),
            }
            for level in self.levels
        ]
        frame: DataFrame = pandas.DataFrame(rows, columns=_HEADS).set_index("concurrency")
        return frame

    def plot(self, *others: LoadRecord) -> Plot:
        """Latency and throughput against concurrency.

        Args:
            others: to be drawn beside this one, each in a colour of its own.

        Raises:
            FailedPrecondition: matplotlib is not there.
        """
        records = (self, *others)
        subject = "" if others else f"{self.model}: "
        plot = new_plot(f"{subject}latency", f"{subject}throughput")
        time, throughput = plot.axes
        for record, colour in zip(records, cycle(COLOURS)):
            frame = record.frame
            # Six lines are too many.
            for quantile in _QUANTILES[: 2 if others else 3]:
                name = f"{record.model}, {quantile}" if others else quantile
                milliseconds = frame[f"{quantile} ms"].astype(float)
                style = _STYLES[quantile]
                time.plot(frame.index, milliseconds, color=colour, label=name, **style)
            throughput.plot(
                frame.index, frame["requests/s"], "o-", color=colour, label=record.model
            )
        time.set_ylabel("milliseconds")
        throughput.set_ylabel("requests/s")
        time.legend(frameon=False, fontsize="small")
        if others:
            throughput.legend(frameon=False, fontsize="small")
        levels = sorted({level.concurrency for record in records for level in record.levels})
        for axes in plot.axes:
            doubling(axes, levels)
            axes.set_ylim(bottom=0)
            axes.set_xlabel("requests at a time")
        return plot

    def _title(self) -> str:
        title = f"{self.model}, {self.request}"
        return f"{title} (interrupted)" if self.was_interrupted else title

    def _rows(self) -> list[list[str]]:
        return [
            [
                str(level.concurrency),
                f"{level.per_second:.4g}",
                *(
                    f"{level.latency_ms[one]:.3g}" if level.latencies else ""
                    for one in _QUANTILES
                ),
                ", ".join(f"{count} {code}" for code, count in level.errors.items()) or "0",
            ]
            for level in self.levels
        ]

    def _first_error(self) -> str:
        return next((level.first_error for level in self.levels if level.first_error), "")

    def __repr__(self) -> str:
        lines = [self._title(), text_table(_HEADS, self._rows()), self._first_error()]
        return "\n".join(filter(None, lines))

    def _repr_html_(self) -> str:
        error = self._first_error()
        note = f"<p>{escape(error)}</p>" if error else ""
        table = html_table(_HEADS, self._rows())
        return f"<div><p>{escape(self._title())}</p>{table}{note}</div>"
