"""Whether loading and unloading a model again and again fills the memory."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil

from benchmarks.figures import Figure
from benchmarks.models import write_half_plus_two
from tfs_notebook.lifecycle import (
    AspiredVersionsManager,
    ManagerOptions,
    ServableData,
    ServableId,
    ServableRequest,
    SimpleLoader,
    estimate_from_files,
)
from tfs_notebook.runtimes.model import Model
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model

__all__ = ["measure"]

_LOADS = 500
_SETTLED = 10
_PATIENCE_SECONDS = 60.0
_NAME = "half_plus_two"


def measure(folder: Path) -> Iterator[Figure]:
    """Load, run and unload half_plus_two 500 times through the manager."""
    base = folder / "reloaded"
    write_half_plus_two(base)
    sizes = []
    options = ManagerOptions(total_model_memory_limit_bytes=1 << 30)
    started = time.perf_counter()
    with AspiredVersionsManager[Model](options) as manager:
        for _ in range(_LOADS):
            _load_run_unload(manager, base / "1")
            sizes.append(_resident())
        seconds = time.perf_counter() - started
        reserved = manager.memory().used
    settled, last = sizes[_SETTLED - 1], sizes[-1]
    yield Figure("reload_memory", f"after load {_SETTLED}", settled, "MB")
    yield Figure("reload_memory", f"after load {_LOADS}", last, "MB")
    growth = 100 * (last - settled) / settled
    yield Figure("reload_memory", "growth between them", growth, "%", at_most=5)
    yield Figure("reload_memory", "still reserved", reserved, "bytes", at_most=0)
    yield Figure("reload_memory", "load, run and unload", 1000 * seconds / _LOADS, "ms")


def _load_run_unload(manager: AspiredVersionsManager[Model], path: Path) -> None:
    loader = SimpleLoader(
        lambda: load_saved_model(path, ["serve"]),
        destroy=lambda model: model.close(),
        estimate=lambda: estimate_from_files(str(path)),
        origin=str(path),
    )
    manager.set_aspired_versions(_NAME, [ServableData.of(ServableId(_NAME, 1), loader)])
    manager.wait_until_settled([_NAME], _PATIENCE_SECONDS)
    with manager.handle(ServableRequest.latest(_NAME)) as handle:
        model = handle.servable
        signature = model.signatures["serving_default"]
        inputs = {
            alias: (np.array([1.0, 2.0], np.float32), spec.dtype)
            for alias, spec in signature.inputs.items()
        }
        model.run(signature, inputs, list(signature.outputs))
    del model
    manager.set_aspired_versions(_NAME, [])
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while manager.versions(_NAME):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{_NAME} was not unloaded")
        time.sleep(0.001)


def _resident() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1e6
