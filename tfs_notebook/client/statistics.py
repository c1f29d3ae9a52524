"""What a server has counted of a model, by the Open Inference Protocol's extension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tfs_notebook.client.text_tables import html_table, text_table
from tfs_notebook.wire.errors import Internal

__all__ = ["ModelStatistics", "SignatureStatistics", "VersionStatistics", "model_statistics"]

_HEADS: Final = (
    "version", "signature", "requests", "errors", "in flight", "per second", "p50 ms", "p99 ms",
    "rows a run",
)  # fmt: skip
_MICROS_OF_A_MILLI: Final = 1000
_NANOS_OF_A_MILLI: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class SignatureStatistics:
    """What was counted of one signature.

    Attributes:
        name: of the signature; empty where the server does not tell them apart.
        requests: that were answered, with errors too.
        errors: of these, those that failed.
        in_flight: requests under way.
        per_second: requests a second, of the last minute; None if it is not told.
        p50_ms: median latency in milliseconds; the mean where no more is told.
        p99_ms: 99th percentile; None if it is not told.
        rows_a_run: mean rows of a batch; None without batching.
    """

    name: str
    requests: int
    errors: int
    in_flight: int
    per_second: float | None
    p50_ms: float | None
    p99_ms: float | None
    rows_a_run: float | None


@dataclass(frozen=True, slots=True)
class VersionStatistics:
    """What was counted of one version.

    Attributes:
        version: its number.
        inferences: rows, where requests are batched; else requests.
        executions: runs of the model.
        signatures: those that were asked for.
    """

    version: int
    inferences: int
    executions: int
    signatures: tuple[SignatureStatistics, ...]


@dataclass(frozen=True, slots=True)
class ModelStatistics:
    """What was counted of a model since its versions were loaded.

    Attributes:
        name: of the model.
        versions: the newest first.
        document: all that the server tells, as it came.
    """

    name: str
    versions: tuple[VersionStatistics, ...]
    document: Mapping[str, Any]

    def _rows(self) -> list[list[str]]:
        return [
            [str(version.version), *_cells(one)]
            for version in self.versions
            for one in version.signatures or (_NOTHING,)
        ]

    def __repr__(self) -> str:
        return f"{self.name}\n{text_table(_HEADS, self._rows())}"

    def _repr_html_(self) -> str:
        return html_table(_HEADS, self._rows())


_NOTHING: Final = SignatureStatistics("", 0, 0, 0, None, None, None, None)


def _cells(one: SignatureStatistics) -> list[str]:
    numbers = (one.per_second, one.p50_ms, one.p99_ms, one.rows_a_run)
    return [
        one.name,
        str(one.requests),
        str(one.errors),
        str(one.in_flight),
        *("" if number is None else f"{number:.3g}" for number in numbers),
    ]


def model_statistics(name: str, answer: Any) -> ModelStatistics:  # noqa: ANN401 - any JSON
    """The statistics in an answer.

    Raises:
        Internal: it is none.
    """
    try:
        versions = [_version(one) for one in answer["model_stats"]]
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Internal(f"these are no statistics: {error!r}") from None
    versions.sort(key=lambda one: one.version, reverse=True)
    return ModelStatistics(name, tuple(versions), answer)


def _version(one: Mapping[str, Any]) -> VersionStatistics:
    signatures = one.get("signatures")
    if signatures is None:  # as Triton has it
        durations = one["inference_stats"]
        counted: tuple[SignatureStatistics, ...] = (_undivided(durations),)
    else:
        counted = tuple(_signature(name, stats) for name, stats in sorted(signatures.items()))
    return VersionStatistics(
        int(one["version"]), int(one["inference_count"]), int(one["execution_count"]), counted
    )


def _signature(name: str, stats: Mapping[str, Any]) -> SignatureStatistics:
    latency, batches = stats["latency_us"], stats["batches"]
    is_measured = bool(latency["count"])
    return SignatureStatistics(
        name,
        int(stats["requests"]),
        int(stats["errors"]),
        int(stats["in_flight"]),
        float(stats["requests_per_second"]["60s"]),
        latency["p50"] / _MICROS_OF_A_MILLI if is_measured else None,
        latency["p99"] / _MICROS_OF_A_MILLI if is_measured else None,
        batches["rows"] / batches["runs"] if batches and batches["runs"] else None,
    )


def _undivided(durations: Mapping[str, Any]) -> SignatureStatistics:
    succeeded, failed = durations["success"], int(durations["fail"]["count"])
    count = int(succeeded["count"])
    mean = succeeded["ns"] / count / _NANOS_OF_A_MILLI if count else None
    return SignatureStatistics("", count + failed, failed, 0, None, mean, None, None)
