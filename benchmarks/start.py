"""From nothing to an answer, and the memory that takes."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.models import write_half_plus_two
from benchmarks.standalone import running

__all__ = ["measure"]

_ROUNDS = 7


def measure(folder: Path) -> Iterator[Figure]:
    """Start the server several times with half_plus_two; import the package as often."""
    model = folder / "half_plus_two"
    write_half_plus_two(model)
    times, sizes = [], []
    for _ in range(_ROUNDS + 1):
        with running(model) as server:
            times.append(server.seconds_to_ready)
            sizes.append(server.resident_megabytes())
    # The first start reads the library from the disk.
    yield Figure("start", "ready, median", statistics.median(times[1:]), "s", at_most=2.0)
    yield Figure(
        "start", "resident memory, median", statistics.median(sizes), "MB", at_most=480
    )
    bare = statistics.median(_seconds("pass") for _ in range(_ROUNDS))
    package = statistics.median(_seconds("import tfs_notebook") for _ in range(_ROUNDS))
    yield Figure("start", "import tfs_notebook, median", package - bare, "s", at_most=0.1)


def _seconds(code: str) -> float:
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.monotonic() - started
