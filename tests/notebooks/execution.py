"""The notebooks, executed as a front end does: cell by cell, by a kernel that is there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import nbformat
import psutil
import pytest
from jupyter_client.manager import AsyncKernelManager, KernelManager
from nbclient import NotebookClient

from tests.jupyter.jupyter_process import JupyterProcess, runs
from tests.notebook.kernel import environment_in
from tests.polling import poll_until
from tests.server_process import ROOT

NOTEBOOKS: Final = sorted((ROOT / "notebooks").glob("*.ipynb"))

_QUICK: Final = frozenset({"quick_start"})
_CELL_SECONDS: Final = 150
# TensorFlow's own, which goes with the kernel, and what Python compiles of it.
_OF_TENSORFLOW: Final = ("__autograph_generated_file", "__pycache__")
_ENCODING: Final = 4


def each(paths: Iterable[Path]) -> list[Any]:
    """Notebooks to be executed; those that train a model or drive a load take long."""
    return [
        pytest.param(path, id=path.stem, marks=() if path.stem in _QUICK else pytest.mark.long)
        for path in paths
    ]


def read_notebook(path: Path) -> Any:
    """A notebook, in the form of today."""
    return nbformat.read(path, as_version=_ENCODING)  # type: ignore[no-untyped-call]


class RunningKernel(AsyncKernelManager):
    """A kernel that somebody else has started, and will end."""

    def __init__(self, connection_file: Path, process: psutil.Process) -> None:
        super().__init__()
        self.load_connection_file(str(connection_file))
        self.process = process

    @property
    def has_kernel(self) -> bool:
        """Whether it need not be started."""
        return True

    async def is_alive(self) -> bool:  # type: ignore[override]
        """Whether it can answer."""
        return runs(self.process)

    # The name by which its clients ask.
    _async_is_alive = is_alive

    def traces(self, directories: Iterable[Path]) -> set[str]:
        """What there is of it: processes, ports, files."""
        children = self.process.children(recursive=True)
        return {
            *(f"process {' '.join(child.cmdline())}" for child in children),
            *(
                f"port {one.laddr.port}"
                for one in self.process.net_connections("tcp")
                if one.status == psutil.CONN_LISTEN
            ),
            *(
                str(file)
                for directory in directories
                for file in directory.iterdir()
                if not file.name.startswith(_OF_TENSORFLOW)
            ),
        }


def execute(notebook: Any, kernel: RunningKernel, directories: Iterable[Path] = ()) -> set[str]:
    """Run all cells, and put what they give into the notebook; the kernel goes on.

    Args:
        notebook: which one.
        kernel: runs it.
        directories: where it may make files.

    Returns:
        what it has left: processes, ports that listen, files.

    Raises:
        CellExecutionError: of the cell that failed.
        CellTimeoutError: a cell took too long.
    """
    client = NotebookClient(notebook, km=kernel, timeout=_CELL_SECONDS, record_timing=False)
    directories = list(directories)
    try:
        client.start_new_kernel_client()  # which waits until the kernel has opened its ports
        before = kernel.traces(directories)
        client.execute()
        return kernel.traces(directories) - before
    finally:
        if client.kc is not None:
            client.kc.stop_channels()


@contextmanager
def plain_kernel(directory: Path) -> Iterator[tuple[RunningKernel, list[Path]]]:
    """A kernel whose parent has no model server, in a directory of its own.

    Yields it, and the directories that it may leave something in.
    """
    environment = environment_in(directory, os.environ)
    (directory / "work").mkdir()
    manager: Any = KernelManager()
    manager.start_kernel(cwd=str(directory / "work"), env=environment)
    try:
        process = psutil.Process(manager.provisioner.process.pid)
        kernel = RunningKernel(Path(manager.connection_file), process)
        yield kernel, [directory / "work", directory / "t"]
    finally:
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


@contextmanager
def jupyters_kernel(jupyter: JupyterProcess, name: str) -> Iterator[RunningKernel]:
    """A kernel that a Jupyter server has started, in the directory ``name`` of its root."""
    answer = jupyter.http.post("api/kernels", json={"path": name}).raise_for_status()
    identity = answer.json()["id"]
    try:
        file = jupyter.runtime / f"kernel-{identity}.json"
        poll_until(file.exists, "the kernel has a connection file")
        (process,) = (
            child for child in jupyter.children() if file.name in " ".join(child.cmdline())
        )
        yield RunningKernel(file, process)
    finally:
        jupyter.http.delete(f"api/kernels/{identity}").raise_for_status()
