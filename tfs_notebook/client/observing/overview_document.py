"""An observation of what a server of tfs_notebook tells at ``/v2/repository/overview``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from tfs_notebook.client.observing.distribution import Distribution
from tfs_notebook.client.observing.observation import (
    BatchCounts,
    Batching,
    Load,
    ModelObservation,
    Observation,
    Pin,
    Process,
    Recording,
    SignatureCounts,
    StateChange,
    VersionObservation,
)
from tfs_notebook.wire.errors import Internal

__all__ = ["observation_of"]

_Document: TypeAlias = Mapping[str, Any]
_Bounds: TypeAlias = Mapping[str, tuple[float, ...]]


def observation_of(document: Any, received: float) -> Observation:  # noqa: ANN401 - any JSON
    """The observation.

    Args:
        document: what came.
        received: when, by the clock that never runs backwards.

    Raises:
        Internal: it is no overview.
    """
    try:
        return _observation(document, received)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Internal(f"this is no overview of a server: {error!r}") from None


def _observation(document: _Document, received: float) -> Observation:
    bounds = {name: tuple(map(float, ends)) for name, ends in document["bounds"].items()}
    process = document["process"]
    return Observation(
        "tfs_notebook",
        float(document["time"]),
        received,
        tuple(_model(one, bounds) for one in document["models"]),
        run=str(document["run"]),
        uptime=float(document["uptime"]),
        process=Process(
            int(process["pid"]), float(process["cpu_seconds"]), process["resident_bytes"]
        ),
        loads_on_request=bool(document["loads_on_request"]),
        batch_threads=document["batch_threads"],
        request_log_directory=document["request_log_directory"],
        next_event=int(document["next_event"]),
    )


def _model(one: _Document, bounds: _Bounds) -> ModelObservation:
    pin, recording, batching = one["pin"], one["recording"], one["batching"]
    return ModelObservation(
        str(one["name"]),
        tuple(map(_version, one["versions"])),
        tuple(
            _counts(int(version["version"]), signature, bounds)
            for version in one["versions"]
            for signature in version["signatures"]
        ),
        base_path=str(one["base_path"]),
        platform=str(one["platform"]),
        version_policy=one["version_policy"],
        labels={label: int(version) for label, version in one["labels"].items()},
        waiting_for=one["waiting_for"],
        pin=None if pin is None else Pin(tuple(pin["versions"]), pin["version_policy"]),
        is_kept=bool(one["is_kept"]),
        recording=None
        if recording is None
        else Recording(float(recording["sampling_rate"]), recording["records"]),
        batching=None
        if batching is None
        else Batching(
            batching["parameters"],
            overridden=batching["overridden"],
            latency_target_micros=int(batching["latency_target_micros"]),
        ),
    )


def _version(one: _Document) -> VersionObservation:
    loaded, batching = one["loaded"], one["batching"]
    return VersionObservation(
        int(one["version"]),
        str(one["state"]),
        one["error"],
        tuple(
            StateChange(float(change["time"]), str(change["state"]), change["error"])
            for change in one["history"]
        ),
        None
        if loaded is None
        else Load(float(loaded["at"]), float(loaded["seconds"]), loaded["estimated_bytes"]),
        None
        if batching is None
        else Batching(
            batching["parameters"],
            automatic=batching["automatic"],
            problem=batching["problem"],
        ),
        # An older server does not tell it.
        one.get("share"),
    )


def _counts(version: int, one: _Document, bounds: _Bounds) -> SignatureCounts:
    batches = one["batches"]
    return SignatureCounts(
        version,
        str(one["signature"]),
        int(one["requests"]),
        int(one["errors"]),
        int(one["in_flight"]),
        int(one["queued"]),
        int(one["written_off_runs"]),
        int(one["hung_runs"]),
        one["last_request"],
        _distribution(one["latency_micros"], bounds["micros"]),
        None if batches is None else _batches(batches, bounds),
        since=float(one["since"]),
    )


def _batches(one: _Document, bounds: _Bounds) -> BatchCounts:
    return BatchCounts(
        int(one["runs"]),
        int(one["rows"]),
        int(one["padding_rows"]),
        _distribution(one["rows_of_a_run"], bounds["rows"]),
        _distribution(one["requests_of_a_run"], bounds["rows"]),
        _distribution(one["wait_micros"], bounds["micros"]),
    )


def _distribution(one: _Document, bounds: tuple[float, ...]) -> Distribution:
    counts = tuple(one["counts"])
    if len(counts) != len(bounds) + 1:
        raise ValueError(f"{len(counts)} counts for {len(bounds)} bounds")
    return Distribution(bounds, counts, float(one["total"]))
