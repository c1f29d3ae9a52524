"""What the server takes of a core while nobody asks it anything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.batching_file import batching_flags
from benchmarks.figures import Figure
from benchmarks.models import write_half_plus_two
from benchmarks.targets import half_plus_two

__all__ = ["measure"]

_SETTLE_SECONDS = 3.0
_SECONDS = 20.0
_MOST_PERCENT = 0.5


def measure(folder: Path) -> Iterator[Figure]:
    """Ask once, so that every queue there is has been made, and watch the process."""
    model = folder / "half_plus_two"
    write_half_plus_two(model)
    flags = batching_flags(folder, max_batch_size=64, num_batch_threads=8)
    with half_plus_two(model, *flags) as server:
        server.over_grpc.ask()
        process = psutil.Process(server.pid)
        time.sleep(_SETTLE_SECONDS)
        before, started = process.cpu_times(), time.monotonic()
        switches = _switches(process)
        time.sleep(_SECONDS)
        after, elapsed = process.cpu_times(), time.monotonic() - started
        woken = _switches(process) - switches
    used = after.user + after.system - before.user - before.system
    percent = 100 * used / elapsed
    yield Figure("idle", "with batching, of a core", percent, "%", at_most=_MOST_PERCENT)
    yield Figure("idle", "with batching, wake-ups of all threads", woken / elapsed, "1/s")


def _switches(process: psutil.Process) -> int:
    # A process's own number is that of its first thread only.
    threads = [psutil.Process(thread.id) for thread in process.threads()]
    return sum(thread.num_ctx_switches().voluntary for thread in threads)
