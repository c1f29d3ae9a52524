"""TensorFlow's profiler without ``import tensorflow``, and beside it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.python_process import run_python
from tfs_notebook.runtimes.tensorflow import profiler
from tfs_notebook.runtimes.tensorflow.profiler import Trace, has_events
from tfs_notebook.wire.errors import ResourceExhausted, Unimplemented

BESIDE_TENSORFLOW = """
import sys
from pathlib import Path
import numpy as np
from tfs_notebook.runtimes.tensorflow.profiler import Trace, has_events
from tfs_notebook.runtimes.tensorflow.saved_model import load_saved_model
from tfs_notebook.wire.errors import Unavailable

version, log = sys.argv[1:]
model = load_saved_model(Path(version), ["serve"])
signature = model.signatures["serving_default"]

def traced():
    trace = Trace(2, 1)
    trace.start()
    model.run(signature, {"x": (np.ones(1, np.float32), 1)}, ["y"])
    return has_events(trace.stop())

assert traced()
assert "tensorflow" not in sys.modules
import tensorflow as tf
tf.profiler.experimental.start(log)
tf.constant(1) + 1
refused = Trace(2, 1)
try:
    refused.start()
except Unavailable as error:
    print("refused:", error.message)
assert refused.stop() == b""
tf.profiler.experimental.stop()
assert list(Path(log).glob("plugins/profile/*/*.xplane.pb"))
assert traced()
print("well")
"""


def test_in_one_process_with_tensorflow(half_plus_two: Path, tmp_path: Path) -> None:
    done = run_python("-c", BESIDE_TENSORFLOW, str(half_plus_two), str(tmp_path / "log"))
    assert done.returncode == 0, done.stderr
    assert "refused: The trace cannot be begun: " in done.stdout
    assert done.stdout.endswith("well\n")


def test_what_is_stopped_first_does_not_begin() -> None:
    trace = Trace(2, 1)
    assert trace.stop() == b""
    trace.start()
    another = Trace(2, 1)
    another.start()
    assert not has_events(another.stop())


def test_a_trace_that_there_is_no_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = Trace(2, 1)
    begun.start()
    with monkeypatch.context() as full:
        full.setattr(profiler, "_LEAST_ROOM", 2**70)
        with pytest.raises(ResourceExhausted, match="make room, or set TMPDIR"):
            begun.stop()
        with pytest.raises(ResourceExhausted, match="make room, or set TMPDIR"):
            Trace(2, 1).start()
    # Both have made way.
    trace = Trace(2, 1)
    trace.start()
    assert trace.stop()


def test_an_installation_without_it_says_what_there_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Elsewhere:
        path = tmp_path / "libtensorflow_cc.so.2"

    monkeypatch.setattr(profiler, "_loaded", None)
    monkeypatch.delitem(sys.modules, profiler._NAME, raising=False)
    monkeypatch.setattr(profiler, "load_library", Elsewhere)
    with pytest.raises(
        Unimplemented, match=r"There is no profiler here: .*GET /v2/models/NAME/stats"
    ):
        Trace(2, 1).start()


@pytest.mark.parametrize(
    ("xspace", "expected"),
    [
        (b"", False),
        (b"\x0a\x00", False),
        # A plane with a name, and a line with an id.
        (b"\x0a\x07\x12\x01a\x1a\x02\x08\x05", False),
        # The same with an event, after a plane without.
        (b"\x0a\x00\x0a\x09\x12\x01a\x1a\x04\x08\x05\x22\x00", True),
    ],
)
def test_whether_a_trace_has_events(xspace: bytes, expected: bool) -> None:
    assert has_events(xspace) is expected
