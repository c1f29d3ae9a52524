"""A model server in Jupyter: what the relay costs, and how soon all is well after a kill."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from benchmarks.figures import Figure, percentile
from benchmarks.jupyter_server import TOKEN, JupyterServer, running_jupyter, wait_until
from benchmarks.models import write_busy, write_half_plus_two

__all__ = ["measure"]

_REQUESTS = 1000
_SLOW = 50
_PREDICT = "/v1/models/half:predict"
_HEADERS = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
_BODY = b'{"instances": [1.0, 2.0, 5.0]}'


def measure(folder: Path) -> Iterator[Figure]:
    """Predict directly and through Jupyter, beside slow predictions, and after kills."""
    models = {"half": str(folder / "half"), "busy": str(folder / "busy")}
    write_half_plus_two(folder / "half")
    write_busy(folder / "busy")
    options = (
        "--ServerApp.jpserver_extensions={'tfs_notebook': True}",
        f"--TfsNotebookApp.models={models}",
    )
    with running_jupyter(folder, *options) as jupyter:
        wait_until(lambda: jupyter.status().get("state") == "ready")
        yield from _relayed_and_direct(jupyter)
        yield from _beside_slow_ones(jupyter)
        yield _after_the_model_server(jupyter)
        yield _after_jupyter(jupyter)


def _relayed_and_direct(jupyter: JupyterServer) -> Iterator[Figure]:
    direct = statistics.median(_latencies(_UnixConnection(_socket(jupyter)), _PREDICT))
    relayed = statistics.median(_latencies(_connection(jupyter), f"/tfs{_PREDICT}"))
    yield Figure("jupyter_relay", "predict over its socket, median", direct, "ms")
    yield Figure("jupyter_relay", "predict through Jupyter, median", relayed, "ms")
    yield Figure("jupyter_relay", "added by Jupyter, medians", relayed - direct, "ms")


def _beside_slow_ones(jupyter: JupyterServer) -> Iterator[Figure]:
    def slow(_: int) -> float:
        started = time.perf_counter()
        _ask(_connection(jupyter), "POST", "/tfs/v1/models/busy:predict")
        return time.perf_counter() - started

    taken: list[float] = []
    with ThreadPoolExecutor(_SLOW) as pool:
        answers = [pool.submit(slow, number) for number in range(_SLOW)]
        connection = _connection(jupyter)
        while not all(answer.done() for answer in answers):
            started = time.perf_counter()
            _ask(connection, "GET", "/api/status")
            taken.append(1000 * (time.perf_counter() - started))
    longest = max(answer.result() for answer in answers)
    name = f"/api/status beside {_SLOW} slow predictions"
    yield Figure("jupyter_relay", "the last of the slow predictions", longest, "s")
    yield Figure("jupyter_relay", f"{name}, median", statistics.median(taken), "ms")
    yield Figure("jupyter_relay", f"{name}, p99", percentile(taken, 99), "ms", at_most=100)


def _after_the_model_server(jupyter: JupyterServer) -> Figure:
    pid = jupyter.status()["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: jupyter.status().get("state") != "ready")
    killed = time.monotonic()

    def predicts() -> bool:
        return jupyter.get("/tfs/v1/models/half/metadata")[0] == 200

    wait_until(predicts)
    name = "from kill -9 of the model server to its answers"
    return Figure("jupyter_relay", name, time.monotonic() - killed, "s", at_most=5)


def _after_jupyter(jupyter: JupyterServer) -> Figure:
    directory = Path(_socket(jupyter)).parent
    server = psutil.Process(jupyter.status()["pid"])
    jupyter.process.kill()

    def all_is_gone() -> bool:
        files = [directory.exists(), *jupyter.runtime.glob("tfs-notebook-*.json")]
        return not server.is_running() and not any(files)

    name = "from kill -9 of Jupyter until no process, socket or file is left"
    return Figure("jupyter_relay", name, wait_until(all_is_gone), "s", at_most=2)


def _socket(jupyter: JupyterServer) -> str:
    (path,) = jupyter.runtime.glob("tfs-notebook-*.json")
    return str(json.loads(path.read_bytes())["rest_socket"])


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock: Any = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


def _connection(jupyter: JupyterServer) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", jupyter.port, timeout=120)


def _ask(connection: http.client.HTTPConnection, method: str, path: str) -> None:
    connection.request(method, path, _BODY if method == "POST" else None, _HEADERS)
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise RuntimeError(f"{path} answered {response.status}: {body[:200]!r}")


def _latencies(connection: http.client.HTTPConnection, path: str) -> list[float]:
    """Milliseconds of requests one after the other, on one connection."""
    taken = []
    for number in range(_REQUESTS + _REQUESTS // 10):
        started = time.perf_counter()
        _ask(connection, "POST", path)
        if number >= _REQUESTS // 10:
            taken.append(1000 * (time.perf_counter() - started))
    connection.close()
    return taken
