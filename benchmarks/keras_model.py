"""A small Keras model, and what one prediction costs with Keras itself.

``python -m benchmarks.keras_model DIR [FEATURES]`` exports it to DIR as version 1 and writes,
as a JSON line, how many microseconds ``Model.predict`` and a call of the model take for one
row.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

__all__: list[str] = []

_FEATURES = 64
_CALLS = 60
_WARM_UP = 5


def _median_micros(call: Callable[[], object]) -> float:
    taken = []
    for index in range(_WARM_UP + _CALLS):
        started = time.perf_counter()
        call()
        if index >= _WARM_UP:
            taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1e6


def _main(base: Path, features: int) -> None:
    import keras  # noqa: PLC0415 - seconds, which only this process is to spend

    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((features,)),
            layers.Dense(64, "relu"),
            layers.Dense(64, "relu"),
            layers.Dense(2, "softmax"),
        ]
    )
    model.export(str(base / "1"), verbose=False)
    row = np.ones((1, features), np.float32)
    print(
        json.dumps(
            {
                "keras.Model.predict": _median_micros(lambda: model.predict(row, verbose=0)),
                "a call of the Keras model": _median_micros(lambda: np.asarray(model(row))),
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    _main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else _FEATURES)
