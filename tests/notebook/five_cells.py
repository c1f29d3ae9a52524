"""The first five cells, as a person runs them."""

from __future__ import annotations

from pathlib import Path

from tests.notebook.kernel import Cells


def five_cells(kernel: Cells, base_path: Path, load: str = "load_ext") -> str:
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
    assert heads.split()[:5] == ["model", "version", "state", "labels", "memory"]
    assert heads.split()[5:] == ["requests", "errors", "per", "second", "from"]
    cells = row.split()
    assert (cells[:3], cells[-1]) == (["half", "1", "AVAILABLE"], str(base_path))
    requests, errors = cells[5:7]
    assert (requests, errors) == ("1", "0")
    assert "<td" in status.results["text/html"]
    assert (status.streams, status.displays) == ({}, [])

    stopped = kernel.run("%tfs stop")
    assert stopped.status == "ok"
    assert "%tfs serve PATH" in stopped.text
    return title
