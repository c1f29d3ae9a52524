"""``tfs-notebook log …``: what is done with request logs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from tfs_notebook.cli.log_options import CommandError, parse_log_arguments
from tfs_notebook.wire.errors import ServingError

__all__ = ["log"]

_USAGE_ERROR: Final = 2
_INTERRUPTED: Final = 130


def log(arguments: Sequence[str]) -> int:
    """Run the subcommand: its answer to stdout, errors and progress to stderr. Blocks.

    Returns:
        the exit code: 0, 1 if requests failed or answers differ, 2 if it could not be
        done at all.
    """
    try:
        options = parse_log_arguments(list(arguments))
    except SystemExit:
        return 0
    except CommandError as error:
        return _complain(str(error))
    try:
        if options.command == "show":
            from tfs_notebook.cli.log_show import show_logs  # noqa: PLC0415

            return show_logs(options)
        if options.command == "warmup":
            from tfs_notebook.cli.log_warmup import write_warmup_file  # noqa: PLC0415

            return write_warmup_file(options)
        if options.command == "replay":
            from tfs_notebook.cli.log_replay import replay  # noqa: PLC0415

            return replay(options)
        from tfs_notebook.cli.log_diff import diff  # noqa: PLC0415

        return diff(options)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except CommandError as error:
        return _complain(str(error))
    except ServingError as error:
        return _complain(error.message)


def _complain(message: str) -> int:
    line = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in message)
    print(f"tfs-notebook: {line}", file=sys.stderr)  # noqa: T201
    return _USAGE_ERROR
