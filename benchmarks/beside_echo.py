"""Servers loaded in turn with an empty echo, and what of its throughput they reach."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.batching_file import batching_flags
from benchmarks.figures import Figure
from benchmarks.load_report import LoadReport
from benchmarks.models import write_half_plus_two
from benchmarks.targets import Running, echo, half_plus_two

__all__ = ["BATCHED", "ECHO", "UNBATCHED", "figures", "in_turn", "servers"]

ECHO, BATCHED, UNBATCHED = "echo", "with batching", "without batching"

Reports = dict[str, list[LoadReport]]


@contextmanager
def servers(folder: Path) -> Iterator[dict[str, Running]]:
    """The echo, and half_plus_two with batching and without."""
    model = folder / "half_plus_two"
    write_half_plus_two(model)
    flags = batching_flags(
        folder,
        max_batch_size=64,
        batch_timeout_micros=0,
        num_batch_threads=2,
        max_enqueued_batches=1000,
    )
    with ExitStack() as processes:
        yield {
            ECHO: processes.enter_context(echo()),
            BATCHED: processes.enter_context(half_plus_two(model, *flags)),
            UNBATCHED: processes.enter_context(half_plus_two(model)),
        }


def in_turn(
    servers: Mapping[str, Running], load: Callable[[Running], LoadReport], rounds: int
) -> Reports:
    """Load each server, then each again: on a shared machine only neighbours compare."""
    reports: Reports = {name: [] for name in servers}
    for _ in range(rounds):
        for name, server in servers.items():
            reports[name].append(load(server))
    return reports


def figures(
    benchmark: str, what: str, reports: Reports, limits: Mapping[str, float]
) -> Iterator[Figure]:
    """Throughput and latency of each, and its part of the echo's throughput.

    Args:
        benchmark: its name.
        what: the load's name, ``"32 in flight"``.
        reports: of :func:`in_turn`.
        limits: the part that is wanted, by the server's name.
    """
    for name, runs in reports.items():
        rate = statistics.median(run.per_second for run in runs)
        yield Figure(benchmark, f"{what}, {name}", rate, "1/s")
        p50 = statistics.median(run.p50 for run in runs)
        yield Figure(benchmark, f"{what}, {name}, p50", p50, "ms")
        p99 = statistics.median(run.p99 for run in runs)
        yield Figure(benchmark, f"{what}, {name}, p99", p99, "ms")
        if name != ECHO:
            part = statistics.median(
                run.per_second / empty.per_second
                for run, empty in zip(runs, reports[ECHO], strict=True)
            )
            limit = limits.get(name)
            yield Figure(benchmark, f"{what}, {name}, of the echo", part, "", at_least=limit)
