"""Which function of this kernel each version directory stands for."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tfs_notebook.client.control import ModelControl
from tfs_notebook.notebook.live_models import LiveVersions, remove_version
from tfs_notebook.notebook.session import RunningServer
from tfs_notebook.wire.errors import NotFound

if TYPE_CHECKING:
    from tfs_notebook.runtimes.python_function import PythonFunction

__all__ = ["FUNCTIONS", "FunctionVersions", "exchange_function", "forget_function"]


class FunctionVersions:
    """The functions by their version directories, which are empty: nothing is written.

    Any thread may use it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, PythonFunction] = {}

    def add(self, path: Path, function: PythonFunction) -> None:
        """Make this version, with its directory; those without one are forgotten."""
        with self._lock:
            self._of = {one: its for one, its in self._of.items() if Path(one).is_dir()}
            path.mkdir()
            self._of[str(path)] = function

    def has_any(self, base_path: Path) -> bool:
        """Whether there are versions below this path."""
        with self._lock:
            return any(Path(path).parent == base_path for path in self._of)

    def forget(self, base_path: Path) -> None:
        """The versions below this path are no longer wanted; does nothing to others."""
        with self._lock:
            mine = [path for path in self._of if Path(path).parent == base_path]
            for path in mine:
                del self._of[path]
        for path in mine:
            remove_version(Path(path))

    def found(self, path: str) -> PythonFunction:
        """The function of a version.

        Raises:
            NotFound: it is no longer there.
        """
        with self._lock:
            if path not in self._of:
                raise NotFound(f"the function of {path} is no longer there: serve it again")
            return self._of[path]


FUNCTIONS: Final = FunctionVersions()
"""This process's."""


def forget_function(server: RunningServer, name: str) -> None:
    """Let go of all versions of a function that is no longer served; of others nothing."""
    FUNCTIONS.forget(LiveVersions(server, name).base_path)


def exchange_function(server: RunningServer, control: ModelControl, name: str) -> None:
    """Stop serving a function by this name, so that a model can be; of others nothing."""
    if FUNCTIONS.has_any(LiveVersions(server, name).base_path):
        with suppress(NotFound):
            control.unload(name)
        forget_function(server, name)
