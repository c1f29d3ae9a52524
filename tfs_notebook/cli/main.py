"""The commands ``tfs-notebook`` and ``tensorflow_model_server``."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from tfs_notebook._version import __version__
from tfs_notebook.cli.flags import FlagError, ParsedFlags, help_text, parse_flags
from tfs_notebook.cli.log_format import log_formatter
from tfs_notebook.config import ServerConfig
from tfs_notebook.runtimes.memory import limit_malloc_arenas
from tfs_notebook.wire.errors import ServingError

__all__ = ["exit_process", "main", "run"]

_USAGE_ERROR = 2
_log = logging.getLogger(__name__)


def main(
    arguments: Sequence[str] | None = None,
    on_ready: Callable[[ServerConfig], None] | None = None,
) -> int:
    """Run the command line and return its exit code.

    ``show DIR`` describes a SavedModel, ``doctor`` the installation, ``log`` works with
    request logs; anything else serves, and calls ``on_ready`` once the ports are open.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["show"]:
        from tfs_notebook.cli.show import show  # noqa: PLC0415 - serving does not need it

        return show(words[1:])
    if words[:1] == ["doctor"]:
        from tfs_notebook.cli.doctor import doctor  # noqa: PLC0415

        return doctor(words[1:])
    if words[:1] == ["log"]:
        from tfs_notebook.cli.log import log  # noqa: PLC0415

        return log(words[1:])
    if words[:1] == ["serve"]:
        del words[0]
    try:
        flags = parse_flags(words)
    except FlagError as error:
        print(f"tfs-notebook: {error}", file=sys.stderr)  # noqa: T201 - a command's own output
        return _USAGE_ERROR
    if flags.show_help:
        print(help_text())  # noqa: T201
        return 0
    if flags.show_version:
        return _print_versions()
    return _serve(flags, on_ready)


def _print_versions() -> int:
    from tfs_notebook.runtimes.tensorflow.library import load_library  # noqa: PLC0415

    try:
        library = load_library().version
    except ServingError as error:
        library = error.message
    print(f"TensorFlow ModelServer: {__version__}")  # noqa: T201
    print(f"TensorFlow Library: {library}")  # noqa: T201
    return 0


def _occupy_standard_descriptors() -> None:
    # What is opened in the place of a closed one is closed again one day, and libuv
    # aborts the process then.
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _serve(flags: ParsedFlags, on_ready: Callable[[ServerConfig], None] | None) -> int:
    _occupy_standard_descriptors()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(log_formatter(flags.config.log_format))
    logging.basicConfig(level=flags.config.log_level.upper(), handlers=[handler])
    for name, reason in flags.ignored.items():
        _log.warning("--%s has no effect: %s", name, reason)

    limit_malloc_arenas()
    from tfs_notebook.cli.serve import serve  # noqa: PLC0415 - --help need not wait for it

    return serve(flags.config, on_ready)


def exit_process(code: int) -> NoReturn:
    """End the process at once.

    Nothing is left to clean up by now, and a thread that hangs in a model, or
    TensorFlow's own destructors, must not keep the process alive.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run() -> NoReturn:
    """Run the command line and end the process: the console scripts' entry."""
    exit_process(main())
