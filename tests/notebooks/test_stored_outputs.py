"""What the notebooks look like to those who only read them: on GitHub, in an editor."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.notebooks.execution import NOTEBOOKS, read_notebook

LARGEST_FILE = 400_000
LARGEST_PICTURE = 60_000
# Of somebody's machine; a path in a URL is none.
PLACE = re.compile(r"(?<![\w.…/])/(?:tmp|home|root|Users|var|run|work|opt|usr|private|mnt)/\S*")

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def _outputs(notebook: Any) -> Iterator[Any]:
    for cell in notebook.cells:
        yield from cell.get("outputs", ())


def test_it_is_stored_as_it_was_executed(path: Path) -> None:
    cells = [cell for cell in read_notebook(path).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1)), (
        f"make notebooks NOTEBOOKS={path.relative_to(path.parents[1])} executes and stores it"
    )
    assert any(cell.outputs for cell in cells)


def test_nothing_went_wrong(path: Path) -> None:
    for output in _outputs(read_notebook(path)):
        assert output.output_type != "error", output.traceback
        assert output.get("name") != "stderr", output.text


def test_it_names_no_place_of_a_machine(path: Path) -> None:
    # Pictures are base64, in which anything may appear.
    text = re.sub(r'"image/png": "[^"]*"', "", path.read_text("utf-8"))
    assert PLACE.findall(text) == []


def test_every_output_can_be_read_without_a_kernel(path: Path) -> None:
    for output in _outputs(read_notebook(path)):
        if output.output_type != "stream":
            assert {"text/plain", "text/html", "image/png"} & output.data.keys()
            assert "application/vnd.jupyter.widget-view+json" not in output.data


def test_it_is_small(path: Path) -> None:
    assert path.stat().st_size < LARGEST_FILE
    for output in _outputs(read_notebook(path)):
        picture = output.get("data", {}).get("image/png", "")
        assert len(base64.b64decode(picture)) < LARGEST_PICTURE
