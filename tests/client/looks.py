"""Looks at servers that nobody has asked: made up, for what follows from them."""

from __future__ import annotations

from typing import Final

from tfs_notebook.client.observing.distribution import Distribution
from tfs_notebook.client.observing.observation import (
    BatchCounts,
    ModelObservation,
    Observation,
    Process,
    SignatureCounts,
    VersionObservation,
)

__all__ = ["MICROS", "ROWS", "counts", "look"]

MICROS: Final = (1000.0, 2000.0, 4000.0, 8000.0)
ROWS: Final = (1.0, 2.0, 4.0)


def _distribution(bounds: tuple[float, ...], values: list[float]) -> Distribution:
    tally = [0] * (len(bounds) + 1)
    for value in values:
        tally[sum(value > bound for bound in bounds)] += 1
    return Distribution(bounds, tuple(tally), float(sum(values)))


def counts(
    micros: list[float],
    *,
    version: int | None = 1,
    signature: str = "serving_default",
    errors: int = 0,
    in_flight: int = 0,
    queued: int = 0,
    sizes: list[float] | None = None,
    padding: int = 0,
    waits: list[float] | None = None,
    since: float | None = 0.0,
) -> SignatureCounts:
    """What was counted of requests that took these times, and of batches of these sizes."""
    batches = None
    if sizes is not None:
        batches = BatchCounts(
            len(sizes),
            int(sum(sizes)) - padding,
            padding,
            _distribution(ROWS, sizes),
            None,
            _distribution(MICROS, waits or []),
        )
    return SignatureCounts(
        version,
        signature,
        len(micros),
        errors,
        in_flight,
        queued,
        0,
        0,
        None,
        _distribution(MICROS, micros),
        batches,
        since=since,
    )


def look(
    received: float,
    models: dict[str, list[SignatureCounts]] | None = None,
    *,
    run: str = "first",
    uptime: float | None = None,
    time: float = 1e9,
    resident: int | None = None,
    cpu: float = 0.0,
) -> Observation:
    """A look at a server of tfs_notebook with these models."""
    return Observation(
        "tfs_notebook",
        time,
        received,
        tuple(
            ModelObservation(
                name,
                tuple(
                    VersionObservation(version, "AVAILABLE", None, (), None, None)
                    for version in sorted({one.version or 0 for one in theirs}, reverse=True)
                ),
                tuple(theirs),
            )
            for name, theirs in (models or {}).items()
        ),
        run=run,
        uptime=received if uptime is None else uptime,
        process=Process(1, cpu, resident),
    )
