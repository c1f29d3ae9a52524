"""What each verb of ``%tfs`` takes."""

from __future__ import annotations

import argparse
from typing import Final

__all__ = [
    "FORMS",
    "KINDS",
    "bench_arguments",
    "compare_arguments",
    "console_arguments",
    "dashboard_arguments",
    "export_arguments",
    "labels_arguments",
    "load_arguments",
    "log_arguments",
    "name_arguments",
    "no_arguments",
    "optional_name_arguments",
    "pin_arguments",
    "predict_arguments",
    "rollback_arguments",
    "serve_arguments",
    "snippet_arguments",
    "unpin_arguments",
]

FORMS: Final = ("json", "python", "csv", "text")
"""What a cell may have in it."""
KINDS: Final = ("curl", "python", "grpc", "javascript")
"""The languages of snippets."""

_VERSIONS_HELP: Final = (
    "latest (the default), latest:N for the N newest, all, or 1,2,… for these"
)


def serve_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``serve``."""
    parser.add_argument(
        "path",
        metavar="PATH",
        help="directory with versions (1, 2, …), or with saved_model.pb right inside; or a URL",
    )
    parser.add_argument(
        "--name", help="what to call it; by default what its directory is called"
    )
    _add_versions(parser)
    parser.add_argument(
        "--label",
        metavar="LABEL=VERSION",
        type=_label,
        action="append",
        help="give a version a label; may be repeated",
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help="take the name although another kernel serves something else by it",
    )
    _add_timeout(parser)


def name_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``name``."""
    parser.add_argument("name", metavar="NAME", help="of the model")


def optional_name_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``optional_name``."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="only this model")


def load_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``load``."""
    name_arguments(parser)
    _add_versions(parser)
    _add_timeout(parser)


def rollback_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``rollback``."""
    name_arguments(parser)
    parser.add_argument(
        "version",
        metavar="VERSION",
        nargs="?",
        type=_version,
        help="by default the one before what serves",
    )
    _add_timeout(parser)


def pin_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``pin``."""
    name_arguments(parser)
    parser.add_argument(
        "pinned",
        metavar="VERSION",
        nargs="*",
        type=_version,
        help="by default those that it serves",
    )
    _add_timeout(parser)


def unpin_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``unpin``."""
    name_arguments(parser)
    _add_timeout(parser)


def labels_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``labels``."""
    name_arguments(parser)
    parser.add_argument(
        "labels",
        nargs="+",
        metavar="LABEL=VERSION",
        type=_label_or_none,
        help="LABEL= without a version takes the label away",
    )


def _add_versions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--versions", metavar="WHICH", type=_policy, help=_VERSIONS_HELP)


def _add_timeout(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="how long to wait until it answers"
    )


def _version(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"a version is a number, not {text!r}")
    return int(text)


def _policy(text: str) -> str | list[int]:
    if text in ("latest", "all") or text.startswith("latest:"):
        return text
    if not all(one.strip().isdecimal() for one in text.split(",")):
        raise argparse.ArgumentTypeError(f"{text!r} is none of: {_VERSIONS_HELP}")
    return [int(one) for one in text.split(",")]


def _label_or_none(text: str) -> tuple[str, int | None]:
    name, equals, version = text.partition("=")
    if not name or not equals or (version and not version.isdecimal()):
        raise argparse.ArgumentTypeError(f"expected LABEL=VERSION, got {text!r}")
    return name, int(version) if version else None


def _label(text: str) -> tuple[str, int]:
    name, version = _label_or_none(text)
    if version is None:
        raise argparse.ArgumentTypeError(f"expected LABEL=VERSION, got {text!r}")
    return name, version


def predict_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``predict``, but for the value, which is no word: see :mod:`typed_input`."""
    name_arguments(parser)
    parser.add_argument(
        "value",
        metavar="VALUE",
        nargs="?",
        help="a variable of the notebook, JSON, or a Python literal; or the cell of %%%%tfs",
    )
    _add_choice(parser)
    _add_signature(parser)
    parser.add_argument(
        "--as",
        dest="form",
        choices=FORMS,
        help="what a cell has in it; by default as it looks",
    )


