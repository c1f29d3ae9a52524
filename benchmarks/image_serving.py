"""Images of 224×224×3 over REST and gRPC, to a model that does next to nothing."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure
from benchmarks.h2load import Call, grpc_load
from benchmarks.load_report import LoadReport, found
from benchmarks.model_inputs import rows_for
from benchmarks.models import write_image_mean
from benchmarks.predict_request import predict_request
from benchmarks.targets import Running, served
from benchmarks.wrk import rest_load

__all__ = ["measure"]

_ROUNDS = 5
_SECONDS = 2
_REQUESTS = 400
_IN_FLIGHT = (1, 8)


def measure(folder: Path) -> Iterator[Figure]:
    """One image a request, over either door in turn."""
    found("h2load")
    found("wrk")
    model = folder / "image_mean"
    write_image_mean(model)
    image = rows_for((-1, 224, 224, 3), 1).round(4)
    request = predict_request("image_mean", "images", image)
    body = json.dumps({"instances": image.astype(float).round(4).tolist()}).encode()
    yield Figure("image_serving", "gRPC request", len(request) / 1e6, "MB")
    yield Figure("image_serving", "REST request", len(body) / 1e6, "MB")
    mean = np.mean(image, (1, 2, 3))
    with served(model, image, mean) as server:
        for number in _IN_FLIGHT:
            reports: dict[str, list[LoadReport]] = {"gRPC": [], "REST": []}
            for _ in range(_ROUNDS):
                reports["gRPC"].append(_over_grpc(server, request, number))
                reports["REST"].append(_over_rest(server, body, number, folder))
            for door, runs in reports.items():
                what = f"{door}, {number} in flight"
                rate = statistics.median(run.per_second for run in runs)
                yield Figure("image_serving", what, rate, "1/s")
                p50 = statistics.median(run.p50 for run in runs)
                yield Figure("image_serving", f"{what}, p50", p50, "ms")
                p99 = statistics.median(run.p99 for run in runs)
                yield Figure("image_serving", f"{what}, p99", p99, "ms")


def _over_grpc(server: Running, request: bytes, number: int) -> LoadReport:
    def load() -> LoadReport:
        call = Call(server.grpc, request)
        with grpc_load(call, requests=_REQUESTS, in_flight=number) as running:
            return running.report()

    return server.over_grpc.verified(load)


def _over_rest(server: Running, body: bytes, number: int, folder: Path) -> LoadReport:
    url = f"http://{server.rest}/v1/models/image_mean:predict"

    def load() -> LoadReport:
        return rest_load(url, body, seconds=_SECONDS, connections=number, folder=folder)

    return server.over_rest.verified(load, uncounted=number)
