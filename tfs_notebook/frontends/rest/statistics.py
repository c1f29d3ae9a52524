"""What is counted of models, in the shape of Triton's statistics extension, and more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tfs_notebook.frontends.rest.repository import Entry, is_ready
from tfs_notebook.lifecycle import ManagerState, ServableId
from tfs_notebook.serving.histogram import Histogram
from tfs_notebook.serving.load_records import LoadRecord
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.signature_counter import BatchStatistics
from tfs_notebook.serving.statistics import SignatureStatistics

__all__ = ["statistics"]

_NS: Final = 1_000_000_000
_NS_OF_A_MICROSECOND: Final = 1000
_MS: Final = 1000
_PERCENTILES: Final = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}

_NOTHING: Final[Entry] = {"count": 0, "ns": 0}
# Triton's clients read these too.
_NOT_MEASURED: Final[Entry] = {
    "compute_input": _NOTHING,
    "compute_output": _NOTHING,
    "cache_hit": _NOTHING,
    "cache_miss": _NOTHING,
}


def statistics(server: ModelServer, name: str | None, version: int | None) -> Entry:
    """What was counted.

    Raises:
        NotFound: there is no such model, or no such version.
    """
    by_version: dict[tuple[str, int], list[SignatureStatistics]] = {}
    for one in server.statistics(name, version):
        by_version.setdefault((one.model, one.version), []).append(one)
    models = server.models() if name is None else filter(None, [server.model(name)])
    for model in models:
        for state in model.versions:
            if version in (None, state.id.version) and state.state is ManagerState.AVAILABLE:
                by_version.setdefault((model.settings.name, state.id.version), [])
    if not by_version and name is not None:
        is_ready(server, name, version)
    loads = server.loads
    return {
        "model_stats": [
            _version(*key, by_version[key])
            | _memory(loads.get(ServableId(*key)))
            | _steps(server, ServableId(*key))
            for key in sorted(by_version)
        ]
    }


def _memory(load: LoadRecord | None) -> Entry:
    return {"estimated_memory_bytes": None if load is None else load.bytes}


def _steps(server: ModelServer, id_: ServableId) -> Entry:
    """What was counted of an ensemble's steps; nothing is said of what has none."""
    steps = server.ensemble_steps(id_)
    told = {name: _signature(one) for name, one in steps.items()}
    return {"ensemble_steps": told} if told else {}


def _version(name: str, version: int, signatures: Sequence[SignatureStatistics]) -> Entry:
    rows = runs = 0
    for one in signatures:
        succeeded = one.requests - one.errors
        rows += one.batches.rows if one.batches else succeeded
        runs += one.batches.runs if one.batches else succeeded
    last = max((one.last for one in signatures), default=0.0)
    return {
        "name": name,
        "version": str(version),
        "last_inference": int(last * _MS),
        "inference_count": rows,
        "execution_count": runs,
        "inference_stats": _durations(signatures) | _NOT_MEASURED,
        "batch_stats": _batch_sizes(signatures),
        "signatures": {one.signature: _signature(one) for one in signatures},
    }


def _durations(signatures: Sequence[SignatureStatistics]) -> Entry:
    errors = sum(one.errors for one in signatures)
    succeeded = sum(one.requests for one in signatures) - errors
    success = _duration(succeeded, sum(one.seconds for one in signatures))
    fail = _duration(errors, sum(one.error_seconds for one in signatures))
    batches = [one.batches for one in signatures if one.batches]
    waits = [batch.queue_micros for batch in batches]
    queue = {
        "count": sum(wait.number for wait in waits),
        "ns": int(sum(wait.total for wait in waits) * _NS_OF_A_MICROSECOND),
    }
    # Of requests that run by themselves nothing but the run is measured.
    run = sum(one.batches.seconds if one.batches else one.seconds for one in signatures)
    return {
        "success": success,
        "fail": fail,
        "queue": queue,
        "compute_infer": _duration(succeeded, run),
    }


def _duration(count: int, seconds: float) -> Entry:
    return {"count": count, "ns": int(seconds * _NS)}


def _batch_sizes(signatures: Sequence[SignatureStatistics]) -> list[Entry]:
    counts: dict[int, int] = {}
    for one in signatures:
        if one.batches:
            for bound, count in _buckets(one.batches.sizes):
                size = int(one.batches.sizes.bounds[-1]) if bound is None else bound
                counts[size] = counts.get(size, 0) + count
    # The time is counted over all sizes together.
    unknown = {"compute_input": _NOTHING, "compute_output": _NOTHING}
    return [
        {"batch_size": size, "compute_infer": {"count": count, "ns": 0}} | unknown
        for size, count in sorted(counts.items())
    ]


def _buckets(histogram: Histogram) -> list[tuple[int | None, int]]:
    """The largest value of each bucket that is not empty, and how many are in it.

    The last one has no largest value.
    """
    bounds = (*map(int, histogram.bounds), None)
    pairs = zip(bounds, histogram.counts, strict=True)
    return [(bound, count) for bound, count in pairs if count]


def _signature(one: SignatureStatistics) -> Entry:
    return _durations([one]) | {
        "requests": one.requests,
        "errors": one.errors,
        "in_flight": one.in_flight,
        "queued": one.queued,
        "written_off_runs": one.written_off,
        "hung_runs": one.hung,
        "requests_per_second": {"1s": one.a_second, "60s": one.a_second_of_a_minute},
        "latency_us": _spread(one.latency_micros),
        "batches": None if one.batches is None else _batches(one.batches),
    }


def _batches(batches: BatchStatistics) -> Entry:
    return {
        "runs": batches.runs,
        "rows": batches.rows,
        "padding_rows": batches.padding,
        "padding_share": round(batches.padding_share, 4),
        "run_seconds": batches.seconds,
        "rows_of_a_run": _spread(batches.sizes),
        "requests_of_a_run": _spread(batches.requests),
        "queue_us": _spread(batches.queue_micros),
    }


def _spread(histogram: Histogram) -> dict[str, Any]:
    return {
        "count": histogram.number,
        "mean": round(histogram.mean, 3),
        **{name: round(histogram.quantile(q), 3) for name, q in _PERCENTILES.items()},
        "buckets": [{"le": bound, "count": count} for bound, count in _buckets(histogram)],
    }
