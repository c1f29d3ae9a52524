"""How much longer Jupyter takes to start with the extension than without."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.jupyter_server import running_jupyter, wait_until

__all__ = ["measure"]

_ROUNDS = 10


def measure(folder: Path) -> Iterator[Figure]:
    """Start a Jupyter server until it answers, in turn with and without the extension."""
    times: dict[bool, list[float]] = {True: [], False: []}
    # The first of each reads from the disk.
    for round_number in range(_ROUNDS + 1):
        for enabled, taken in times.items():
            extensions = f"--ServerApp.jpserver_extensions={ {'tfs_notebook': enabled} }"
            with running_jupyter(folder, extensions) as jupyter:
                seconds = wait_until(jupyter.answers)
            if round_number:
                taken.append(seconds)
    without = statistics.median(times[False])
    added = statistics.median(times[True]) - without
    yield Figure("jupyter_start", "without the extension, median", without, "s")
    yield Figure("jupyter_start", "added by the extension, medians", added, "s", at_most=0.1)
