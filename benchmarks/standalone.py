"""The standalone server as a process, for the length of a measurement."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

__all__ = ["Standalone", "running", "running_all"]

_DEADLINE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Standalone:
    """A running server.

    Attributes:
        grpc: its gRPC address.
        rest_port: its REST port on this machine.
        pid: its process.
        seconds_to_ready: from the start of the process to the first answer.
    """

    grpc: str
    rest_port: int
    pid: int
    seconds_to_ready: float

    def resident_megabytes(self) -> float:
        """Memory of the process."""
        return float(psutil.Process(self.pid).memory_info().rss) / 1e6


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/v2/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def running(
    model: Path, *flags: str, environment: Mapping[str, str] | None = None
) -> Iterator[Standalone]:
    """Serve one model (its base path's name is its name) until the block ends."""
    named = (f"--model_name={model.name}", f"--model_base_path={model}")
    with _started(*named, *flags, environment=environment) as server:
        yield server


@contextmanager
def running_all(models: Sequence[Path], folder: Path, *flags: str) -> Iterator[Standalone]:
    """Serve several models until the block ends; ``folder`` is for their list."""
    path = folder / "models.config"
    configs = "".join(
        f'config {{ name: "{model.name}" base_path: "{model}" model_platform: "tensorflow" }}\n'
        for model in models
    )
    path.write_text(f"model_config_list {{\n{configs}}}\n")
    with _started(f"--model_config_file={path}", *flags) as server:
        yield server


@contextmanager
def _started(*flags: str, environment: Mapping[str, str] | None = None) -> Iterator[Standalone]:
    port, rest_port = _free_port(), _free_port()
    command = [sys.executable, "-m", "tfs_notebook", f"--port={port}", *flags]
    command += [f"--rest_api_port={rest_port}"]
    started = time.monotonic()
    variables = {**os.environ, **(environment or {})}
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=variables)
    try:
        while not _answers(rest_port):
            if process.poll() is not None or time.monotonic() - started > _DEADLINE_SECONDS:
                raise RuntimeError(f"the server did not start: {' '.join(command)}")
            time.sleep(0.005)
        ready = time.monotonic() - started
        yield Standalone(f"127.0.0.1:{port}", rest_port, process.pid, ready)
    finally:
        process.terminate()
        process.wait()
