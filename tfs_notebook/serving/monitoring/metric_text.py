"""Metrics in the form in which TensorFlow Serving tells them, which is not quite Prometheus's.

prometheus-client has the data structures (``Metric`` with its ``Sample``s), and writes
those metrics that are ours alone. What TensorFlow Serving tells is written here, because
prometheus-client would write it in a way that dashboards made for TensorFlow Serving do
not find: it appends ``_total`` to every counter, adds ``HELP``, sorts the labels, and
writes bounds as ``188.95679999999998`` where TensorFlow Serving has ``188.957``.

The two differ for the better in one place: a line feed in a label's value is escaped
here, where it ends the line there and spoils the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client import Metric
from prometheus_client.utils import floatToGoString

from tfs_notebook.serving.histogram import Histogram

__all__ = ["add_histogram", "label_name", "metric_name", "number_text", "serving_text"]

_NOT_IN_A_METRIC: Final = re.compile(r"[^a-zA-Z0-9_]")
_NOT_IN_A_LABEL: Final = re.compile(r"[^a-zA-Z0-9]")
_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_BUCKET_OF_ALL: Final = "+Inf"


def metric_name(path: str) -> str:
    """What Prometheus calls a metric of TensorFlow's: ``/a/b`` is ``:a:b``."""
    return _not_a_number(_NOT_IN_A_METRIC.sub(":", path))


def label_name(name: str) -> str:
    """What Prometheus calls one of its labels: ``a-b`` is ``a_b``."""
    return _not_a_number(_NOT_IN_A_LABEL.sub("_", name))


def _not_a_number(name: str) -> str:
    return f"_{name}" if name[:1].isdigit() else name


def add_histogram(metric: Metric, labels: Mapping[str, str], histogram: Histogram) -> None:
    """Add the samples of a histogram; its bounds have six digits, as TF Serving's."""
    below = 0
    bounds = (*(f"{bound:g}" for bound in histogram.bounds), _BUCKET_OF_ALL)
    for bound, count in zip(bounds, histogram.counts, strict=True):
        below += count
        metric.add_sample(f"{metric.name}_bucket", {**labels, "le": bound}, below)
    metric.add_sample(f"{metric.name}_sum", dict(labels), histogram.total)
    metric.add_sample(f"{metric.name}_count", dict(labels), below)


def serving_text(metrics: Iterable[Metric]) -> str:
    """A line for the type of each metric, also of those without samples, and one a sample."""
    lines = []
    for metric in metrics:
        lines.append(f"# TYPE {metric.name} {metric.type}\n")
        for sample in metric.samples:
            labels = ",".join(
                f'{name}="{value.translate(_ESCAPES)}"' for name, value in sample.labels.items()
            )
            lines.append(f"{sample.name}{{{labels}}} {_number(sample.value)}\n")
    return "".join(lines)


def _number(value: float) -> str:
    return str(int(value)) if value == value // 1 else number_text(value)


def number_text(value: float) -> str:
    """A number as Prometheus writes it."""
    text: str = floatToGoString(value)  # type: ignore[no-untyped-call]
    return text
