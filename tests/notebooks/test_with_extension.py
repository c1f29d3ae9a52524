"""Every notebook in a kernel of a Jupyter server that has a model server."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jupyter.jupyter_process import JupyterProcess, jupyter_process
from tests.notebooks.execution import NOTEBOOKS, each, execute, jupyters_kernel, read_notebook

pytestmark = pytest.mark.timeout(420)


@pytest.fixture(scope="module")
def temporary() -> Iterator[Path]:
    """Where the kernels make their temporary files."""
    with tempfile.TemporaryDirectory(prefix="t") as directory:
        yield Path(directory)


@pytest.fixture(scope="module")
def jupyter(
    temporary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[JupyterProcess]:
    """One Jupyter server for all of them; it starts with no model."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        with jupyter_process(tmp_path_factory.mktemp("jupyter")) as process:
            process.wait_for_state("ready")
            yield process


@pytest.mark.parametrize(
    "path",
    # Editions in other languages are run without the extension.
    each(path for path in NOTEBOOKS if "." not in path.stem),
)
def test_every_cell_runs_and_nothing_is_left(
    path: Path, jupyter: JupyterProcess, temporary: Path
) -> None:
    work = jupyter.root / path.stem
    work.mkdir()
    with jupyters_kernel(jupyter, work.name) as kernel:
        left = execute(read_notebook(path), kernel, [work, temporary, jupyter.sockets])
        assert left == set()
        assert jupyter.models() == []
