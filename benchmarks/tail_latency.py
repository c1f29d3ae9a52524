"""A small model's latency while another client posts 2 MB JSON bodies."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path

import grpc
import numpy as np

from benchmarks.figures import Figure, percentile
from benchmarks.models import write_half_plus_two
from benchmarks.predict_request import predict_call, predict_request
from benchmarks.standalone import running

__all__ = ["measure"]

_SECONDS = 10.0
_BODY_BYTES = 2_000_000


def measure(folder: Path) -> Iterator[Figure]:
    """One gRPC request after the other, first alone, then beside the large bodies."""
    model = folder / "half_plus_two"
    write_half_plus_two(model)
    request = predict_request("half_plus_two", "x", np.array([1, 2, 5], np.float32))
    context = multiprocessing.get_context("spawn")
    with running(model) as server, grpc.insecure_channel(server.grpc) as channel:
        call = predict_call(channel)
        call(request)
        alone = _latencies(call, request)
        yield Figure("tail_latency", "alone, p50", statistics.median(alone), "ms")
        yield Figure("tail_latency", "alone, p99", percentile(alone, 99), "ms")
        stop, posted = context.Event(), context.Value("i", 0)
        poster = context.Process(target=_post, args=(server.rest_port, stop, posted))
        poster.start()
        while not posted.value and poster.is_alive():
            time.sleep(0.01)
        beside = _latencies(call, request)
        stop.set()
        poster.join()
        yield Figure("tail_latency", "2 MB bodies", posted.value / _SECONDS, "1/s")
        yield Figure("tail_latency", "beside them, p50", statistics.median(beside), "ms")
        yield Figure(
            "tail_latency", "beside them, p99", percentile(beside, 99), "ms", at_most=20
        )


def _latencies(call: Callable[[bytes], bytes], request: bytes) -> list[float]:
    samples = []
    end = time.perf_counter() + _SECONDS
    while (started := time.perf_counter()) < end:
        call(request)
        samples.append((time.perf_counter() - started) * 1000)
    return samples


def _post(port: int, stop: Event, posted: Synchronized[int]) -> None:
    row = [0.1234567] * 20
    body = json.dumps({"instances": [row] * (_BODY_BYTES // len(json.dumps(row)))}).encode()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    while not stop.is_set():
        connection.request("POST", "/v1/models/half_plus_two:predict", body)
        connection.getresponse().read()
        posted.value += 1
    connection.close()
