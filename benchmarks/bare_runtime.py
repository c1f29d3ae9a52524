"""TensorFlow's C runtime in a bare loop, as a process: what no server can beat.

``python -m benchmarks.bare_runtime VERSION_DIR`` loads a model and writes the alias
of its input. For each JSON line on its own input, ``{"rows": N, "seconds": S, "threads": T}``,
it runs batches of so many rows and writes rows a second and the median of a run.
``{"of": N}`` gives the answer to so many rows of :func:`benchmarks.model_inputs.rows_for`.
"""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.model_inputs import rows_for
from tfs_notebook.runtimes.model import Model
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model
from tfs_notebook.wire.signatures import Signature

__all__: list[str] = []

# Before the runtime has settled on how it runs a graph (see inline_pool.py).
_FIRST_RUNS = 20
_SWITCH_INTERVAL_SECONDS = 0.0005


def _signature(model: Model) -> Signature:
    return model.signatures["serving_default"]


def _timed(model: Model, rows: int, seconds: float, times: list[float]) -> None:
    signature = _signature(model)
    alias, spec = next(iter(signature.inputs.items()))
    inputs = {alias: (rows_for(spec.shape, rows), spec.dtype)}
    outputs = list(signature.outputs)
    end = time.perf_counter() + seconds
    while (started := time.perf_counter()) < end:
        model.run(signature, inputs, outputs)
        times.append(time.perf_counter() - started)


def _measured(model: Model, rows: int, seconds: float, threads: int) -> dict[str, float]:
    times: list[list[float]] = [[] for _ in range(threads)]
    loops = [threading.Thread(target=_timed, args=(model, rows, seconds, own)) for own in times]
    started = time.perf_counter()
    for loop in loops:
        loop.start()
    for loop in loops:
        loop.join()
    elapsed = time.perf_counter() - started
    runs = [run for own in times for run in own]
    return {
        "rows_per_second": rows * len(runs) / elapsed,
        "run_microseconds": statistics.median(runs) * 1e6,
    }


def _answer(model: Model, rows: int) -> list[Any]:
    signature = _signature(model)
    alias, spec = next(iter(signature.inputs.items()))
    inputs = {alias: (rows_for(spec.shape, rows), spec.dtype)}
    answer: list[Any] = model.run(signature, inputs, list(signature.outputs))[0].tolist()
    return answer


def main(path: Path) -> None:
    """Load, and answer until the input ends."""
    sys.setswitchinterval(_SWITCH_INTERVAL_SECONDS)
    model = load_saved_model(path, ["serve"])
    for _ in range(_FIRST_RUNS):
        _answer(model, 1)
    print(json.dumps({"input": next(iter(_signature(model).inputs))}), flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        if "of" in question:
            print(json.dumps(_answer(model, question["of"])), flush=True)
        else:
            print(json.dumps(_measured(model, **question)), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
