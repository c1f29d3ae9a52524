"""The metrics of traffic that goes by weights, of copies, and of rollouts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from tfs_notebook.serving.routing.rollout import Phase
from tfs_notebook.serving.routing.status import (
    TrafficStatus,
)

__all__ = ["traffic_metrics"]

_MODEL: Final = ("model_name",)
_VERSION: Final = ("model_name", "version")


def traffic_metrics(statuses: Sequence[TrafficStatus]) -> Iterator[Metric]:
    """What is said of models' traffic, and what was counted of it."""
    yield _shares(statuses)
    yield from _answered(statuses)
    yield from _copies(statuses)
    yield from _rollouts(statuses)


def _shares(statuses: Sequence[TrafficStatus]) -> Metric:
    shares = GaugeMetricFamily(
        "tfs_notebook_traffic_share",
        "The share of requests with this label (empty for none) that go to a target.",
        labels=(*_MODEL, "label", "target"),
    )
    for status in statuses:
        for label, split in status.traffic.splits.items():
            for target in split.weights:
                labels = (status.name, label, str(target))
                shares.add_metric(labels, split.share(target))
    return shares


def _answered(statuses: Sequence[TrafficStatus]) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        "tfs_notebook_traffic_requests",
        "Requests of models with weights or copies, by the version that answered.",
        labels=_VERSION,
    )
    errors = CounterMetricFamily(
        "tfs_notebook_traffic_errors", "Those of them that failed.", labels=_VERSION
    )
    for status in statuses:
        for version, counted in status.counted.items():
            labels = (status.name, str(version))
            requests.add_metric(labels, counted.requests)
            errors.add_metric(labels, counted.errors)
    yield requests
    yield errors


def _copies(statuses: Sequence[TrafficStatus]) -> Iterator[Metric]:
    copies = CounterMetricFamily(
        "tfs_notebook_shadow_copies",
        "Copies of requests, by what became of them.",
        labels=(*_MODEL, "result"),
    )
    errors = CounterMetricFamily(
        "tfs_notebook_shadow_errors",
        "Copies that failed where the true answer was none.",
        labels=_MODEL,
    )
    for status in statuses:
        if (shadow := status.shadow) is None:
            continue
        counted = shadow.counted
        results = {
            "equal": counted.compared - counted.differing,
            "differing": counted.differing,
            "dropped": shadow.dropped,
            "absent": shadow.absent,
        }
        for result, number in results.items():
            copies.add_metric((status.name, result), number)
        errors.add_metric((status.name,), counted.errors)
    yield copies
    yield errors


def _rollouts(statuses: Sequence[TrafficStatus]) -> Iterator[Metric]:
    weight = GaugeMetricFamily(
        "tfs_notebook_rollout_weight_percent",
        "Percent of the requests that the candidate of the last rollout answers.",
        labels=_VERSION,
    )
    phases = GaugeMetricFamily(
        "tfs_notebook_rollout_phase",
        "1 for the phase that the last rollout is in, 0 for the others.",
        labels=(*_VERSION, "phase"),
    )
    for status in statuses:
        if (rollout := status.traffic.rollout) is None:
            continue
        labels = (status.name, str(rollout.plan.candidate))
        weight.add_metric(labels, rollout.weight)
        for phase in Phase:
            phases.add_metric((*labels, phase.value), float(phase is rollout.phase))
    yield weight
    yield phases
