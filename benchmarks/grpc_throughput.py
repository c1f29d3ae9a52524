"""half_plus_two over gRPC beside an empty echo on the same stack."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path

from benchmarks.beside_echo import BATCHED, ECHO, UNBATCHED, figures, in_turn, servers
from benchmarks.figures import Figure
from benchmarks.h2load import Call, grpc_load
from benchmarks.load_report import LoadReport, found
from benchmarks.side_process import SideProcess, side_process
from benchmarks.targets import HALF_PLUS_TWO, Running

__all__ = ["measure"]

_NAME = "grpc_throughput"
_ROUNDS = 5
_IN_FLIGHT = (16, 32, 64)
_REQUESTS, _REQUESTS_ALONE = 4000, 1500
_BARE_SECONDS = 0.5
# What is wanted at 32 in flight, of the echo's throughput.
_LIMITS = {BATCHED: 0.75, UNBATCHED: 0.65}
_ALONE_MICROSECONDS = 150.0


def measure(folder: Path) -> Iterator[Figure]:
    """Load each of the three in turn, several times at each number in flight."""
    found("h2load")
    with servers(folder) as three:
        for server in three.values():
            _load(server, max(_IN_FLIGHT))
        with side_process("bare_runtime", str(folder / "half_plus_two" / "1")) as loop:
            yield from _alone(three, loop)
        for number in _IN_FLIGHT:
            reports = in_turn(three, lambda server: _load(server, number), _ROUNDS)  # noqa: B023 - called at once
            limits = _LIMITS if number == 32 else {}
            yield from figures(_NAME, f"{number} in flight", reports, limits)


def _load(server: Running, in_flight: int) -> LoadReport:
    requests = _REQUESTS_ALONE if in_flight == 1 else _REQUESTS

    def load() -> LoadReport:
        call = Call(server.grpc, HALF_PLUS_TWO)
        with grpc_load(call, requests=requests, in_flight=in_flight) as running:
            return running.report()

    return server.over_grpc.verified(load)


def _alone(three: dict[str, Running], loop: SideProcess) -> Iterator[Figure]:
    reports = in_turn(three, lambda server: _load(server, 1), _ROUNDS)
    yield from figures(_NAME, "1 in flight", reports, {})
    runs = [loop.ask(rows=1, seconds=_BARE_SECONDS, threads=1) for _ in range(_ROUNDS)]
    bare = statistics.median(run["run_microseconds"] for run in runs)
    yield Figure(_NAME, "bare run, p50", bare, "µs")
    for name in (BATCHED, UNBATCHED):
        beyond = statistics.median(
            (ours.p50 - empty.p50) * 1000 - bare
            for ours, empty in zip(reports[name], reports[ECHO], strict=True)
        )
        what = f"1 in flight, {name}, p50 beyond echo and bare run"
        yield Figure(_NAME, what, beyond, "µs", at_most=_ALONE_MICROSECONDS)
