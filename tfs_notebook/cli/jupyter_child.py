"""``python -m tfs_notebook.cli.jupyter_child``: the command as the child of a Jupyter server.

It serves as the command does. Where Jupyter was killed, and so could not remove the
connection file and the sockets' directory, the child that outlives it by a moment does.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence

from tfs_notebook.cli.main import exit_process, main

__all__ = ["serve_as_child"]


def serve_as_child(arguments: Sequence[str]) -> int:
    """Serve until told to stop, or until the parent ends; blocks. Returns the exit code."""
    parent = os.getppid()
    code = main(["serve", *arguments])
    # Whoever adopts an orphan, it is another process.
    if os.getppid() != parent:
        _remove_what_is_left_of(parent)
    return code


def _remove_what_is_left_of(pid: int) -> None:
    from tfs_notebook.jupyter import connection_file  # noqa: PLC0415 - only at such an end
    from tfs_notebook.jupyter.socket_directory import directories_of  # noqa: PLC0415

    connection_file.remove(pid)
    for directory in directories_of(pid):
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    exit_process(serve_as_child(sys.argv[1:]))
