"""The standalone command: run to its end, or asked over REST."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import httpx
import psutil

from tests.half_plus_two import BODY
from tests.polling import poll_until
from tests.python_process import run_python
from tests.server_process import ServerProcess

Start = Callable[..., ServerProcess]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_python("-m", "tfs_notebook", *arguments, seconds=60)


def predict(server: ServerProcess, model: str = "m", body: bytes = BODY) -> httpx.Response:
    return httpx.post(f"{server.url}/v1/models/{model}:predict", content=body, timeout=60)


def slow_request(
    server: ServerProcess, pool: ThreadPoolExecutor, seconds: float
) -> Future[httpx.Response]:
    """Begin a request that takes this long, and return once it is under way."""
    with closing(socket.create_connection(("127.0.0.1", server.rest_port))):
        busy_before = psutil.Process(server.process.pid).cpu_times().user
    body = b'{"instances": [%f]}' % seconds
    future = pool.submit(predict, server, "slow", body)
    poll_until(
        lambda: psutil.Process(server.process.pid).cpu_times().user > busy_before + 0.15,
        "the slow model runs",
    )
    return future
