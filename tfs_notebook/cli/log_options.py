"""The arguments of ``tfs-notebook log …``, and its output."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from typing import Final, NoReturn

__all__ = ["CommandError", "parse_log_arguments", "print_json", "print_text", "tell"]

_DESCRIPTION: Final = """\
Look at what a model server has logged of its requests (logging_config), make a warm-up
file of it, send it to a server again, or see in what two versions answer differently.
The files are TFRecord files of PredictionLog; warm-up files are read as well.
"""


class CommandError(Exception):
    """The command cannot be carried out; the text says why."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise CommandError(f"{message}; see {self.prog} --help")


def parse_log_arguments(arguments: list[str]) -> argparse.Namespace:
    """What ``tfs-notebook log`` is told.

    Raises:
        CommandError: it cannot be used.
        SystemExit: help was asked for, and printed.
    """
    return _parser().parse_args(arguments)


def _parser() -> _Parser:
    parser = _Parser(prog="tfs-notebook log", description=_DESCRIPTION, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    show = _command(commands, "show", "count the records by model, version and signature")
    show.add_argument("--json", action="store_true", help="print JSON, for programs")
    _warmup(_command(commands, "warmup", "make a file of warm-up requests"))
    _replay(_command(commands, "replay", "send the requests to a server once more"))
    _diff(_command(commands, "diff", "compare what two versions answer to the requests"))
    return parser


def _command(
    commands: argparse._SubParsersAction[_Parser], name: str, text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
    parser.add_argument("files", metavar="FILE", nargs="+", help="a log file")
    return parser


def _warmup(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", metavar="PATH", help="the file to write")
    where.add_argument(
        "--model-dir",
        metavar="DIR/VERSION",
        help="write assets.extra/tf_serving_warmup_requests of this version",
    )
    parser.add_argument(
        "--records", metavar="N", type=_count, default=100, help="how many at most (100)"
    )
    parser.add_argument("--signature", metavar="NAME", help="requests of this signature only")
    parser.add_argument("--model", metavar="NAME", help="requests of this model only")
    parser.add_argument(
        "--distinct", action="store_true", help="one request of each signature and shape only"
    )
    parser.add_argument("--force", action="store_true", help="replace a file that is there")


def _server(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to", metavar="HOST:PORT", required=True, help="gRPC address of a model server"
    )
    parser.add_argument(
        "--token-file", metavar="FILE", help="with the token that gRPC asks for"
    )
    parser.add_argument("--model", metavar="NAME", help="ask this model, whatever was recorded")
    parser.add_argument(
        "--timeout",
        metavar="S",
        type=_positive,
        default=60.0,
        help="seconds a request may take",
    )
    parser.add_argument(
        "--concurrency", metavar="N", type=_count, default=8, help="requests at once (8)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")


def _replay(parser: argparse.ArgumentParser) -> None:
    _server(parser)
    version = parser.add_mutually_exclusive_group()
    version.add_argument("--version", metavar="N", type=_version, help="ask this version")
    version.add_argument("--label", metavar="L", help="ask the version with this label")
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument("--rate", metavar="N", type=_positive, help="requests to begin a second")
    pace.add_argument(
        "--as-recorded",
        action="store_true",
        help="begin them when they were, one after the other",
    )


def _diff(parser: argparse.ArgumentParser) -> None:
    _server(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--versions", metavar="A,B", type=_two_versions, help="compare these two"
    )
    which.add_argument("--labels", metavar="A,B", type=_two, help="compare those so labelled")
    which.add_argument(
        "--against",
        choices=["recorded"],
        help="compare with what was answered then, by --version, --label or the newest",
    )
    now = parser.add_mutually_exclusive_group()
    now.add_argument("--version", metavar="N", type=_version, help="see --against")
    now.add_argument("--label", metavar="L", help="see --against")
    parser.add_argument(
        "--rtol", metavar="X", type=_tolerance, default=1e-5, help="relative tolerance (1e-05)"
    )
    parser.add_argument(
        "--atol", metavar="X", type=_tolerance, default=1e-6, help="absolute tolerance (1e-06)"
    )
    parser.add_argument(
        "--show", metavar="N", type=_tally, default=5, help="differing records to show (5)"
    )


def _count(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


def _tally(text: str) -> int:
    if (number := int(text)) < 0:
        raise ValueError(text)
    return number


def _version(text: str) -> int:
    if not 0 <= (number := int(text)) < 2**63:
        raise ValueError(text)
    return number


def _positive(text: str) -> float:
    if not 0 < (number := float(text)) < float("inf"):
        raise ValueError(text)
    return number


def _tolerance(text: str) -> float:
    if not 0 <= (number := float(text)) < float("inf"):
        raise ValueError(text)
    return number


def _two(text: str) -> tuple[str, str]:
    first, comma, second = text.partition(",")
    if not (first and comma and second) or "," in second:
        raise ValueError(text)
    return first, second


def _two_versions(text: str) -> tuple[int, int]:
    first, second = _two(text)
    return _version(first), _version(second)


def print_json(document: object) -> None:
    """The command's answer, for programs."""
    print_text(json.dumps(document, indent=2))


def print_text(text: str) -> None:
    """The command's answer; names in it may be of any script, and the reader may leave."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        print(text, flush=True)  # noqa: T201 - a command's own output
    except BrokenPipeError:
        # What is still in the buffer has to go somewhere when the process flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(text: str) -> None:
    """Say on stderr what nobody asked for, and should know."""
    print(f"tfs-notebook: {text}", file=sys.stderr)  # noqa: T201
