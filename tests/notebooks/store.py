"""``python -m tests.notebooks.store [FILE …]``: execute notebooks, and store them so.

All in ``notebooks/`` unless some are named. They run in a Jupyter server with the
extension. The run's own directories are shortened to ``…`` in what is stored, and what
TensorFlow tells of the machine when it is imported is left out.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat

from tests.jupyter.jupyter_process import JupyterProcess, jupyter_process
from tests.notebooks.execution import NOTEBOOKS, execute, jupyters_kernel, read_notebook

# Names that each run draws anew, of temporary directories and of those for sockets.
_DRAWN = r"(?:/tmp[a-z0-9_]{8}\b|/tfs-\d+-\w+)?"
_OF_THE_MACHINE = re.compile(
    r"(?:WARNING: All log messages before absl::|I\d{4} |E\d{4} .*cuInit|"
    r"To enable the following instructions: ).*\n*"
)


def store(paths: Iterable[Path]) -> None:
    """Execute notebooks one after the other, and write each into its own place. Blocks."""
    for path in paths:
        # A Jupyter server for each: statistics go on where another notebook has left them.
        with tempfile.TemporaryDirectory(prefix="n") as short:
            root = Path(short).resolve()
            (root / "t").mkdir()
            os.environ["TMPDIR"] = str(root / "t")
            with jupyter_process(root) as jupyter:
                jupyter.wait_for_state("ready")
                _store(path, jupyter, [jupyter.sockets, root / "t", root])


def _store(path: Path, jupyter: JupyterProcess, directories: list[Path]) -> None:
    print(f"{path.name} …", flush=True)  # noqa: T201 - a command's own output
    (jupyter.root / path.stem).mkdir()
    notebook = read_notebook(path)
    with jupyters_kernel(jupyter, path.stem) as kernel:
        execute(notebook, kernel)
    # The version of Python is this machine's.
    notebook.metadata.language_info = {"name": "python"}
    places = "|".join(re.escape(str(one)) for one in directories)
    own = re.compile(rf"(?:{places}){_DRAWN}")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            told = [_shortened(output, own) for output in map(_without_notes, cell.outputs)]
            cell.outputs = [one for one in told if one.get("text") != ""]
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]


def _without_notes(output: Any) -> Any:
    if output.get("name") == "stderr":
        output.text = _OF_THE_MACHINE.sub("", output.text)
    return output


def _shortened(value: Any, own: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return own.sub("…", value)
    if isinstance(value, list):
        return [_shortened(one, own) for one in value]
    if isinstance(value, dict):
        return nbformat.from_dict({key: _shortened(one, own) for key, one in value.items()})  # type: ignore[no-untyped-call]
    return value


if __name__ == "__main__":
    store([Path(one).resolve() for one in sys.argv[1:]] or NOTEBOOKS)
