"""What a dashboard at 2 updates a second over 20 models costs its kernel, and the server."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.manager import KernelManager

from benchmarks.figures import Figure
from benchmarks.models import write_half_plus_two
from benchmarks.standalone import running_all
from tfs_notebook.client import Client
from tfs_notebook.wire.errors import ServingError

__all__ = ["measure"]

_MODELS = 20
_PAUSE_SECONDS = 0.005
# The history of five minutes, filled five times as fast.
_FILL_SECONDS = 60.0
_SECONDS = 15.0
_KERNEL_PERCENT, _SERVER_PERCENT = 3.0, 1.0
_OPEN = """
import tfs_notebook
d = tfs_notebook.dashboard(server={url!r}, interval=0.1)
d
"""


def measure(folder: Path) -> Iterator[Figure]:
    """Fill the history under load, then watch both processes: with load, and without."""
    models = [folder / f"model_{number:02}" for number in range(_MODELS)]
    for model in models:
        write_half_plus_two(model)
    names = [model.name for model in models]
    with running_all(models, folder) as server, _kernel() as kernel:
        url = f"http://127.0.0.1:{server.rest_port}"
        with _load(server.grpc, names):
            kernel.run(_OPEN.format(url=url))
            time.sleep(_FILL_SECONDS)
            kernel.run("d._interval = 0.5")
            busy, _ = _percents(kernel.pid, server.pid)
        yield _figure("of all models, all of them asked, the kernel", busy, _KERNEL_PERCENT)
        quiet, with_dashboard = _percents(kernel.pid, server.pid)
        yield _figure("nobody asks, the kernel", quiet, _KERNEL_PERCENT)
        kernel.run("d.close()")
        idle, without = _percents(kernel.pid, server.pid)
        yield _figure("no dashboard, the kernel", idle, None)
        yield _figure("the server, beside none", with_dashboard - without, _SERVER_PERCENT)


def _figure(name: str, percent: float, at_most: float | None) -> Figure:
    return Figure("dashboard", f"{name}, of a core", percent, "%", at_most=at_most)


def _percents(*pids: int) -> list[float]:
    processes = [psutil.Process(pid) for pid in pids]
    before, started = [one.cpu_times() for one in processes], time.monotonic()
    time.sleep(_SECONDS)
    after, elapsed = [one.cpu_times() for one in processes], time.monotonic() - started
    return [
        100 * (now.user + now.system - then.user - then.system) / elapsed
        for then, now in zip(before, after, strict=True)
    ]


class _Kernel:
    """A kernel, and somebody who reads all it says, as a front end does."""

    def __init__(self, manager: Any) -> None:  # noqa: ANN401 - jupyter_client is untyped
        self.pid = int(manager.provisioner.process.pid)
        self._client = manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)
        self._ended = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while not self._ended.is_set():
            with suppress(queue.Empty):
                self._client.get_iopub_msg(timeout=0.5)

    def run(self, code: str) -> None:
        reply = self._client.execute(code, reply=True, timeout=120)
        if reply["content"]["status"] != "ok":
            raise RuntimeError(reply["content"]["evalue"])

    def close(self) -> None:
        self._ended.set()
        self._reader.join()
        self._client.stop_channels()


@contextmanager
def _kernel() -> Iterator[_Kernel]:
    manager: Any = KernelManager()
    manager.start_kernel()
    kernel = _Kernel(manager)
    try:
        yield kernel
    finally:
        kernel.close()
        manager.shutdown_kernel(now=True)


@contextmanager
def _load(address: str, names: list[str]) -> Iterator[None]:
    ended = threading.Event()

    def ask() -> None:
        with Client(address) as client:
            while not ended.is_set():
                for name in names:
                    try:
                        client[name].predict([1.0, 2.0])
                    except ServingError:
                        return
                    ended.wait(_PAUSE_SECONDS)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
