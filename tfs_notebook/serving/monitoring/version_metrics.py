"""The metrics that are ours alone: by model, version and signature.

They are read from what is counted anyway, when somebody asks for the page. What was
counted of versions long gone is forgotten; see ``Statistics``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from prometheus_client import Metric
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)

from tfs_notebook.lifecycle import ManagerState, ServableId, ServableState
from tfs_notebook.serving.histogram import Histogram
from tfs_notebook.serving.load_records import LoadRecord
from tfs_notebook.serving.monitoring.metric_text import number_text
from tfs_notebook.serving.signature_counter import BatchStatistics, SignatureStatistics

__all__ = ["load_metrics", "request_metrics", "state_metrics"]

_SIGNATURE: Final = ("model_name", "version", "signature_name")
_VERSION: Final = ("model_name", "version")
_A_MICROSECOND: Final = 1e-6
_BOUND_OF_ALL: Final = "+Inf"


def request_metrics(counted: Sequence[SignatureStatistics]) -> Iterator[Metric]:
    """What was counted of requests, and of batches."""
    batched = [(one, one.batches) for one in counted if one.batches is not None]
    yield _counter("requests", "Requests that have ended.", counted, lambda one: one.requests)
    yield _counter(
        "request_errors", "Those of them that failed.", counted, lambda one: one.errors
    )
    yield _seconds(
        "request_duration_seconds",
        "What each request took from when it was understood: its wait for a batch, its run.",
        ((one, one.latency_micros) for one in counted),
    )
    yield _gauge(
        "requests_in_flight",
        "Requests under way, those that wait for a batch included.",
        counted,
        lambda one: one.in_flight,
    )
    yield _gauge(
        "requests_queued", "Requests that wait for a batch.", counted, lambda one: one.queued
    )
    yield _counter(
        "written_off_runs",
        "Runs that took too long and were given up with their threads.",
        counted,
        lambda one: one.written_off,
    )
    yield _gauge(
        "hung_runs", "Those of them that have not come back.", counted, lambda one: one.hung
    )
    yield _batch_counter("batches", "Batches that were run.", batched, lambda of: of.runs)
    yield _batch_counter(
        "batch_run_seconds", "What their runs took.", batched, lambda of: of.seconds
    )
    yield _batch_counter(
        "batched_rows", "Rows of requests in batches.", batched, lambda of: of.rows
    )
    yield _batch_counter(
        "padding_rows",
        "Rows added to batches to reach an allowed size.",
        batched,
        lambda of: of.padding,
    )
    yield _histogram(
        "batch_rows",
        "Rows of a batch, padding included.",
        ((one, of.sizes) for one, of in batched),
    )
    yield _histogram(
        "batch_requests", "Requests of a batch.", ((one, of.requests) for one, of in batched)
    )
    yield _seconds(
        "queue_wait_seconds",
        "How long each request waited for its batch.",
        ((one, of.queue_micros) for one, of in batched),
    )


def state_metrics(states: Iterable[ServableState]) -> Iterator[Metric]:
    """In which state each version is."""
    metric = GaugeMetricFamily(
        "tfs_notebook_model_version_state",
        "1 for the state that a version is in, 0 for the others.",
        labels=(*_VERSION, "state"),
    )
    for one in states:
        for state in ManagerState:
            labels = (*_version(one.id), state.name)
            metric.add_metric(labels, 1.0 if state is one.state else 0.0)
    yield metric


def load_metrics(loaded: Mapping[ServableId, LoadRecord]) -> Iterator[Metric]:
    """How the versions that are loaded were loaded."""
    seconds = GaugeMetricFamily(
        "tfs_notebook_model_load_duration_seconds",
        "What the load took, with copies from elsewhere and warm-up.",
        labels=_VERSION,
    )
    ended = GaugeMetricFamily(
        "tfs_notebook_model_load_timestamp_seconds",
        "When the version was loaded, since the epoch.",
        labels=_VERSION,
    )
    size = GaugeMetricFamily(
        "tfs_notebook_model_estimated_memory_bytes",
        "An upper bound of the memory that the version takes.",
        labels=_VERSION,
    )
    for id_, record in sorted(loaded.items()):
        seconds.add_metric(_version(id_), record.seconds)
        ended.add_metric(_version(id_), record.ended)
        if record.bytes is not None:
            size.add_metric(_version(id_), record.bytes)
    yield from (seconds, ended, size)


def _version(id_: ServableId) -> tuple[str, str]:
    return id_.name, str(id_.version)


def _labels(of: SignatureStatistics) -> tuple[str, str, str]:
    return of.model, str(of.version), of.signature


def _counter(
    name: str,
    text: str,
    counted: Iterable[SignatureStatistics],
    value: Callable[[SignatureStatistics], float],
) -> Metric:
    metric = CounterMetricFamily(f"tfs_notebook_{name}", text, labels=_SIGNATURE)
    for one in counted:
        metric.add_metric(_labels(one), value(one))
    return metric


def _gauge(
    name: str,
    text: str,
    counted: Iterable[SignatureStatistics],
    value: Callable[[SignatureStatistics], float],
) -> Metric:
    metric = GaugeMetricFamily(f"tfs_notebook_{name}", text, labels=_SIGNATURE)
    for one in counted:
        metric.add_metric(_labels(one), value(one))
    return metric


def _batch_counter(
    name: str,
    text: str,
    batched: Iterable[tuple[SignatureStatistics, BatchStatistics]],
    value: Callable[[BatchStatistics], float],
) -> Metric:
    metric = CounterMetricFamily(f"tfs_notebook_{name}", text, labels=_SIGNATURE)
    for one, batches in batched:
        metric.add_metric(_labels(one), value(batches))
    return metric


def _seconds(
    name: str, text: str, counted: Iterable[tuple[SignatureStatistics, Histogram]]
) -> Metric:
    return _histogram(name, text, counted, _A_MICROSECOND)


def _histogram(
    name: str,
    text: str,
    counted: Iterable[tuple[SignatureStatistics, Histogram]],
    unit: float = 1.0,
) -> Metric:
    metric = HistogramMetricFamily(f"tfs_notebook_{name}", text, labels=_SIGNATURE)
    for one, histogram in counted:
        metric.add_metric(_labels(one), _buckets(histogram, unit), histogram.total * unit)
    return metric


def _buckets(histogram: Histogram, unit: float) -> list[tuple[str, float]]:
    # In six digits, as a bound is known by its text.
    bounds = [number_text(float(f"{bound * unit:g}")) for bound in histogram.bounds]
    below = 0
    buckets: list[tuple[str, float]] = []
    for bound, count in zip((*bounds, _BOUND_OF_ALL), histogram.counts, strict=True):
        below += count
        buckets.append((bound, below))
    return buckets
