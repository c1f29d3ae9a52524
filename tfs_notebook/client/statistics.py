"""What a server has counted of a model, by the Open Inference Protocol's extension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tfs_notebook.client.batch_statistics import BatchStatistics, batch_statistics
from tfs_notebook.client.plots import Plot
from tfs_notebook.client.text_tables import html_table, text_table
from tfs_notebook.wire.errors import FailedPrecondition, Internal, ServingError, Unimplemented

__all__ = [
    "ModelStatistics",
    "SignatureStatistics",
    "VersionStatistics",
    "model_statistics",
    "statistics_by_model",
    "tells_no_statistics",
]

_HEADS: Final = (
    "version", "signature", "requests", "errors", "in flight", "per second", "p50 ms", "p99 ms",
)  # fmt: skip
_BATCH_HEADS: Final = ("rows a run", "padding", "waited ms")
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
        batches: what was counted of its runs; None if no requests were put together.
    """

    name: str
    requests: int
    errors: int
    in_flight: int
    per_second: float | None
    p50_ms: float | None
    p99_ms: float | None
    batches: BatchStatistics | None


@dataclass(frozen=True, slots=True)
class VersionStatistics:
    """What was counted of one version.

    Attributes:
        version: its number.
        inferences: rows, where requests are batched; else requests.
        executions: runs of the model.
        signatures: those that were asked for.
        memory: bytes that it takes at most, as the server estimates; None if it does not tell.
    """

    version: int
    inferences: int
    executions: int
    signatures: tuple[SignatureStatistics, ...]
    memory: int | None = None

    @property
    def requests(self) -> int:
        """Of all signatures, with errors too."""
        return sum(one.requests for one in self.signatures)

    @property
    def errors(self) -> int:
        """Those of them that failed."""
        return sum(one.errors for one in self.signatures)

    @property
    def per_second(self) -> float | None:
        """Requests a second, of the last minute; None if it is not told."""
        told = [one.per_second for one in self.signatures if one.per_second is not None]
        return sum(told) if told else None


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

    def version(self, number: int) -> VersionStatistics | None:
        """What was counted of one version, if it was."""
        return next((one for one in self.versions if one.version == number), None)

    def plot(self) -> Plot:
        """How large the runs were, and how long requests waited for theirs.

        Of the newest version, and of its signature that was asked most often.

        Raises:
            FailedPrecondition: no requests were put together; or matplotlib is not there.
        """
        signatures = self.versions[0].signatures if self.versions else ()
        counted = [(one.requests, one.batches) for one in signatures if one.batches]
        if not counted:
            raise FailedPrecondition(
                f"no requests to {self.name} have shared a run, so there is nothing to draw; "
                "they do where batching is enabled (--enable_batching)"
            )
        _, batches = max(counted, key=lambda pair: pair[0])
        return batches.plot(self.name)

    def _table(self) -> tuple[tuple[str, ...], list[list[str]]]:
        counted = [
            (version.version, one)
            for version in self.versions
            for one in version.signatures or (_NOTHING,)
        ]
        if not any(one.batches for _, one in counted):
            return _HEADS, [[str(number), *_cells(one)] for number, one in counted]
        return (*_HEADS, *_BATCH_HEADS), [
            [str(number), *_cells(one), *_batch_cells(one.batches)] for number, one in counted
        ]

    def __repr__(self) -> str:
        return f"{self.name}\n{text_table(*self._table())}"

    def _repr_html_(self) -> str:
        return html_table(*self._table())


_NOTHING: Final = SignatureStatistics("", 0, 0, 0, None, None, None, None)


def _cells(one: SignatureStatistics) -> list[str]:
    numbers = (one.per_second, one.p50_ms, one.p99_ms)
    return [
        one.name,
        str(one.requests),
        str(one.errors),
        str(one.in_flight),
        *("" if number is None else f"{number:.3g}" for number in numbers),
    ]


def _batch_cells(batches: BatchStatistics | None) -> list[str]:
    if batches is None:
        return [""] * len(_BATCH_HEADS)
    return [
        f"{batches.rows_a_run:.3g}",
        f"{batches.padding_share:.1%}",
        f"{batches.waited_ms:.3g}",
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


def statistics_by_model(answer: Any) -> dict[str, ModelStatistics]:  # noqa: ANN401 - any JSON
    """The statistics in an answer that is about all models, by their names.

    Raises:
        Internal: there are none in it.
    """
    try:
        by_name: dict[str, list[Any]] = {}
        for one in answer["model_stats"]:
            by_name.setdefault(str(one["name"]), []).append(one)
    except (LookupError, TypeError) as error:
        raise Internal(f"these are no statistics: {error!r}") from None
    return {
        name: model_statistics(name, {"model_stats": found}) for name, found in by_name.items()
    }


def tells_no_statistics(address: str, error: ServingError) -> Unimplemented:
    """The error for a server that has nothing at the path of the statistics."""
    return Unimplemented(
        f"{address} tells no statistics of models, as TensorFlow Serving does not; a model "
        f"server of tfs_notebook does ({error.message})"
    )


def _version(one: Mapping[str, Any]) -> VersionStatistics:
    signatures = one.get("signatures")
    if signatures is None:  # as Triton has it
        durations = one["inference_stats"]
        counted: tuple[SignatureStatistics, ...] = (_undivided(durations),)
    else:
        counted = tuple(_signature(name, stats) for name, stats in sorted(signatures.items()))
    memory = one.get("estimated_memory_bytes")
    return VersionStatistics(
        int(one["version"]),
        int(one["inference_count"]),
        int(one["execution_count"]),
        counted,
        None if memory is None else int(memory),
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
        batch_statistics(batches),
    )


def _undivided(durations: Mapping[str, Any]) -> SignatureStatistics:
    succeeded, failed = durations["success"], int(durations["fail"]["count"])
    count = int(succeeded["count"])
    mean = succeeded["ns"] / count / _NANOS_OF_A_MILLI if count else None
    return SignatureStatistics("", count + failed, failed, 0, None, mean, None, None)
