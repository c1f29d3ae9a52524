"""TensorFlow Serving that lives inside Jupyter."""

from tfs_notebook._version import __version__

__all__ = ["__version__"]
