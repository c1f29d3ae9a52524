"""TensorFlow Serving that lives inside Jupyter.

::

    %load_ext tfs_notebook
    %tfs serve PATH --name half
    tfs_notebook.connect()["half"].predict([1.0, 2.0, 5.0])

Importing this costs next to nothing: what does the work is imported when it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tfs_notebook._version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from tfs_notebook.client.client import Client
    from tfs_notebook.notebook.console.console import console
    from tfs_notebook.notebook.dashboard.opening import dashboard
    from tfs_notebook.notebook.export import export, pipeline
    from tfs_notebook.notebook.serving import connect, serve, status, stop
    from tfs_notebook.wire.errors import ServingError

__all__ = [
    "Client",
    "ServingError",
    "__version__",
    "connect",
    "console",
    "dashboard",
    "export",
    "pipeline",
    "serve",
    "status",
    "stop",
]

_SERVING = "tfs_notebook.notebook.serving"
_WHERE = {
    "Client": "tfs_notebook.client.client",
    "ServingError": "tfs_notebook.wire.errors",
    "connect": _SERVING,
    "console": "tfs_notebook.notebook.console.console",
    "dashboard": "tfs_notebook.notebook.dashboard.opening",
    "export": "tfs_notebook.notebook.export",
    "pipeline": "tfs_notebook.notebook.export",
    "serve": _SERVING,
    "status": _SERVING,
    "stop": _SERVING,
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever it is
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_WHERE[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """``%load_ext tfs_notebook``: adds ``%tfs``."""
    from tfs_notebook.notebook.extension import load  # noqa: PLC0415 - only where IPython runs

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """``%unload_ext tfs_notebook``: takes ``%tfs`` away and stops this kernel's own server."""
    from tfs_notebook.notebook.extension import unload  # noqa: PLC0415

    unload(shell)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """What Jupyter looks for in an extension's package."""
    from tfs_notebook.jupyter.app import TfsNotebookApp  # noqa: PLC0415 - for Jupyter alone

    return [{"module": "tfs_notebook.jupyter.app", "app": TfsNotebookApp}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Where the front end is built, for ``jupyter-builder develop``."""
    return [{"src": "labextensions/tfs-notebook", "dest": "tfs-notebook"}]
