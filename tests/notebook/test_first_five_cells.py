"""The first five cells, in a real kernel: with Jupyter's model server, and without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.notebook.five_cells import five_cells
from tests.notebook.kernel import Kernel
from tests.server_process import ServerProcess

pytestmark = pytest.mark.timeout(180)


def test_with_the_kernels_own_server(
    start_kernel: Callable[[], Kernel], half_plus_two: Path, places: Path
) -> None:
    kernel = start_kernel()
    for load in ("load_ext", "reload_ext"):
        title = five_cells(kernel, half_plus_two.parent, load)
        assert title == f"this kernel's own model server (process {kernel.process.pid})"
        assert not list((places / "t").glob("tfs-*"))
        assert not kernel.process.children()


def test_with_jupyters_server(
    jupyters: ServerProcess,
    start_kernel: Callable[[], Kernel],
    half_plus_two: Path,
    places: Path,
) -> None:
    title = five_cells(start_kernel(), half_plus_two.parent)
    assert title == f"Jupyter's model server (process {jupyters.process.pid})"
    assert not list((places / "t").glob("tfs-*"))
    assert jupyters.states("half").get(1) in (None, "END")
