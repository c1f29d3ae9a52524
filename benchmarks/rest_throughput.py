"""half_plus_two over REST beside an empty echo on the same stack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.beside_echo import BATCHED, UNBATCHED, figures, in_turn, servers
from benchmarks.figures import Figure
from benchmarks.load_report import LoadReport, found
from benchmarks.targets import Running
from benchmarks.wrk import rest_load

__all__ = ["measure"]

_ROUNDS = 7
_SECONDS = 1
_CONNECTIONS = (1, 16, 64)
_BODY = b'{"instances": [1.0, 2.0, 5.0]}'
# What is wanted at 16 connections, of the echo's throughput.
_LIMITS = {BATCHED: 0.80, UNBATCHED: 0.80}


def measure(folder: Path) -> Iterator[Figure]:
    """Load each of the three in turn, several times at each number of connections."""
    found("wrk")
    with servers(folder) as three:
        for server in three.values():
            _load(server, max(_CONNECTIONS), folder)
        for number in _CONNECTIONS:
            reports = in_turn(three, lambda server: _load(server, number, folder), _ROUNDS)  # noqa: B023 - called at once
            limits = _LIMITS if number == 16 else {}
            yield from figures("rest_throughput", f"{number} connections", reports, limits)


def _load(server: Running, connections: int, folder: Path) -> LoadReport:
    url = f"http://{server.rest}/v1/models/half_plus_two:predict"

    def load() -> LoadReport:
        return rest_load(url, _BODY, seconds=_SECONDS, connections=connections, folder=folder)

    return server.over_rest.verified(load, uncounted=connections)
