"""What is known of one model's batching."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tfs_notebook.batching.automatic import AutomaticMode
from tfs_notebook.batching.override import BatchingOverride
from tfs_notebook.batching.parameters import BatchingParameters

__all__ = ["AutomaticStatus", "BatchingStatus", "VersionBatching"]

_MICROS = 1e6


@dataclass(frozen=True, slots=True)
class AutomaticStatus:
    """What the automatic mode of a version has found.

    Attributes:
        latency_target_micros: what 99 of 100 requests are to take at most.
        is_reachable: whether the smallest batches take no longer, as far as is known.
        rows_of_a_run: up to how many rows requests are put together.
        batch_timeout_micros: how long the first of them waits for others.
        p99_micros: of the last window of time; None before the first.
        windows: how many there were.
        run_micros: what a run takes, whatever its rows.
        row_micros: what each row adds to that.
    """

    latency_target_micros: int
    is_reachable: bool
    rows_of_a_run: int
    batch_timeout_micros: int
    p99_micros: float | None
    windows: int
    run_micros: float
    row_micros: float

    @classmethod
    def of(cls, mode: AutomaticMode) -> AutomaticStatus:
        """As it is now."""
        tuner, limits = mode.tuner, mode.limits
        return cls(
            latency_target_micros=round(tuner.target * _MICROS),
            is_reachable=tuner.is_reachable,
            rows_of_a_run=limits.rows,
            batch_timeout_micros=limits.timeout_micros,
            p99_micros=None if tuner.p99 is None else round(tuner.p99 * _MICROS, 1),
            windows=tuner.windows,
            run_micros=round(tuner.cost.fixed * _MICROS, 3),
            row_micros=round(tuner.cost.per_row * _MICROS, 3),
        )


@dataclass(frozen=True, slots=True)
class VersionBatching:
    """How the requests of a loaded version are put together.

    Attributes:
        parameters: in force; the timeout is the one that the automatic mode has found.
        automatic: what else that has found; None where it is off.
        problem: why what was said of the model does not hold for this version, or None.
    """

    parameters: BatchingParameters
    automatic: AutomaticStatus | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class BatchingStatus:
    """How the requests of a model are put together.

    Attributes:
        parameters: in force for its newest loaded version; if none is loaded, those that
            one would have.
        overridden: what was said of the model while it was served.
        latency_target_micros: of the automatic mode, by that or by the flag; 0 for none.
        versions: those that are loaded, and have batching, by their numbers.
    """

    parameters: BatchingParameters
    overridden: BatchingOverride
    latency_target_micros: int
    versions: Mapping[int, VersionBatching]
