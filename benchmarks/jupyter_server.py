"""A Jupyter server to measure, in directories of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["TOKEN", "JupyterServer", "running_jupyter", "wait_until"]

TOKEN = "start"
_DEADLINE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class JupyterServer:
    """One that has been started.

    Attributes:
        port: where it listens, or will.
        process: of it.
        runtime: its directory for connection files.
    """

    port: int
    process: subprocess.Popen[bytes]
    runtime: Path

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of a GET, on a connection of its own; status 0 if nobody listens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path, headers={"Authorization": f"token {TOKEN}"})
            response = connection.getresponse()
            return response.status, response.read()
        except OSError:
            return 0, b""
        finally:
            connection.close()

    def status(self) -> dict[str, Any]:
        """What ``tfs/status`` says; nothing while it does not."""
        code, body = self.get("/tfs/status")
        document: dict[str, Any] = json.loads(body) if code == 200 else {}
        return document

    def answers(self) -> bool:
        """Whether it does; raises RuntimeError when it has ended."""
        if self.process.poll() is not None:
            raise RuntimeError("the Jupyter server did not start")
        return self.get("/api/status")[0] == 200


def wait_until(probe: Callable[[], object], *, pause: float = 0.005) -> float:
    """Ask until something true comes back; gives the seconds that took.

    Raises:
        TimeoutError: it did not.
    """
    started = time.monotonic()
    while not probe():
        if time.monotonic() - started > _DEADLINE_SECONDS:
            raise TimeoutError("waited in vain")
        time.sleep(pause)
    return time.monotonic() - started


@contextmanager
def running_jupyter(folder: Path, *options: str) -> Iterator[JupyterServer]:
    """Start a Jupyter server and, without waiting for it, give it; it is ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    places = {
        name: str(folder / name)
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    }
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
            f"--port={port}",
            f"--IdentityProvider.token={TOKEN}",
            *options,
        ],
        env={**os.environ, **places, "JUPYTER_NO_CONFIG": "1"},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield JupyterServer(port, process, folder / "JUPYTER_RUNTIME_DIR")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
