"""TensorFlow's library, loaded without the lines it writes meanwhile."""

from __future__ import annotations

from tfs_notebook.runtimes.tensorflow.library import load_library
from tfs_notebook.runtimes.tensorflow.quiet import without_information

__all__ = ["load_quietly"]


def load_quietly() -> None:
    """Load the library once for the process; blocks for about half a second.

    Any thread may call it.

    Raises:
        FailedPrecondition: it is not installed, or cannot be loaded.
    """
    with without_information():
        load_library()
