"""How much longer Jupyter takes to start with the extension than without."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure

__all__ = ["measure"]

_ROUNDS = 10
_DEADLINE_SECONDS = 60.0


def measure(folder: Path) -> Iterator[Figure]:
    """Start a Jupyter server until it answers, in turn with and without the extension."""
    times: dict[bool, list[float]] = {True: [], False: []}
    # The first of each reads from the disk.
    for round_number in range(_ROUNDS + 1):
        for enabled, taken in times.items():
            seconds = _seconds_to_answer(folder, enabled=enabled)
            if round_number:
                taken.append(seconds)
    without = statistics.median(times[False])
    added = statistics.median(times[True]) - without
    yield Figure("jupyter_start", "without the extension, median", without, "s")
    yield Figure("jupyter_start", "added by the extension, medians", added, "s", at_most=0.1)


def _seconds_to_answer(folder: Path, *, enabled: bool) -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    places = {
        name: str(folder / name)
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    }
    environment = {**os.environ, **places, "JUPYTER_NO_CONFIG": "1"}
    started = time.monotonic()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
            f"--port={port}",
            "--IdentityProvider.token=start",
            f"--ServerApp.jpserver_extensions={ {'tfs_notebook': enabled} }",
        ],
        env=environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(port):
            if process.poll() is not None or time.monotonic() - started > _DEADLINE_SECONDS:
                raise RuntimeError("the Jupyter server did not start")
            time.sleep(0.005)
        return time.monotonic() - started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/api/status", headers={"Authorization": "token start"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
