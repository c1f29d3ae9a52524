"""The queue by itself: a model that does nothing, asked by coroutines of one loop.

Looking the model up, counting, queueing, joining and taking apart rows, and the way back
to the loop are all in it; no wire and no runtime.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure
from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.batching.scheduler import BatchScheduler
from tfs_notebook.frontends.event_loop import new_event_loop
from tfs_notebook.lifecycle import (
    AspiredVersionsManager,
    ServableData,
    ServableId,
    ServableRequest,
    SimpleLoader,
)
from tfs_notebook.serving.loop_receiver import LoopReceiver
from tfs_notebook.serving.model_batching import ModelBatching
from tfs_notebook.serving.prediction import Prediction
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.serving.statistics import Statistics
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.messages import SignatureDef
from tfs_notebook.wire.signatures import Signature, TensorSpec

__all__ = ["measure"]

_IN_FLIGHT = (1, 16, 64)
_REQUESTS = 60_000
_ROUNDS = 5
_AT_LEAST = 100_000.0
_SWITCH_INTERVAL_SECONDS = 0.0005


class _Nothing:
    """A model whose answer is its input."""

    signature_defs: Mapping[str, SignatureDef] = {}

    def __init__(self) -> None:
        spec = TensorSpec("x", DataType.FLOAT, (-1,))
        self.signatures = {"s": Signature("s", "", {"x": spec}, {"x": spec})}

    def run(
        self,
        signature: Signature,
        inputs: Mapping[str, tuple[np.ndarray, int]],
        outputs: Sequence[str],
    ) -> list[np.ndarray]:
        del signature, outputs
        return [inputs["x"][0]]

    def close(self) -> None:
        """Nothing to free."""


def measure(folder: Path) -> Iterator[Figure]:
    """Requests a second with so many in flight; the median of several rounds."""
    del folder
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_INTERVAL_SECONDS)
    try:
        for in_flight in _IN_FLIGHT:
            rates = [_rate(in_flight) for _ in range(_ROUNDS)]
            limit = _AT_LEAST if in_flight == _IN_FLIGHT[-1] else None
            name = f"{in_flight} in flight, with look-up and statistics"
            yield Figure(
                "batch_queue", name, statistics.median(rates), "requests/s", at_least=limit
            )
    finally:
        sys.setswitchinterval(before)


def _rate(in_flight: int) -> float:
    model, counted = _Nothing(), Statistics()
    scheduler = BatchScheduler(2)
    parameters = BatchingParameters(max_batch_size=64, num_batch_threads=2)
    batching = ModelBatching(
        model,
        scheduler,
        parameters,
        lambda signature, run: counted.add_run("m", 1, signature, run),
    )
    served = ServedModel(model, batching=batching)
    with AspiredVersionsManager[ServedModel]() as manager:
        version = ServableData.of(ServableId("m", 1), SimpleLoader(lambda: served))
        manager.set_aspired_versions("m", [version])
        manager.wait_until_settled(["m"])
        loop = new_event_loop()
        try:
            asked = _ask(manager, scheduler, model, counted, in_flight)
            return loop.run_until_complete(asked)
        finally:
            loop.close()
            scheduler.stop(1.0)


async def _ask(
    manager: AspiredVersionsManager[ServedModel],
    scheduler: BatchScheduler,
    model: _Nothing,
    counted: Statistics,
    in_flight: int,
) -> float:
    receiver = LoopReceiver(asyncio.get_running_loop(), scheduler)
    request = ServableRequest.latest("m")
    signature = model.signatures["s"]
    inputs = {"x": (np.zeros(1, np.float32), int(DataType.FLOAT))}
    number = max(1, _REQUESTS // (1 if in_flight > 1 else 10) // in_flight)

    async def client() -> None:
        for _ in range(number):
            prediction = Prediction(manager.handle(request), counted, signature, inputs, dict)
            answer = receiver.expect(prediction)
            prediction.submit(receiver)
            await answer

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(in_flight)))
    elapsed = time.perf_counter() - started
    (read,) = counted.read()
    assert (read.requests, read.errors) == (number * in_flight, 0)
    return number * in_flight / elapsed
