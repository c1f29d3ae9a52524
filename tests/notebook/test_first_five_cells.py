"""The first five cells, in a real kernel: with Jupyter's model server, and without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.notebook.kernel import Kernel
from tests.server_process import ServerProcess

pytestmark = pytest.mark.timeout(180)


def five_cells(kernel: Kernel, base_path: Path, load: str = "load_ext") -> str:
    """Run them, and return whose server it was."""
    first = kernel.run(f"%{load} tfs_notebook\nimport numpy as np, tfs_notebook")
    assert (first.status, first.streams, first.displays) == ("ok", {}, [])

    served = kernel.run(f"%tfs serve {base_path} --name half")
    assert (served.status, served.streams) == ("ok", {})
    assert served.text.startswith("<model 'half' at unix:")

    answer = kernel.ok('tfs_notebook.connect()["half"].predict(np.array([1.0, 2.0, 5.0]))')
    assert answer == "array([2.5, 3. , 4.5], dtype=float32)"

    status = kernel.run("%tfs status")
    title, heads, row = status.text.splitlines()
    assert heads.split() == ["model", "version", "state", "labels", "from"]
    assert row.split() == ["half", "1", "AVAILABLE", str(base_path)]
    assert "<td" in status.results["text/html"]
    assert (status.streams, status.displays) == ({}, [])

    stopped = kernel.run("%tfs stop")
    assert stopped.status == "ok"
    assert "%tfs serve PATH" in stopped.text
    return title


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
