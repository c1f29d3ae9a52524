"""The standalone command: run to its end, or asked over REST."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import httpx

from tests.half_plus_two import BODY
from tests.python_process import run_python
from tests.server_process import ServerProcess

Start = Callable[..., ServerProcess]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_python("-m", "tfs_notebook", *arguments, seconds=60)


def predict(server: ServerProcess, model: str = "m", body: bytes = BODY) -> httpx.Response:
    return httpx.post(f"{server.url}/v1/models/{model}:predict", content=body, timeout=30)
