"""The verbs of ``%tfs``: what each takes, and how that is told."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NoReturn

from IPython.core.magic_arguments import MagicArgumentParser

__all__ = ["VERBS", "HelpText", "Verb", "overview"]

_VERSIONS_HELP: Final = (
    "latest (the default), latest:N for the N newest, all, or 1,2,… for these"
)


@dataclass(frozen=True, slots=True)
class HelpText:
    """A text to read, shown as it is."""

    text: str

    def __repr__(self) -> str:
        return self.text.rstrip()


class _Parser(MagicArgumentParser):
    # Options may not be shortened: the next release may have another that begins so.
    def __init__(self, verb: str, description: str) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            prog=f"%tfs {verb}",
            description=description,
            formatter_class=argparse.HelpFormatter,
        )
        self.allow_abbrev = False

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments.

        Raises:
            UsageError: with the message.
        """
        _, unknown, words = message.partition("unrecognized arguments: ")
        if unknown and not words.startswith("-"):
            message = f"{message}. A path with blanks in it has to be in quotes"
        super().error(message)  # type: ignore[no-untyped-call]
        raise AssertionError(message)  # for the types: the call above never returns


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb.

    Attributes:
        summary: what it does, in a line.
        add_arguments: adds what it takes to a parser.
        name: its own.
    """

    name: str
    summary: str
    add_arguments: Callable[[argparse.ArgumentParser], None]

    def parser(self) -> argparse.ArgumentParser:
        """Reads its arguments; raises UsageError for wrong ones."""
        parser = _Parser(self.name, self.summary)
        self.add_arguments(parser)
        return parser

    def options(self) -> list[str]:
        """Its options, for completion."""
        return [
            option
            for action in self.parser()._actions  # noqa: SLF001 - argparse tells nobody else
            for option in action.option_strings
        ]


def overview() -> HelpText:
    """All verbs with what they take."""
    lines = []
    for verb in VERBS.values():
        usage = " ".join(verb.parser().format_usage().removeprefix("usage:").split())
        lines.append(f"{usage}\n    {verb.summary}")
    return HelpText("\n".join(lines))


def _serve(parser: argparse.ArgumentParser) -> None:
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


def _name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="of the model")


def _optional_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="only this model")


def _load(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    _add_versions(parser)
    _add_timeout(parser)


def _rollback(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    parser.add_argument(
        "version",
        metavar="VERSION",
        nargs="?",
        type=_version,
        help="by default the one before what serves",
    )
    _add_timeout(parser)


def _labels(parser: argparse.ArgumentParser) -> None:
    _name(parser)
    parser.add_argument(
        "labels",
        nargs="+",
        metavar="LABEL=VERSION",
        type=_label_or_none,
        help="LABEL= without a version takes the label away",
    )


def _help(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "verb", metavar="VERB", nargs="?", choices=list(VERBS), help="one of them"
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


VERBS: Final[dict[str, Verb]] = {
    verb.name: verb
    for verb in (
        Verb("serve", "Serve a model, and wait until it answers.", _serve),
        Verb("status", "Show what is served.", _optional_name),
        Verb("stop", "Stop serving what this kernel serves, or one model.", _optional_name),
        Verb("load", "Serve a model of the models root, or load one again.", _load),
        Verb("unload", "Serve a model no longer.", _name),
        Verb("rollback", "Serve an earlier version.", _rollback),
        Verb("label", "Give versions labels, or take them away.", _labels),
        Verb("help", "Tell about the verbs, or about one.", _help),
    )
}
"""By name, in the order in which they are told."""
