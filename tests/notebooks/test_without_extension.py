"""Every notebook in a kernel that has its model server itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.notebooks.execution import NOTEBOOKS, each, execute, plain_kernel, read_notebook

pytestmark = pytest.mark.timeout(420)


# Editions in other languages have the same code (see test_editions.py): one of them runs
# here, and the original beside the extension.
TRANSLATED = {path.stem.partition(".")[0] for path in NOTEBOOKS if "." in path.stem}


@pytest.mark.parametrize(
    "path", each(path for path in NOTEBOOKS if path.stem not in TRANSLATED)
)
def test_every_cell_runs_and_nothing_is_left(
    path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # Short: the paths of sockets have few bytes.
    with plain_kernel(tmp_path_factory.mktemp("n")) as (kernel, directories):
        assert execute(read_notebook(path), kernel, directories) == set()
