"""Predictions of the server's own process, beside the bare runtime and Keras."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure
from benchmarks.models import write_half_plus_two
from benchmarks.side_process import side_process
from benchmarks.spam_model import spam_model
from tfs_notebook.config import ServerConfig
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model
from tfs_notebook.serving.model_server import ModelServer

__all__ = ["measure"]

_CALLS = 400
_ROUNDS = 15
_LIMITS = {"half_plus_two": 2.2, "spam": 1.2}


def measure(folder: Path) -> Iterator[Figure]:
    """One prediction at a time: the bare run, direct, through the queue, and Keras."""
    write_half_plus_two(folder / "half_plus_two")
    yield from _model(folder / "half_plus_two", np.ones((1,), np.float32))
    yield from _model(spam_model(folder), None)
    yield from _beside_keras(folder / "keras_model")


def _beside_keras(base_path: Path) -> Iterator[Figure]:
    """A small dense network: with Keras in a process of its own, and here."""
    with side_process("keras_model", str(base_path)) as keras:
        micros = keras.ready
    ours = list(_model(base_path, None))
    direct = next(figure.value for figure in ours if figure.name.endswith(", direct"))
    for what, value in micros.items():
        yield Figure("in_process", f"{base_path.name}, {what}", value, "µs")
    yield from ours
    yield Figure(
        "in_process",
        f"{base_path.name}, keras.Model.predict beside direct",
        micros["keras.Model.predict"] / direct,
        "×",
    )


def _model(base_path: Path, values: np.ndarray | None) -> Iterator[Figure]:
    name = base_path.name
    config = ServerConfig(model_name=name, model_base_path=str(base_path), enable_batching=True)
    newest = max(base_path.iterdir(), key=lambda path: int(path.name))
    server, bare = ModelServer(config), load_saved_model(newest, ["serve"])
    server.start()
    server.wait_for_models(60)
    signature = bare.signatures["serving_default"]
    alias, spec = next(iter(signature.inputs.items()))
    if values is None:
        values = np.ones([1, *(spec.shape or ())[1:]], np.float32)
    inputs, outputs = {alias: (values, spec.dtype)}, list(signature.outputs)
    steps: dict[str, Callable[[], object]] = {
        "the bare run": lambda: bare.run(signature, inputs, outputs),
        "direct": lambda: server.predict(name, values, batched=False),
        "through the queue": lambda: server.predict(name, values),
    }
    try:
        medians = _medians(steps)
    finally:
        server.stop(10)
        bare.close()
    base = medians["the bare run"]
    for what, seconds in medians.items():
        yield Figure("in_process", f"{name}, {what}", seconds * 1e6, "µs")
    yield Figure(
        "in_process",
        f"{name}, direct beside the bare run",
        medians["direct"] / base,
        "×",
        at_most=_LIMITS.get(name),
    )


def _medians(steps: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of a call; the steps take turns, so that all see the same machine."""
    times: dict[str, list[float]] = {what: [] for what in steps}
    for _ in range(_ROUNDS):
        for what, step in steps.items():
            for _ in range(_CALLS):
                started = time.perf_counter()
                step()
                times[what].append(time.perf_counter() - started)
    return {what: statistics.median(taken) for what, taken in times.items()}
