"""What a server has counted of the runs that requests shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tfs_notebook.client.plots import COLOURS, Plot, new_plot

__all__ = ["BatchStatistics", "batch_statistics"]

_MICROS_OF_A_MILLI: Final = 1000
# How the server's buckets of times grow.
_GROWTH: Final = 1.8


@dataclass(frozen=True, slots=True)
class BatchStatistics:
    """What was counted of the batches of one signature.

    Attributes:
        rows_a_run: mean rows of requests in a run.
        padding_share: of the rows that were run, those that were padding.
        waited_ms: mean time of a request in the queue.
        run_sizes: how many runs had up to so many rows, padding included, and more than
            half as many; by powers of two.
        waits_ms: how many requests waited up to so many milliseconds, and longer than the
            bucket below; those without requests are left out.
    """

    rows_a_run: float
    padding_share: float
    waited_ms: float
    run_sizes: Mapping[int, int]
    waits_ms: Mapping[float, int]

    def plot(self, name: str) -> Plot:
        """How large the runs were, and how long requests waited for theirs.

        Args:
            name: of the model.

        Raises:
            FailedPrecondition: matplotlib is not there.
        """
        plot = new_plot(f"{name}: rows of a run", f"{name}: waiting for a run")
        sizes, waits = plot.axes
        bounds = _doublings(self.run_sizes)
        shares = _percent([self.run_sizes.get(bound, 0) for bound in bounds])
        sizes.bar(list(map(_range, bounds)), shares, width=0.85, color=COLOURS[0])
        sizes.set_xlabel("rows")
        sizes.set_ylabel("% of the runs")
        edges = [bound / _GROWTH for bound in self.waits_ms]
        widths = [0.93 * (bound - bound / _GROWTH) for bound in self.waits_ms]
        shares = _percent(list(self.waits_ms.values()))
        waits.bar(edges, shares, widths, align="edge", color=COLOURS[0])
        waits.set_xscale("log")
        waits.xaxis.set_major_formatter("{x:g}")
        waits.set_xlabel("milliseconds")
        waits.set_ylabel("% of the requests")
        return plot


def batch_statistics(counted: Mapping[str, Any] | None) -> BatchStatistics | None:
    """Read what a server tells of one signature's batches.

    Returns:
        None if there were none.

    Raises:
        LookupError, TypeError, ValueError: it tells something else.
    """
    if not counted or not counted["runs"]:
        return None
    waits = counted["queue_us"]
    return BatchStatistics(
        counted["rows"] / counted["runs"],
        float(counted["padding_share"]),
        waits["mean"] / _MICROS_OF_A_MILLI,
        {int(bound): count for bound, count in _buckets(counted["rows_of_a_run"])},
        {bound / _MICROS_OF_A_MILLI: count for bound, count in _buckets(waits)},
    )


def _buckets(spread: Mapping[str, Any]) -> list[tuple[float, int]]:
    # What is beyond the largest bound is beyond what anybody draws.
    pairs = [(one["le"], int(one["count"])) for one in spread["buckets"]]
    return [(float(bound), count) for bound, count in pairs if bound is not None]


def _doublings(bounds: Mapping[int, int]) -> list[int]:
    """All powers of two from the smallest to the largest of these."""
    smallest, largest = min(bounds, default=1), max(bounds, default=1)
    powers = range(smallest.bit_length() - 1, largest.bit_length())
    return [2**power for power in powers]


def _range(bound: int) -> str:
    first = bound // 2 + 1
    return str(bound) if first >= bound else f"{first}–{bound}"


def _percent(counts: Sequence[int]) -> list[float]:
    whole = sum(counts)
    return [100 * count / whole for count in counts]
