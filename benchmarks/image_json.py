"""An image of 224×224×3 as JSON: what it costs outside the model."""

from __future__ import annotations

import http.client
import json
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure
from benchmarks.models import write_image_mean
from benchmarks.standalone import running
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.json_tensors import parse_predict_body
from tfs_notebook.wire.signatures import TensorSpec

__all__ = ["measure"]

_ROUNDS = 60


def measure(folder: Path) -> Iterator[Figure]:
    """Parse the body in this process, and post it to a server."""
    image = np.random.default_rng(0).random((1, 224, 224, 3), np.float32).round(4)
    body = json.dumps({"instances": image.astype(float).round(4).tolist()}).encode()
    specs = {"images": TensorSpec("images", DataType.FLOAT, (-1, 224, 224, 3))}
    parse = _median_ms(lambda: parse_predict_body(body).tensors(specs))
    yield Figure("image_json", "body", len(body) / 1e6, "MB")
    yield Figure("image_json", "JSON to array, median", parse, "ms", at_most=10)
    yield Figure(
        "image_json", "json.loads alone, median", _median_ms(lambda: json.loads(body)), "ms"
    )
    model = folder / "image_mean"
    write_image_mean(model)
    with running(model) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.rest_port)

        def post() -> None:
            connection.request("POST", "/v1/models/image_mean:predict", body)
            response = connection.getresponse()
            answer = response.read()
            if response.status != http.HTTPStatus.OK:
                raise RuntimeError(answer.decode())

        yield Figure("image_json", "REST request, median", _median_ms(post), "ms", at_most=10)
        connection.close()


def _median_ms(work: Callable[[], object]) -> float:
    samples = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        work()
        samples.append(time.perf_counter() - started)
    return statistics.median(samples[_ROUNDS // 10 :]) * 1000
