"""The verbs of ``%tfs``: what each takes, and how that is told."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NoReturn

from IPython.core.magic_arguments import MagicArgumentParser

from tfs_notebook.notebook.traffic_verbs import rollout_arguments, traffic_arguments
from tfs_notebook.notebook.verb_arguments import (
    bench_arguments,
    compare_arguments,
    console_arguments,
    dashboard_arguments,
    export_arguments,
    labels_arguments,
    load_arguments,
    log_arguments,
    name_arguments,
    no_arguments,
    optional_name_arguments,
    pin_arguments,
    predict_arguments,
    rollback_arguments,
    serve_arguments,
    snippet_arguments,
    unpin_arguments,
)

__all__ = ["VERBS", "HelpText", "Verb", "overview"]


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
        usage = " ".join(self.format_usage().removeprefix("usage:").split())
        super().error(f"{message}. It goes: {usage}")  # type: ignore[no-untyped-call]
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

    def options(self) -> dict[str, argparse.Action]:
        """Its options by how they are written, for completion."""
        actions = self.parser()._actions  # noqa: SLF001 - argparse tells nobody else
        return {text: action for action in actions for text in action.option_strings}


def overview() -> HelpText:
    """All verbs with what they take."""
    lines = []
    for verb in VERBS.values():
        usage = " ".join(verb.parser().format_usage().removeprefix("usage:").split())
        lines.append(f"{usage}\n    {verb.summary}")
    return HelpText("\n".join(lines))


def _help(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "verb", metavar="VERB", nargs="?", choices=list(VERBS), help="one of them"
    )


VERBS: Final[dict[str, Verb]] = {
    verb.name: verb
    for verb in (
        Verb("serve", "Serve a model, and wait until it answers.", serve_arguments),
        Verb("status", "Show what is served.", optional_name_arguments),
        Verb("models", "Show the models, and what they take and give.", no_arguments),
        Verb("show", "Show all there is to know of a model.", name_arguments),
        Verb("predict", "Run a model.", predict_arguments),
        Verb("stats", "Show what was asked of the models, or of one.", optional_name_arguments),
        Verb("bench", "Measure throughput and latency.", bench_arguments),
        Verb("compare", "Have two versions answer the same.", compare_arguments),
        Verb("snippet", "Write client code for a model.", snippet_arguments),
        Verb(
            "stop",
            "Stop serving what this kernel serves, or one model.",
            optional_name_arguments,
        ),
        Verb("load", "Serve a model of the models root, or load one again.", load_arguments),
        Verb("unload", "Serve a model no longer.", name_arguments),
        Verb("rollback", "Serve an earlier version.", rollback_arguments),
        Verb("label", "Give versions labels, or take them away.", labels_arguments),
        Verb("pin", "Hold a model to versions, whatever newer ones come.", pin_arguments),
        Verb("unpin", "Let a model follow its newer versions again.", unpin_arguments),
        Verb("traffic", "Send requests to versions by weights, or copies.", traffic_arguments),
        Verb("rollout", "Bring a version in step by step.", rollout_arguments),
        Verb("export", "Write a model as the next version.", export_arguments),
        Verb("logs", "Show what the model server has written.", log_arguments),
        Verb("doctor", "Look for what is wrong with the installation.", no_arguments),
        Verb("dashboard", "Watch the models, and change them.", dashboard_arguments),
        Verb("console", "Try models out, in a form for what they take.", console_arguments),
        Verb("help", "Tell about the verbs, or about one.", _help),
    )
}
"""By name, in the order in which they are told."""
