"""A real JupyterLab with the extension, for the tests in a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.jupyter.jupyter_process import JupyterProcess, jupyter_process
from tests.server_process import ROOT

# What asks for things outside of this machine, or for what a server without jupyter-lsp lacks.
_DISABLED: Final = (
    "@jupyterlab/apputils-extension:announcements",
    "@jupyterlab/extensionmanager-extension",
    "@jupyterlab/lsp-extension",
    "@jupyterlab/fileeditor-extension:language-server",
    "@jupyterlab/notebook-extension:language-server",
)
_TRACEBACK: Final = re.compile(r"(?m)^( *)Traceback .*\n(?:\1 .*\n)*")
_PACKAGE: Final = str(ROOT / "tfs_notebook")


class LabProcess(JupyterProcess):
    """``jupyter lab``."""

    program = "jupyterlab"

    def faults(self) -> list[str]:
        """The extension's; a browser that hangs up and a kernel that is ended leave theirs."""
        found = [match.group() for match in _TRACEBACK.finditer(self.log)]
        return [traceback for traceback in found if _PACKAGE in traceback]


@dataclass(frozen=True)
class Lab:
    """A JupyterLab that runs.

    Attributes:
        jupyter: its process.
        root: the directory of its notebooks.
    """

    jupyter: JupyterProcess
    root: Path

    def end_kernels(self) -> None:
        """End every kernel that a test has left."""
        http = self.jupyter.http
        for session in http.get("api/sessions").raise_for_status().json():
            http.delete(f"api/sessions/{session['id']}").raise_for_status()


@contextmanager
def lab_process(directory: Path, *options: str) -> Iterator[Lab]:
    """Run JupyterLab until the block ends; it has to end well.

    Args:
        directory: for its files, of this user's it sees none.
        options: of its command line.
    """
    root, settings = directory / "root", directory / "settings"
    root.mkdir()
    settings.mkdir()
    page = {"disabledExtensions": dict.fromkeys(_DISABLED, True)}
    (settings / "page_config.json").write_text(json.dumps(page))
    with jupyter_process(
        directory,
        f"--ServerApp.root_dir={root}",
        f"--LabApp.app_settings_dir={settings}",
        f"--LabApp.user_settings_dir={settings / 'user'}",
        f"--LabApp.workspaces_dir={directory / 'workspaces'}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        # So that tests can call its commands, as its own tests do.
        "--expose-app-in-browser",
        *options,
        kind=LabProcess,
    ) as jupyter:
        jupyter.wait_for_state("ready", seconds=90)
        yield Lab(jupyter, root)
