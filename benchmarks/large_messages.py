"""gRPC messages of 200 MB."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import numpy as np

from benchmarks.figures import Figure
from benchmarks.models import write_half_plus_two
from benchmarks.predict_request import predict_call, predict_request
from benchmarks.standalone import running
from tfs_notebook.wire.messages import PredictResponse

__all__ = ["measure"]

_ELEMENTS = 50_000_000
_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def measure(folder: Path) -> Iterator[Figure]:
    """Send 200 MB and take 200 MB back."""
    model = folder / "half_plus_two"
    write_half_plus_two(model)
    request = predict_request("half_plus_two", "x", np.ones(_ELEMENTS, np.float32))
    with running(model) as server, grpc.insecure_channel(server.grpc, _UNLIMITED) as channel:
        call = predict_call(channel)
        call(predict_request("half_plus_two", "x", np.ones(1, np.float32)))
        started = time.perf_counter()
        response = PredictResponse.FromString(call(request))
        seconds = time.perf_counter() - started
        if len(response.outputs["y"].float_val) != _ELEMENTS:
            raise RuntimeError("the answer is not whole")
        yield Figure("large_messages", "200 MB there and back", seconds, "s")
        yield Figure("large_messages", "memory after", server.resident_megabytes(), "MB")