def log_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``logs``."""
    parser.add_argument(
        "-n", "--lines", metavar="N", type=_count, default=50, help="how many lines (50)"
    )


def export_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``export``."""
    parser.add_argument(
        "model", metavar="MODEL", help="a variable that holds a model; or the file of one"
    )
    parser.add_argument("path", metavar="PATH", help="directory that is to hold the versions")
    parser.add_argument("--example", metavar="VARIABLE", help="that holds a batch of inputs")
    parser.add_argument(
        "--version", dest="number", metavar="N", type=_version, help="by default the next one"
    )
    parser.add_argument("--labels", metavar="A,B,…", help="names of the classes")
    parser.add_argument("--pipeline", metavar="FILE", help="or a variable that holds one")
    parser.add_argument("--tolerance", type=float, help="how far numbers may be off")
    parser.add_argument(
        "--overwrite", action="store_true", help="take the place of a version that is there"
    )


def snippet_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``snippet``."""
    name_arguments(parser)
    parser.add_argument(
        "kind", nargs="?", default="curl", choices=KINDS, help="which language (curl)"
    )
    _add_input(parser)
    _add_choice(parser)
    _add_signature(parser)


def compare_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``compare``."""
    name_arguments(parser)
    for one in ("first", "second"):
        parser.add_argument(one, metavar="VERSION|LABEL", help=f"the {one} of the two")
    asked = parser.add_mutually_exclusive_group()
    _add_input(asked)
    asked.add_argument(
        "--log",
        metavar="FILE",
        nargs="+",
        help="recorded requests: files, patterns, or a variable with their names",
    )
    parser.add_argument("--rtol", type=float, default=1e-5, help="relative tolerance (1e-5)")
    parser.add_argument("--atol", type=float, default=1e-8, help="absolute tolerance (1e-8)")
    _add_signature(parser)


def bench_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``bench``."""
    name_arguments(parser)
    parser.add_argument(
        "--concurrency",
        metavar="1,2,…",
        type=_levels,
        default=(1, 2, 4, 8, 16),
        help="how many requests at a time (1,2,4,8,16)",
    )
    parser.add_argument(
        "--seconds", type=float, default=3.0, help="for each of these numbers (3)"
    )
    parser.add_argument("--title", default="", help="what to call it in tables and plots")
    _add_input(parser)
    _add_choice(parser)
    _add_signature(parser)


def dashboard_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``dashboard``."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="look at it first")
    parser.add_argument(
        "--server",
        metavar="WHICH",
        help="jupyter, kernel, a variable that holds a client, or an address",
    )
    parser.add_argument("--language", help="en or zh_CN; by default the environment's")


def console_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``console``."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="the model it begins with")
    _add_choice(parser)
    parser.add_argument(
        "--server", metavar="ADDRESS", help="another server: localhost:8500, http://…"
    )
    parser.add_argument(
        "--language", choices=("en", "zh_CN"), help="by default that of the environment"
    )


def no_arguments(parser: argparse.ArgumentParser) -> None:
    """Of a verb that takes none."""


def _add_choice(parser: argparse.ArgumentParser) -> None:
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--version", metavar="VERSION", type=_version, help="which one")
    choice.add_argument("--label", metavar="LABEL", help="or the one with this label")


def _add_signature(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--signature", metavar="SIGNATURE", default="", help="by default serving_default"
    )


def _add_input(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--input",
        metavar="VARIABLE",
        help="that holds the input; or JSON in quotes; or the cell of %%%%tfs",
    )


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"a number of lines is expected, not {text!r}")
    return int(text)


def _levels(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    if not all(one.isdecimal() for one in parts):
        raise argparse.ArgumentTypeError(f"numbers are expected, as 1,2,4, not {text!r}")
    return tuple(map(int, parts))
