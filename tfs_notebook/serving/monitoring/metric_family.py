"""One of TensorFlow Serving's metrics: what is counted for each of its labels' values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from prometheus_client import Metric

from tfs_notebook.serving.monitoring.metric_text import add_histogram, label_name, metric_name
from tfs_notebook.serving.monitoring.tallies import Count, Distribution

__all__ = ["Counter", "Histogram", "MetricFamily", "gauge"]

C = TypeVar("C")


class MetricFamily(ABC, Generic[C]):
    """Has a cell for each combination of label values.

    Any thread may call any method, and none waits for another.

    Args:
        path: TensorFlow's name of it.
        labels: the names of its labels.
        most: so many combinations are kept, and the oldest is forgotten for a new one;
            None where there are few values, or whoever counts sees to that.
    """

    kind: ClassVar[str]

    def __init__(self, path: str, *labels: str, most: int | None = None) -> None:
        self._name = metric_name(path)
        self._labels = tuple(map(label_name, labels))
        self._most = most
        self._cells: dict[tuple[str, ...], C] = {}

    @abstractmethod
    def _new(self) -> C: ...

    @abstractmethod
    def _add_samples(self, metric: Metric, labels: Mapping[str, str], cell: C) -> None: ...

    def of(self, *values: str) -> C:
        """What counts for these values of the labels, in the order of their names."""
        cell = self._cells.get(values)
        if cell is None:
            cell = self._cells.setdefault(values, self._new())
            if self._most is not None and len(self._cells) > self._most:
                self._cells.pop(next(iter(self._cells.copy())), None)
        return cell

    def __contains__(self, values: tuple[str, ...]) -> bool:
        return values in self._cells

    def __len__(self) -> int:
        return len(self._cells)

    def forget(self, first: str) -> None:
        """Forget what was counted where the first label has this value."""
        for values in self._cells.copy():
            if values[0] == first:
                self._cells.pop(values, None)

    def collect(self) -> Metric:
        """What has been counted until now."""
        metric = Metric(self._name, "", self.kind)
        for values, cell in sorted(self._cells.copy().items()):
            self._add_samples(metric, dict(zip(self._labels, values, strict=True)), cell)
        return metric


class Counter(MetricFamily[Count]):
    """Counts what happened."""

    kind = "counter"

    def _new(self) -> Count:
        return Count()

    def _add_samples(self, metric: Metric, labels: Mapping[str, str], cell: Count) -> None:
        metric.add_sample(self._name, dict(labels), cell.read())


class Histogram(MetricFamily[Distribution]):
    """Counts values in buckets.

    Args:
        bounds: of the buckets.
    """

    kind = "histogram"

    def __init__(
        self, path: str, *labels: str, bounds: Sequence[float], most: int | None = None
    ) -> None:
        super().__init__(path, *labels, most=most)
        self._bounds = bounds

    def _new(self) -> Distribution:
        return Distribution(self._bounds)

    def _add_samples(
        self, metric: Metric, labels: Mapping[str, str], cell: Distribution
    ) -> None:
        add_histogram(metric, labels, cell.read())


def gauge(path: str) -> Metric:
    """A metric of TensorFlow's form that goes up and down, without samples yet."""
    return Metric(metric_name(path), "", "gauge")
