"""What TensorFlow Serving's page for Prometheus tells of its models."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tfs_notebook.client.observing.distribution import Distribution
from tfs_notebook.client.observing.observation import BatchCounts, SignatureCounts

__all__ = ["PageCounts", "page_counts"]

_SERVING: Final = ":tensorflow:serving:"
_BATCHING: Final = f"{_SERVING}batching_session:"
_REQUESTS: Final = f"{_SERVING}request_count"
_LATENCY: Final = f"{_SERVING}request_latency"
_BATCH_ROWS: Final = f"{_BATCHING}processed_batch_size"
_PADDING: Final = f"{_BATCHING}padding_size"
_WAITS: Final = f"{_BATCHING}queuing_latency"
_SAMPLE: Final = re.compile(r"([:\w]+)(?:\{(.*)\})? (\S+)")
_LABEL: Final = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_ESCAPE: Final = re.compile(r"\\(.)")

_Samples = list[tuple[Mapping[str, str], float]]


@dataclass(frozen=True, slots=True)
class PageCounts:
    """What the page tells.

    Attributes:
        models: by name; versions and signatures are not told apart.
        batches: of all models; None if there were none.
    """

    models: Mapping[str, SignatureCounts]
    batches: BatchCounts | None


def page_counts(text: str) -> PageCounts:
    """Read a page; what is not known, or cannot be read, is passed over."""
    samples: dict[str, _Samples] = {}
    for line in text.splitlines():
        if not line.startswith(_SERVING) or (read := _sample(line)) is None:
            continue
        name, labels, value = read
        samples.setdefault(name, []).append((labels, value))
    names = {
        labels["model_name"]: None
        for labels, _ in samples.get(_REQUESTS, ())
        # That one is asked for by nobody: malformed requests, and what is not about a model.
        if labels.get("model_name")
    }
    return PageCounts(
        {name: _model(name, samples) for name in names},
        _batches(samples),
    )


def _sample(line: str) -> tuple[str, Mapping[str, str], float] | None:
    if (match := _SAMPLE.fullmatch(line)) is None:
        return None
    labels = {
        name: _ESCAPE.sub(_unescaped, text) for name, text in _LABEL.findall(match[2] or "")
    }
    try:
        return match[1], labels, float(match[3])
    except ValueError:
        return None


def _unescaped(match: re.Match[str]) -> str:
    return "\n" if match[1] == "n" else match[1]


def _model(name: str, samples: Mapping[str, _Samples]) -> SignatureCounts:
    by_status = [
        (labels.get("status", ""), value)
        for labels, value in samples[_REQUESTS]
        if labels.get("model_name") == name
    ]
    requests = sum(value for _, value in by_status)
    succeeded = sum(value for status, value in by_status if status == "OK")
    return SignatureCounts(
        version=None,
        signature="",
        requests=int(requests),
        errors=int(requests - succeeded),
        in_flight=None,
        queued=None,
        written_off_runs=None,
        hung_runs=None,
        last_request=None,
        latency_micros=_distribution(
            samples, _LATENCY, lambda labels: labels.get("model_name") == name
        ),
        batches=None,
    )


def _batches(samples: Mapping[str, _Samples]) -> BatchCounts | None:
    rows = _distribution(samples, _BATCH_ROWS)
    if not rows.number:
        return None
    padding = _distribution(samples, _PADDING)
    return BatchCounts(
        rows.number,
        int(rows.total - padding.total),
        int(padding.total),
        rows,
        None,
        _distribution(samples, _WAITS),
    )


def _all(_: Mapping[str, str]) -> bool:
    return True


def _distribution(
    samples: Mapping[str, _Samples],
    name: str,
    wanted: Callable[[Mapping[str, str]], bool] = _all,
) -> Distribution:
    """All that is counted of a histogram for those labels, together."""
    upto: dict[float, float] = {}
    for labels, value in samples.get(f"{name}_bucket", ()):
        if wanted(labels) and (bound := _bound(labels)) is not None:
            upto[bound] = upto.get(bound, 0) + value
    bounds = sorted(upto)
    reached = [int(upto[bound]) for bound in bounds]
    counts = [count - before for before, count in zip([0, *reached], reached, strict=False)]
    finite = tuple(bound for bound in bounds if bound != float("inf"))
    if len(finite) == len(bounds):  # without a bucket of all there is none above the last
        counts.append(0)
    total = sum(value for labels, value in samples.get(f"{name}_sum", ()) if wanted(labels))
    return Distribution(finite, tuple(counts), total)


def _bound(labels: Mapping[str, str]) -> float | None:
    try:
        return float(labels["le"])
    except (KeyError, ValueError):
        return None
