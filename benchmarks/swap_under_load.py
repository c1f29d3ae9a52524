"""A new version takes over under load: what its clients notice of it."""

from __future__ import annotations

import http.client
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.figures import Figure, percentile
from benchmarks.h2load import Call, Sample, grpc_load
from benchmarks.load_report import LoadReport, found
from benchmarks.model_inputs import rows_for
from benchmarks.models import write_half_plus_two
from benchmarks.predict_request import predict_request
from benchmarks.resnet_model import IMAGE, resnet_model
from benchmarks.side_process import side_process
from benchmarks.targets import Running, served

__all__ = ["measure"]

_POLL = "--file_system_poll_wait_seconds=1"
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class _Case:
    """A model whose versions change.

    Attributes:
        name: of the model.
        version: the directory that is copied for each.
        shape: of its input.
        in_flight: requests at any time.
        swaps: how many versions come.
        seconds: under load, for each of them.
        calm: of these, how many before its version comes.
        times: what p99 may be during a swap, in terms of that before.
        milliseconds: or by how many it may be above it.
    """

    name: str
    version: Path
    shape: tuple[int, ...]
    in_flight: int
    swaps: int
    seconds: int
    calm: float
    times: float
    milliseconds: float


def measure(folder: Path) -> Iterator[Figure]:
    """half_plus_two with 8 in flight, and a ResNet-50 with 2."""
    found("h2load")
    small = write_half_plus_two(folder / "half_plus_two")
    yield from _measure(_Case("half_plus_two", small, (-1, 1), 8, 15, 3, 1.0, 2, 10.0), folder)
    large = resnet_model() / "1"
    yield from _measure(_Case("resnet50", large, IMAGE, 2, 4, 25, 6.0, 5, 0.0), folder)


def _measure(case: _Case, folder: Path) -> Iterator[Figure]:
    base = folder / "swap" / case.name
    shutil.copytree(case.version, base / "1")
    inputs = rows_for(case.shape, 1)
    with side_process("bare_runtime", str(case.version)) as loop:
        request = predict_request(case.name, loop.ready["input"], inputs)
        expected = np.array(loop.ask(of=1), np.float32)
    before, during = list[Sample](), list[Sample]()
    with served(base, inputs, expected, _POLL) as server:
        call = Call(server.grpc, request)
        # The first answers of a model are its slowest.
        with grpc_load(call, requests=50, in_flight=1) as load:
            load.report()
        for version in range(2, 2 + case.swaps):
            swap = _Swap(case, base, version, server, call)
            # No failure, and every answer is counted, or this raises.
            server.over_grpc.verified(swap.under_load, uncounted=case.in_flight)
            before += swap.before
            during += swap.during
    yield from _figures(case, before, during)


class _Swap:
    """One version that takes the place of the one before it, under load."""

    def __init__(
        self, case: _Case, base: Path, version: int, server: Running, call: Call
    ) -> None:
        self._case, self._base, self._version = case, base, version
        self._server, self._call = server, call
        self.before: list[Sample] = []
        self.during: list[Sample] = []

    def under_load(self) -> LoadReport:
        """Have requests sent, and the new version come meanwhile."""
        arriving = self._base / "arriving"
        shutil.copytree(self._case.version, arriving)
        seconds, in_flight = self._case.seconds, self._case.in_flight
        with grpc_load(self._call, seconds=seconds, in_flight=in_flight) as load:
            time.sleep(self._case.calm)
            arriving.rename(self._base / str(self._version))
            began, ended = self._span()
            report = load.report()
            samples = load.samples()
        for sample in samples:
            answered = sample.sent + sample.milliseconds / 1000
            if answered < began:
                self.before.append(sample)
            elif sample.sent < ended:
                self.during.append(sample)
        if samples[-1].sent < ended:
            raise RuntimeError(f"the swap of {self._case.name} took longer than the load")
        return report

    def _span(self) -> tuple[float, float]:
        """From the load of the new version to the end of the old one, by the server's log."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            times = {
                (event["version"], event["state"]): float(event["time"])
                for event in self._events()
            }
            began = times.get((str(self._version), "LOADING"))
            ended = times.get((str(self._version - 1), "END"))
            if began is not None and ended is not None:
                return began, ended
            time.sleep(0.1)
        raise TimeoutError(f"version {self._version} of {self._case.name} did not take over")

    def _events(self) -> Any:  # noqa: ANN401 - JSON
        connection = http.client.HTTPConnection(self._server.rest)
        try:
            connection.request("GET", "/v2/repository/events?after=0&timeout=0")
            return json.loads(connection.getresponse().read())["events"]
        finally:
            connection.close()


def _figures(case: _Case, before: list[Sample], during: list[Sample]) -> Iterator[Figure]:
    calm = [sample.milliseconds for sample in before]
    swapping = [sample.milliseconds for sample in during]
    yield Figure("swap_under_load", f"{case.name}, requests during swaps", len(swapping), "")
    usual, then = percentile(calm, 99), percentile(swapping, 99)
    yield Figure("swap_under_load", f"{case.name}, p99 before", usual, "ms")
    limit = max(case.times * usual, usual + case.milliseconds)
    yield Figure("swap_under_load", f"{case.name}, p99 during", then, "ms", at_most=limit)
    yield Figure("swap_under_load", f"{case.name}, p99 during beside before", then / usual, "×")
    yield Figure("swap_under_load", f"{case.name}, slowest", max(swapping), "ms")
    # Else there were no figures.
    yield Figure("swap_under_load", f"{case.name}, failed requests", 0, "", at_most=0)
