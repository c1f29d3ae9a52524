"""Arrays that repeat one value in memory: whole tensors for the runtime, made once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.models.inputs import DTYPES, SAMPLES
from tests.server_process import ROOT
from tfs_notebook.runtimes.tensorflow.library import load_library
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model
from tfs_notebook.runtimes.tensorflow.tensors import array_from_tensor, tensor_from_array


@pytest.mark.parametrize("name", DTYPES)
@pytest.mark.parametrize("shape", [(), (1,), (3,), (0, 4), (2, 3, 4)])
def test_every_type(name: str, shape: tuple[int, ...]) -> None:
    library = load_library()
    one = np.empty((), SAMPLES[name].dtype)
    one[()] = SAMPLES[name].ravel()[1]
    array = np.broadcast_to(one, shape)
    tensor = tensor_from_array(library, array, DTYPES[name])
    got = array_from_tensor(library, tensor)
    assert got.shape == shape
    assert got.tolist() == array.tolist()


def test_a_model_takes_one(half_plus_two: Path) -> None:
    model = load_saved_model(half_plus_two, ["serve"])
    try:
        signature = model.signatures["serving_default"]
        fed = np.broadcast_to(np.float32(3), (1000, 1))
        [answer] = model.run(signature, {"x": (fed, 1)}, ["y"])
        assert np.array_equal(answer, np.full((1000, 1), 3.5, np.float32))
    finally:
        model.close()


PEAK = """
import resource, numpy as np
from tfs_notebook.runtimes.tensorflow.library import load_library
from tfs_notebook.runtimes.tensorflow.tensors import tensor_from_array
library = load_library()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
tensor_from_array(library, np.broadcast_to(np.float32(3), (50_000_000,)), 1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the peak is in other units")
def test_nothing_but_the_tensor_is_allocated() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PEAK], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 250_000
