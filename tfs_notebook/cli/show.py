"""``tfs-notebook show DIR``: what a SavedModel offers, and how to ask for it."""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from tfs_notebook.cli.other_facts import other_as_text, other_facts
from tfs_notebook.cli.saved_model_facts import SavedModelFacts, gather_facts
from tfs_notebook.cli.saved_model_json import facts_as_json
from tfs_notebook.cli.saved_model_text import facts_as_text
from tfs_notebook.wire.errors import ServingError

__all__ = ["show"]

_CANNOT_READ: Final = 1
_USAGE_ERROR: Final = 2
_WIDEST: Final = 100

_DESCRIPTION: Final = """\
Tell what a SavedModel offers: its signatures, each with a request to try it with, its
functions and its ops. Nothing of the model is run, and TensorFlow is not loaded. Of a TFLite
model the signatures are told, of an ensemble its steps, of a function its name.
"""


def show(arguments: Sequence[str]) -> int:
    """Run the subcommand: facts to stdout, errors to stderr. Blocks.

    Returns:
        The exit code: 0, 1 if there is no such model, tag-set or signature or it
        cannot be read, 2 if the arguments are wrong.
    """
    try:
        options = _parser().parse_args(arguments)
    except _UsageError as error:
        _complain(f"{error}; see tfs-notebook show --help")
        return _USAGE_ERROR
    if options.help:
        _print(_parser().format_help().rstrip())
        return 0
    if not options.directory:
        _complain("show needs a directory; see tfs-notebook show --help")
        return _USAGE_ERROR
    try:
        other = other_facts(Path(options.directory))
        if other is not None:
            _print(json.dumps(other, indent=2) if options.json else other_as_text(other))
            return 0
        facts = gather_facts(Path(options.directory), _tags(options.tag_set), options.signature)
    except ServingError as error:
        _complain(error.message)
        return _CANNOT_READ
    _print(_shown(facts, options))
    return 0


class _UsageError(Exception):
    """The arguments cannot be used."""


class _Parser(argparse.ArgumentParser):
    """A parser that leaves it to the caller how to complain, and when to exit."""

    def error(self, message: str) -> NoReturn:
        raise _UsageError(message)


def _parser() -> _Parser:
    parser = _Parser(
        prog="tfs-notebook show", description=_DESCRIPTION, add_help=False, allow_abbrev=False
    )
    parser.add_argument(
        "directory",
        metavar="DIR",
        nargs="?",
        help="a version directory (with saved_model.pb), or a base path with version "
        "directories, of which the newest is shown",
    )
    parser.add_argument("--signature", metavar="NAME", help="show this signature only")
    parser.add_argument(
        "--tag_set",
        metavar="TAGS",
        help="show the graph with exactly these tags only, separated by commas",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    parser.add_argument("-h", "--help", action="store_true", help="print this text")
    return parser


def _tags(text: str | None) -> list[str] | None:
    if text is None:
        return None
    return [tag.strip() for tag in text.split(",") if tag.strip()]


def _shown(facts: SavedModelFacts, options: argparse.Namespace) -> str:
    if options.json:
        return json.dumps(facts_as_json(facts), indent=2)
    width = min(shutil.get_terminal_size((_WIDEST, 24)).columns, _WIDEST)
    return facts_as_text(facts, width, signatures_only=options.signature is not None)


def _print(text: str) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names are in any script, and not every terminal has it.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        print(text, flush=True)  # noqa: T201 - a command's own output
    except BrokenPipeError:
        # The reader (head, a pager) has seen enough. What is still in the buffer
        # has to go somewhere when the process flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(message: str) -> None:
    line = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in message)
    print(f"tfs-notebook: {line}", file=sys.stderr)  # noqa: T201
