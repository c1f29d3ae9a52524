"""A large DataFrame through a small dense network, beside the C runtime in a bare loop."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.figures import Figure
from benchmarks.side_process import side_process
from benchmarks.standalone import running
from tfs_notebook.client import Client
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model

__all__ = ["measure"]

_ROWS, _COLUMNS = 100_000, 20
_BATCH = 4096
_ROUNDS = 15
_AT_LEAST = 0.7


def measure(folder: Path) -> Iterator[Figure]:
    """Rows a second, in turn, so that all see the same machine."""
    import pandas as pd  # noqa: PLC0415 - the client imports it no sooner either

    model = folder / "dense"
    with side_process("keras_model", str(model), str(_COLUMNS)):
        pass
    values = np.random.default_rng(0).random((_ROWS, _COLUMNS))
    frame = pd.DataFrame(values, columns=[f"feature {place}" for place in range(_COLUMNS)])
    array = values.astype(np.float32)
    with TemporaryDirectory(prefix="tfs-") as places:
        socket = f"{places}/g"
        with (
            running(model, f"--grpc_socket_path={socket}") as server,
            Client(f"unix:{socket}") as client,
            Client(f"http://127.0.0.1:{server.rest_port}") as rest,
        ):
            rates = _rates(
                {
                    "the bare runtime": _bare(model / "1", array),
                    "a DataFrame": lambda: client[model.name].predict(frame),
                    "an array": lambda: client[model.name].predict(array),
                    "a DataFrame over REST": lambda: rest[model.name].predict(frame),
                }
            )
    bare = rates["the bare runtime"]
    for name, rounds in rates.items():
        yield Figure("client_bulk", name, statistics.median(rounds), "rows/s")
        if rounds is not bare:
            part = statistics.median(
                one / other for one, other in zip(rounds, bare, strict=True)
            )
            limit = _AT_LEAST if name == "a DataFrame" else None
            yield Figure(
                "client_bulk", f"{name}, of the bare runtime", part, "", at_least=limit
            )


def _bare(version: Path, array: np.ndarray) -> Callable[[], object]:
    runtime = load_saved_model(version, ["serve"])
    signature = runtime.signatures["serving_default"]
    [(alias, spec)] = signature.inputs.items()
    outputs = list(signature.outputs)

    def run() -> None:
        for begin in range(0, _ROWS, _BATCH):
            part = array[begin : begin + _BATCH]
            runtime.run(signature, {alias: (part, spec.dtype)}, outputs)

    return run


def _rates(steps: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        step()
    for _ in range(_ROUNDS):
        for name, step in steps.items():
            began = time.perf_counter()
            step()
            rates[name].append(_ROWS / (time.perf_counter() - began))
    return rates
