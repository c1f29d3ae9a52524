"""All that there is to see of a server at one moment, for those who look again and again.

One request tells it of all models. Whatever is counted only grows while the server runs:
who looks twice has what happened in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from tfs_notebook.frontends.rest.batching import described_parameters, described_version
from tfs_notebook.frontends.rest.recording import shown_rate
from tfs_notebook.frontends.rest.repository import Entry
from tfs_notebook.frontends.rest.traffic import brief_traffic
from tfs_notebook.lifecycle import ManagerState, ServableId, ServableState
from tfs_notebook.serving.batching_status import BatchingStatus
from tfs_notebook.serving.ensembles.description import Step
from tfs_notebook.serving.histogram import MICROSECONDS, ROWS, Histogram
from tfs_notebook.serving.load_records import LoadRecord
from tfs_notebook.serving.model_config import ModelSettings
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.serving.model_status import ModelStatus
from tfs_notebook.serving.pin import write_pin
from tfs_notebook.serving.signature_counter import BatchStatistics, SignatureStatistics
from tfs_notebook.serving.version_policies import write_policy
from tfs_notebook.wire.errors import ServingError

__all__ = ["overview"]

_ENDED_SHOWN: Final = 5


def overview(server: ModelServer) -> Entry:
    """How the server, its models and their versions are, and what was counted of them."""
    # Before the states: what happens in between is told once more, and not left out.
    next_event = server.events.last
    process = server.process.read()
    view = _View(server)
    return {
        "time": process.time,
        "run": process.run,
        "uptime": process.uptime,
        "process": {
            "pid": process.pid,
            "cpu_seconds": process.cpu_seconds,
            "resident_bytes": process.resident_bytes,
        },
        "loads_on_request": server.loads_on_request,
        "batch_threads": None if server.batching is None else server.batching.threads,
        "request_log_directory": server.request_log_directory,
        "next_event": next_event,
        "bounds": {"micros": MICROSECONDS, "rows": ROWS},
        "models": [view.model(model) for model in server.models()],
    }


class _View:
    """What was read once for all models."""

    def __init__(self, server: ModelServer) -> None:
        self._server = server
        self._history = server.history.read()
        self._loads = server.loads
        self._logged = server.request_log_count
        self._traffic = {one.name: one for one in server.traffic_status()}
        self._shares = {name: one.shares for name, one in self._traffic.items()}
        self._counted: dict[ServableId, list[SignatureStatistics]] = {}
        for one in server.statistics():
            self._counted.setdefault(ServableId(one.model, one.version), []).append(one)

    def model(self, status: ModelStatus) -> Entry:
        settings, server = status.settings, self._server
        name = settings.name
        batching = self._batching_of(name)
        return {
            "name": name,
            "base_path": settings.base_path,
            "platform": settings.platform,
            "version_policy": write_policy(settings.policy),
            "labels": status.labels,
            "waiting_for": status.waiting_for,
            "pin": write_pin(settings.pin),
            "is_kept": server.keeps(name),
            "recording": self._recording(settings),
            "traffic": brief_traffic(self._traffic.get(name)),
            "batching": None if batching is None else _batching(batching),
            "versions": [self._version(state, batching) for state in _shown(status.versions)],
        }

    def _batching_of(self, name: str) -> BatchingStatus | None:
        # It may have none of its own, and it may have gone meanwhile.
        with suppress(ServingError):
            return None if self._server.batching is None else self._server.batching_of(name)
        return None

    def _recording(self, settings: ModelSettings) -> Entry | None:
        if self._server.request_log_directory is None:
            return None
        logging = settings.logging
        written = {
            code: number
            for (model, code), number in self._logged.items()
            if model == settings.name
        }
        return {
            "sampling_rate": 0.0 if logging is None else shown_rate(logging.sampling_rate),
            "records": written,
        }

    def _version(self, state: ServableState, batching: BatchingStatus | None) -> Entry:
        id_ = state.id
        changes = self._history.get(id_, ())
        load = self._loads.get(id_)
        own = None if batching is None else batching.versions.get(id_.version)
        return {
            "version": str(id_.version),
            "state": state.state.name,
            "error": None if state.error is None else state.error.status_text,
            "kind": None if load is None else load.kind,
            "steps": self._steps(id_),
            "share": self._shares.get(id_.name, {}).get(id_.version),
            "history": [_change(change) for change in changes],
            "loaded": _loaded(load),
            "batching": None if own is None else described_version(own),
            "signatures": [self._signature(one) for one in self._counted.get(id_, ())],
        }

    def _steps(self, id_: ServableId) -> list[Entry] | None:
        """What an ensemble asks; None for what is none."""
        steps = self._server.ensemble_members(id_)
        return [_step(step) for step in steps] or None

    def _signature(self, one: SignatureStatistics) -> Entry:
        return {
            "signature": one.signature,
            # Who sees it for the first time can tell what was counted since the last look.
            "since": self._server.process.uptime_at(one.since),
            "requests": one.requests,
            "errors": one.errors,
            "in_flight": one.in_flight,
            "queued": one.queued,
            "written_off_runs": one.written_off,
            "hung_runs": one.hung,
            "last_request": one.last or None,
            "latency_micros": _spread(one.latency_micros),
            "batches": None if one.batches is None else _batches(one.batches),
        }


def _shown(versions: Sequence[ServableState]) -> Iterable[ServableState]:
    """All that have not ended, and of those that have the last few."""
    ended = [state for state in versions if state.state is ManagerState.END]
    ended.sort(key=lambda state: state.time)
    hidden = {state.id for state in ended[:-_ENDED_SHOWN]}
    return (state for state in versions if state.id not in hidden)


def _change(state: ServableState) -> Entry:
    return {
        "time": state.time,
        "state": state.state.name,
        "error": None if state.error is None else state.error.status_text,
    }


def _loaded(record: LoadRecord | None) -> Entry | None:
    if record is None:
        return None
    return {"at": record.ended, "seconds": record.seconds, "estimated_bytes": record.bytes}


def _step(step: Step) -> Entry:
    asked = step.reference
    return {
        "name": step.name,
        "model": asked.name,
        "version": None if asked.version is None else str(asked.version),
        "label": asked.label,
    }


def _batching(status: BatchingStatus) -> Entry:
    return {
        "parameters": described_parameters(status.parameters),
        "overridden": status.overridden.given,
        "latency_target_micros": status.latency_target_micros,
    }


def _batches(batches: BatchStatistics) -> Entry:
    return {
        "runs": batches.runs,
        "rows": batches.rows,
        "padding_rows": batches.padding,
        "run_seconds": batches.seconds,
        "rows_of_a_run": _spread(batches.sizes),
        "requests_of_a_run": _spread(batches.requests),
        "wait_micros": _spread(batches.queue_micros),
    }


def _spread(histogram: Histogram) -> Entry:
    return {"total": histogram.total, "counts": histogram.counts}
