"""TensorFlow Serving that lives inside Jupyter."""

from typing import Any

from tfs_notebook._version import __version__

__all__ = ["__version__"]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """What Jupyter looks for in an extension's package."""
    from tfs_notebook.jupyter.app import TfsNotebookApp  # noqa: PLC0415 - for Jupyter alone

    return [{"module": "tfs_notebook.jupyter.app", "app": TfsNotebookApp}]
