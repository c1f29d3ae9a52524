"""Models that keep the machine busy, batched, beside the C runtime in a bare loop."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.batching_file import batching_flags
from benchmarks.figures import Figure
from benchmarks.h2load import Call, grpc_load
from benchmarks.load_report import LoadReport, found
from benchmarks.model_inputs import rows_for
from benchmarks.predict_request import predict_request
from benchmarks.resnet_model import IMAGE, resnet_model
from benchmarks.side_process import SideProcess, side_process
from benchmarks.spam_model import spam_model
from benchmarks.targets import Running, served

__all__ = ["measure"]

_WORDS = (-1, 20, 200)
_LIMIT = 0.90


@dataclass(frozen=True, slots=True)
class _Case:
    """A model under load.

    Attributes:
        name: of the model.
        version: its directory.
        shape: of its input.
        rows: in a request.
        batch: rows in a full batch.
        in_flight: requests at any time.
        requests: in a round.
        seconds: that the bare loop runs in a round.
        rounds: how often.
    """

    name: str
    version: Path
    shape: tuple[int, ...]
    rows: int
    batch: int
    in_flight: int
    requests: int
    seconds: float
    rounds: int


def measure(folder: Path) -> Iterator[Figure]:
    """The spam classifier with 16 rows a request, and a ResNet-50 with one."""
    found("h2load")
    spam = spam_model(folder) / "2"
    yield from _measure(_Case("spam", spam, _WORDS, 16, 256, 64, 1000, 3.0, 5), folder)
    resnet = resnet_model() / "1"
    yield from _measure(_Case("resnet50", resnet, IMAGE, 1, 8, 32, 64, 5.0, 3), folder)


def _measure(case: _Case, folder: Path) -> Iterator[Figure]:
    base = folder / "busy" / case.name
    shutil.copytree(case.version, base / "1")
    inputs = rows_for(case.shape, case.rows)
    flags = batching_flags(
        folder,
        max_batch_size=case.batch,
        batch_timeout_micros=5000,
        num_batch_threads=2,
        max_enqueued_batches=1000,
    )
    with side_process("bare_runtime", str(case.version)) as loop:
        alias = loop.ready["input"]
        request = predict_request(case.name, alias, inputs)
        expected = np.array(loop.ask(of=case.rows), np.float32)
        with (
            served(base, inputs, expected, *flags) as batched,
            served(base, inputs, expected) as unbatched,
        ):
            servers = {"with batching": batched, "without batching": unbatched}
            yield from _compare(case, request, loop, servers)


def _compare(
    case: _Case, request: bytes, loop: SideProcess, servers: dict[str, Running]
) -> Iterator[Figure]:
    rates: dict[str, list[LoadReport]] = {name: [] for name in servers}
    bare: dict[int, list[float]] = {1: [], 2: []}
    for server in servers.values():
        _load(case, request, server)
    for _ in range(case.rounds):
        for threads, speeds in bare.items():
            told = loop.ask(rows=case.batch, seconds=case.seconds, threads=threads)
            speeds.append(told["rows_per_second"])
        for name, server in servers.items():
            rates[name].append(_load(case, request, server))
    for threads, speeds in bare.items():
        what = f"{case.name}, bare loop on {threads} thread(s), batches of {case.batch}"
        yield Figure("busy_model", what, statistics.median(speeds), "rows/s")
    for name, runs in rates.items():
        what = f"{case.name}, {case.in_flight} in flight, {name}"
        speed = statistics.median(run.per_second * case.rows for run in runs)
        yield Figure("busy_model", what, speed, "rows/s")
        p99 = statistics.median(run.p99 for run in runs)
        yield Figure("busy_model", f"{what}, p99", p99, "ms")
        for threads, speeds in bare.items():
            # One loop is what is wanted; two may be better at filling two cores.
            limit = _LIMIT if threads == 1 and name == "with batching" else None
            part = statistics.median(
                run.per_second * case.rows / alone
                for run, alone in zip(runs, speeds, strict=True)
            )
            of_what = f"{what}, of the bare loop on {threads} thread(s)"
            yield Figure("busy_model", of_what, part, "", at_least=limit)


def _load(case: _Case, request: bytes, server: Running) -> LoadReport:
    def load() -> LoadReport:
        call = Call(server.grpc, request)
        with grpc_load(call, requests=case.requests, in_flight=case.in_flight) as running:
            return running.report()

    return server.over_grpc.verified(load)
