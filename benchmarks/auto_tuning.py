"""What the automatic mode finds, and what it is worth, beside the defaults of batching."""

from __future__ import annotations

import http.client
import json
import shutil
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.figures import Figure
from benchmarks.h2load import Call, grpc_load
from benchmarks.load_report import LoadReport, found
from benchmarks.model_inputs import rows_for
from benchmarks.models import write_half_plus_two
from benchmarks.predict_request import predict_request
from benchmarks.side_process import side_process
from benchmarks.spam_model import spam_model
from benchmarks.targets import Running, served

__all__ = ["measure"]

_TARGETS_MS = (10, 50)
# The mode looks twice a second, and grows by steps.
_SETTLING_SECONDS = 6
_SECONDS = 3
_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class _Case:
    """A model under steady load.

    Attributes:
        name: of the model.
        version: its directory.
        shape: of its input.
        rows: in a request.
        in_flight: requests at any time.
    """

    name: str
    version: Path
    shape: tuple[int, ...]
    rows: int
    in_flight: int


def measure(folder: Path) -> Iterator[Figure]:
    """half_plus_two with 32 in flight, and the spam classifier with 16 of 4 rows."""
    found("h2load")
    small = write_half_plus_two(folder / "half_plus_two")
    yield from _measure(_Case("half_plus_two", small, (-1, 1), 1, 32), folder)
    spam = spam_model(folder) / "2"
    yield from _measure(_Case("spam", spam, (-1, 20, 200), 4, 16), folder)


def _measure(case: _Case, folder: Path) -> Iterator[Figure]:
    base = folder / "auto_tuning" / case.name
    shutil.copytree(case.version, base / "1")
    inputs = rows_for(case.shape, case.rows)
    with side_process("bare_runtime", str(case.version)) as loop:
        request = predict_request(case.name, loop.ready["input"], inputs)
        expected = np.array(loop.ask(of=case.rows), np.float32)
    usual = usual_p99 = 0.0
    for target in (0, *_TARGETS_MS):
        flag = f"--batching_latency_target_micros={1000 * target}"
        with served(base, inputs, expected, "--enable_batching", flag) as server:
            _load(case, request, server, _SETTLING_SECONDS)
            runs = [_load(case, request, server, _SECONDS) for _ in range(_ROUNDS)]
            what = f"{case.name}, {f'target of {target} ms' if target else 'defaults'}"
            speed = statistics.median(run.per_second for run in runs)
            p99 = statistics.median(run.p99 for run in runs)
            yield Figure("auto_tuning", what, speed, "requests/s")
            if not target:
                usual, usual_p99 = speed, p99
                yield Figure("auto_tuning", f"{what}, p99", p99, "ms")
                continue
            # Not every target can be held on every machine.
            limit = max(target, usual_p99)
            yield Figure("auto_tuning", f"{what}, p99", p99, "ms", at_most=limit)
            yield Figure("auto_tuning", f"{what}, beside the defaults", speed / usual, "")
            automatic = _automatic(server, case.name)
            seen = automatic["p99_micros"] / 1000
            yield Figure("auto_tuning", f"{what}, p99 from queue to answer", seen, "ms")
            size, timeout = automatic["rows_of_a_run"], automatic["batch_timeout_micros"]
            yield Figure("auto_tuning", f"{what}, size found", size, "rows")
            yield Figure("auto_tuning", f"{what}, timeout found", timeout / 1000, "ms")


def _load(case: _Case, request: bytes, server: Running, seconds: int) -> LoadReport:
    def load() -> LoadReport:
        call = Call(server.grpc, request)
        with grpc_load(call, seconds=seconds, in_flight=case.in_flight) as running:
            return running.report()

    return server.over_grpc.verified(load, uncounted=case.in_flight)


def _automatic(server: Running, name: str) -> Any:  # noqa: ANN401 - JSON
    connection = http.client.HTTPConnection(server.rest)
    try:
        connection.request("GET", f"/v2/repository/models/{name}/batching")
        return json.loads(connection.getresponse().read())["versions"][0]["automatic"]
    finally:
        connection.close()
