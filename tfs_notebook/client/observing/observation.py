"""What there is to see of a server at one moment; None stands for what it does not tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tfs_notebook.client.observing.distribution import Distribution

__all__ = [
    "BatchCounts",
    "Batching",
    "Load",
    "ModelObservation",
    "Observation",
    "Pin",
    "Process",
    "Recording",
    "SignatureCounts",
    "StateChange",
    "VersionObservation",
]


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """What was counted of batches since the server began.

    Attributes:
        runs: batches that were run.
        rows: of requests, in all of them.
        padding_rows: that were added to reach an allowed size.
        rows_of_a_run: rows a batch, padding included.
        requests_of_a_run: requests a batch.
        wait_micros: how long each request has waited for its batch.
    """

    runs: int
    rows: int
    padding_rows: int
    rows_of_a_run: Distribution
    requests_of_a_run: Distribution | None
    wait_micros: Distribution


@dataclass(frozen=True, slots=True)
class SignatureCounts:
    """What was counted of one signature since the server began.

    Attributes:
        version: None where versions are not told apart.
        signature: empty where signatures are not told apart.
        requests: that have ended, with errors too.
        errors: those of them that failed.
        in_flight: requests under way.
        queued: those of them that wait for a batch.
        written_off_runs: runs that took too long, and were given up.
        hung_runs: those of them that have not come back.
        last_request: when the last one ended, in seconds since the epoch; None before it.
        latency_micros: what each took; where that is told of successes alone, of these.
        batches: None if none has been run.
        since: when counting began, in seconds of the server's uptime.
    """

    version: int | None
    signature: str
    requests: int
    errors: int
    in_flight: int | None
    queued: int | None
    written_off_runs: int | None
    hung_runs: int | None
    last_request: float | None
    latency_micros: Distribution
    batches: BatchCounts | None
    since: float | None = None


@dataclass(frozen=True, slots=True)
class StateChange:
    """A version came into a state.

    Attributes:
        time: seconds since the epoch.
        state: ``START``, ``LOADING``, ``AVAILABLE``, ``UNLOADING`` or ``END``.
        error: why, if something went wrong.
    """

    time: float
    state: str
    error: str | None


@dataclass(frozen=True, slots=True)
class Load:
    """How a version was loaded.

    Attributes:
        at: when that had been done, in seconds since the epoch.
        seconds: that it took, with copies from elsewhere and warm-up.
        estimated_bytes: an upper bound of the memory it takes; None if unknown.
    """

    at: float
    seconds: float
    estimated_bytes: int | None


@dataclass(frozen=True, slots=True)
class Batching:
    """How requests are put together.

    Attributes:
        parameters: in force, by the names of ``BatchingParameters``.
        overridden: of a model: what was said of it while it is served.
        latency_target_micros: of a model: what the automatic mode is to hold; 0 for none.
        automatic: of a version: what the automatic mode has found; None where it is off.
        problem: of a version: why what was said does not hold for it.
    """

    parameters: Mapping[str, Any]
    overridden: Mapping[str, Any] = field(default_factory=dict)
    latency_target_micros: int = 0
    automatic: Mapping[str, Any] | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """What a model is held to.

    Attributes:
        versions: ascending.
        version_policy: what holds again without the pin, as ``ModelControl.load`` takes it.
    """

    versions: tuple[int, ...]
    version_policy: Any


@dataclass(frozen=True, slots=True)
class Recording:
    """What of a model's requests is recorded.

    Attributes:
        sampling_rate: the share of answered requests; 0 for none.
        records: requests that were to be recorded, by what became of them: ``OK`` …
    """

    sampling_rate: float
    records: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class VersionObservation:
    """A version.

    Attributes:
        version: its number.
        state: see :class:`StateChange`.
        error: why it does not serve, or not as it should; None for no error.
        history: its last changes of state, the oldest first.
        loaded: None too while it is not loaded.
        batching: None too where its requests are not put together.
        share: of the requests without version and label that go to it; None where no
            weights say that.
    """

    version: int
    state: str
    error: str | None
    history: tuple[StateChange, ...] | None
    loaded: Load | None
    batching: Batching | None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class ModelObservation:
    """A model.

    Attributes:
        name: by which it is asked for.
        versions: the newest first; of those that have ended the last few.
        counts: of each signature of each version that was asked for.
        base_path: where its versions lie.
        platform: what kind of model it is.
        version_policy: as ``ModelControl.load`` takes it.
        labels: version by label.
        waiting_for: why there is nothing to load; None if there is.
        pin: None too while it is not held to versions.
        is_kept: whether it stays in memory once it is loaded, used or not.
        recording: None too where the server records nothing.
        batching: None too where its requests are not put together.
    """

    name: str
    versions: tuple[VersionObservation, ...]
    counts: tuple[SignatureCounts, ...] | None
    base_path: str | None = None
    platform: str | None = None
    version_policy: Any = None
    labels: Mapping[str, int] | None = None
    waiting_for: str | None = None
    pin: Pin | None = None
    is_kept: bool | None = None
    recording: Recording | None = None
    batching: Batching | None = None

    def counts_of(self, version: int) -> tuple[SignatureCounts, ...]:
        """What was counted of one version."""
        return tuple(one for one in self.counts or () if one.version == version)


@dataclass(frozen=True, slots=True)
class Process:
    """The process that the server is in; a kernel's own server shares the kernel's.

    Attributes:
        pid: on its own machine.
        cpu_seconds: that all its threads have used.
        resident_bytes: memory.
    """

    pid: int
    cpu_seconds: float
    resident_bytes: int | None


@dataclass(frozen=True, slots=True)
class Observation:
    """A server at one moment.

    Attributes:
        kind: ``tfs_notebook``, which tells all of this, or another that speaks TensorFlow
            Serving's protocols.
        time: seconds since the epoch: by the server's clock, else by this machine's.
        received: when it came, by this machine's clock that never runs backwards.
        models: in the order of the server's configuration.
        run: tells this run of the server from those before it.
        uptime: how long that has lasted, in seconds.
        process: which it is in.
        loads_on_request: whether models are loaded when they are first asked for.
        batch_threads: how many batches run at once; None too without batching.
        request_log_directory: where requests are recorded; None too if they cannot be.
        next_event: to ask ``GET /v2/repository/events?after=`` with for what comes next.
        batches: of all models, where the server does not tell them apart.
        untold: why there is None for some of this: by ``models``, ``counts``, ``server``.
    """

    kind: Literal["tfs_notebook", "other"]
    time: float
    received: float
    models: tuple[ModelObservation, ...]
    run: str | None = None
    uptime: float | None = None
    process: Process | None = None
    loads_on_request: bool | None = None
    batch_threads: int | None = None
    request_log_directory: str | None = None
    next_event: int | None = None
    batches: BatchCounts | None = None
    untold: Mapping[str, str] = field(default_factory=dict)

    def model(self, name: str) -> ModelObservation | None:
        """The model of a name, or None."""
        return next((one for one in self.models if one.name == name), None)

    def changes(self) -> list[tuple[StateChange, str, int]]:
        """The changes of all versions with model and version, the oldest first: a log."""
        found = [
            (change, model.name, version.version)
            for model in self.models
            for version in model.versions
            for change in version.history or ()
        ]
        return sorted(found, key=lambda entry: entry[0].time)
