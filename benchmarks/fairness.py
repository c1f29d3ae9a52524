"""A light client of one model beside a heavy client of another."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.batching_file import batching_flags
from benchmarks.figures import Figure, percentile
from benchmarks.h2load import Call, grpc_load
from benchmarks.load_report import found
from benchmarks.model_inputs import rows_for
from benchmarks.models import write_half_plus_two
from benchmarks.predict_request import predict_request
from benchmarks.spam_model import spam_model
from benchmarks.standalone import Standalone, running_all
from benchmarks.targets import HALF_PLUS_TWO
from benchmarks.verified_load import statistics_of

__all__ = ["measure"]

_ROUNDS = 3
_WORDS = (-1, 20, 200)
_HEAVY_ROWS, _HEAVY_IN_FLIGHT = 64, 64
# More than it can be answered while the light client is measured.
_HEAVY_REQUESTS = 100_000
_LIGHT_SECONDS = 5
_MODELS = ("half_plus_two", "spam")


def measure(folder: Path) -> Iterator[Figure]:
    """The light client's latency alone and beside the heavy one, in turn."""
    found("h2load")
    light = folder / "half_plus_two"
    write_half_plus_two(light)
    flags = batching_flags(
        folder,
        max_batch_size=256,
        batch_timeout_micros=1000,
        num_batch_threads=2,
        max_enqueued_batches=100,
    )
    for name, chosen in (("with batching", flags), ("without batching", ())):
        with running_all([light, spam_model(folder)], folder, *chosen) as server:
            yield from _beside(server, name)
            for model in _MODELS:
                failed = statistics_of(server.rest_port, model).failed
                what = f"{name}, failed requests of {model}"
                yield Figure("fairness", what, failed, "", at_most=0)


def _beside(server: Standalone, name: str) -> Iterator[Figure]:
    heavy = Call(server.grpc, predict_request("spam", "words", rows_for(_WORDS, _HEAVY_ROWS)))
    _light(server)
    alone, beside, rows = list[float](), list[float](), list[float]()
    for _ in range(_ROUNDS):
        alone += _light(server)
        with grpc_load(heavy, requests=_HEAVY_REQUESTS, in_flight=_HEAVY_IN_FLIGHT):
            _wait_for_load(server)
            before, started = statistics_of(server.rest_port, "spam"), time.monotonic()
            beside += _light(server)
            after, seconds = statistics_of(server.rest_port, "spam"), time.monotonic() - started
        rows.append((after.succeeded - before.succeeded) * _HEAVY_ROWS / seconds)
    for what, times in (("alone", alone), ("beside the heavy one", beside)):
        yield Figure(
            "fairness", f"{name}, light client {what}, p50", statistics.median(times), "ms"
        )
        p99 = percentile(times, 99)
        yield Figure("fairness", f"{name}, light client {what}, p99", p99, "ms")
    yield Figure("fairness", f"{name}, heavy client", statistics.median(rows), "rows/s")


def _wait_for_load(server: Standalone) -> None:
    before = statistics_of(server.rest_port, "spam").succeeded
    while statistics_of(server.rest_port, "spam").succeeded < before + _HEAVY_IN_FLIGHT:
        pass


def _light(server: Standalone) -> list[float]:
    call = Call(server.grpc, HALF_PLUS_TWO)
    with grpc_load(call, seconds=_LIGHT_SECONDS, in_flight=1) as running:
        running.report()
        return [sample.milliseconds for sample in running.samples()]
