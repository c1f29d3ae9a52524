"""Which function of this kernel each version directory stands for."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tfs_notebook.notebook.live_models import LiveVersions, remove_version
from tfs_notebook.notebook.session import RunningServer
from tfs_notebook.wire.errors import FailedPrecondition, NotFound
from tfs_notebook.wire.model_spec import ModelReference

if TYPE_CHECKING:
    from tfs_notebook.runtimes.python_function import PythonFunction

__all__ = [
    "FUNCTIONS",
    "FUNCTION_PLATFORM",
    "FunctionVersions",
    "forget_function",
    "refuse_own_call",
]

FUNCTION_PLATFORM: Final = "python_function"


class FunctionVersions:
    """The functions by their version directories, in which nothing of them is written.

    Any thread may use it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, PythonFunction] = {}

    def add(self, path: Path, function: PythonFunction, files: Mapping[str, str]) -> None:
        """Make this version; those without a directory are forgotten.

        Args:
            path: its directory, which is made.
            function: what is asked of it.
            files: texts by name, to be there before the version is loaded.
        """
        with self._lock:
            self._of = {one: its for one, its in self._of.items() if Path(one).is_dir()}
            path.mkdir()
            for name, text in files.items():
                (path / name).write_text(text, "utf-8")
            self._of[str(path)] = function

    def of(self, base_path: Path) -> list[PythonFunction]:
        """Those of the versions below this path."""
        with self._lock:
            return [its for path, its in self._of.items() if Path(path).parent == base_path]

    def has_any(self, base_path: Path) -> bool:
        """Whether there are versions below this path."""
        with self._lock:
            return any(Path(path).parent == base_path for path in self._of)

    def forget(self, base_path: Path) -> None:
        """The versions below this path are no longer wanted; does nothing to others."""
        with self._lock:
            mine = [path for path in self._of if Path(path).parent == base_path]
        for path in mine:
            self.drop(Path(path))

    def clear(self) -> None:
        """The server has ended: forget all of them."""
        with self._lock:
            functions, self._of = list(self._of.values()), {}
        for function in functions:
            function.close()

    def drop(self, path: Path) -> None:
        """One version is no longer wanted; idempotent."""
        with self._lock:
            function = self._of.pop(str(path), None)
        remove_version(path)
        if function is not None:
            function.close()

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


def refuse_own_call(server: RunningServer, model: ModelReference) -> None:
    """Refuse that a function asks for itself, which would wait until both are late.

    Args:
        server: that is asked.
        model: what of it is asked for.

    Raises:
        FailedPrecondition: this is called by a function of that name.
    """
    of_that_name = FUNCTIONS.of(LiveVersions(server, model.name).base_path)
    if any(function.is_running_here for function in of_that_name):
        raise FailedPrecondition(
            f"a function that is served as {model.name!r} asks {model.name!r}, which is "
            "itself, and would wait for its own end: one call is made at a time. Call the "
            "Python function instead, or serve it by another name"
        )
