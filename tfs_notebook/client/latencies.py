"""How long requests took, in a few numbers."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["latencies", "latency_text"]


def latencies(seconds: Sequence[float]) -> dict[str, float]:
    """Quantiles in milliseconds, by their names; none of nothing."""
    if not seconds:
        return {}
    ordered = sorted(seconds)
    last = len(ordered) - 1
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {
        name: round(1e3 * ordered[round(last * share)], 3) for name, share in shares.items()
    }


def latency_text(seconds: Sequence[float]) -> str:
    """The same for people."""
    return "  ".join(f"{name} {value:.3g} ms" for name, value in latencies(seconds).items())
