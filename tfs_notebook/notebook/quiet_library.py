"""TensorFlow's library and its models, loaded without the lines it writes meanwhile."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext

from tfs_notebook.runtimes.tensorflow.library import load_library
from tfs_notebook.runtimes.tensorflow.quiet import without_information

__all__ = ["load_quietly", "quiet_loads"]


def load_quietly() -> None:
    """Load the library once for the process; blocks for about half a second.

    Any thread may call it.

    Raises:
        FailedPrecondition: it is not installed, or cannot be loaded.
    """
    with without_information():
        load_library()


def quiet_loads(*, in_this_kernel: bool) -> AbstractContextManager[None]:
    """Keep the lines back that TensorFlow writes of each model it loads.

    It does where this package has not loaded its library first. Whoever has a terminal sees
    the line of the progress there, and all others.

    Args:
        in_this_kernel: whether the models are loaded here.
    """
    is_noisy = in_this_kernel and "tensorflow" in sys.modules
    if not is_noisy or sys.__stderr__ is None or sys.__stderr__.isatty():
        return nullcontext()
    return without_information()
