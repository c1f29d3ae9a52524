"""Kernels, with and without a model server of their Jupyter server."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.notebook.kernel import Kernel, environment_in
from tests.server_process import ServerProcess
from tfs_notebook.jupyter.connection_file import Connection, remove, write


@pytest.fixture
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a path short enough for sockets."""
    return tmp_path_factory.mktemp("k")


@pytest.fixture
def start_kernel(places: Path) -> Iterator[Callable[[], Kernel]]:
    """Starts kernels that share a user's directories."""
    started: list[Kernel] = []

    def start() -> Kernel:
        started.append(Kernel(places, environment_in(places, os.environ)))
        return started[-1]

    yield start
    for kernel in started:
        kernel.close()


@pytest.fixture
def kernel(start_kernel: Callable[[], Kernel]) -> Kernel:
    """One with the extension loaded."""
    kernel = start_kernel()
    kernel.ok("import numpy as np, tfs_notebook\n%load_ext tfs_notebook")
    return kernel


@pytest.fixture
def jupyters(
    places: Path,
    start_server: Callable[..., ServerProcess],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ServerProcess]:
    """A model server that a Jupyter server would have: the kernels' parent is this process."""
    (places / "r").mkdir()
    (places / "root").mkdir()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(places / "r"))
    server = start_server(
        f"--grpc_socket_path={places}/g.sock",
        f"--rest_api_socket_path={places}/r.sock",
        "--model_control=explicit",
        f"--models_root={places}/root",
    )
    write(
        Connection(
            os.getpid(), server.process.pid, "child", f"{places}/r.sock", f"{places}/g.sock",
            None, None, "http://localhost/tfs/", "", "0", time.time(),
        )
    )  # fmt: skip
    yield server
    remove(os.getpid())
