"""What Tab offers after ``%tfs``."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tfs_notebook.notebook.verbs import VERBS, Verb

__all__ = ["Offer", "completions"]

_SECONDS: Final = 2.0
_MANY: Final = ("*", "+")
_MODEL: Final = "MODEL"
_VARIABLES: Final = ("VALUE", "VARIABLE", _MODEL)
# What a shell takes for something else, and IPython.
_SPECIAL: Final = frozenset(" \t\n'\"\\{}$#;")


@dataclass(frozen=True, slots=True)
class Offer:
    """What Tab offers.

    Attributes:
        written: what stands before the cursor already, and is replaced.
        texts: what may stand there.
        is_all: whether that is all there may be; else there may be files.
    """

    written: str
    texts: list[str]
    is_all: bool = True


def completions(line: str, variables: Callable[[], Iterable[str]]) -> Offer | None:
    """What may stand where the cursor is; None for what IPython completes itself.

    Args:
        line: what stands between ``%tfs`` and the cursor, from the blank on.
        variables: tells the names of the notebook's.
    """
    words, written = _split(line)
    if not words:
        return _offer(list(VERBS), written)
    if words[0] not in VERBS:
        return Offer(written, [])
    verb = VERBS[words[0]]
    options = verb.options()
    option, equals, value = written.partition("=")
    if equals and option in options:
        written = value
        action: argparse.Action | None = options[option]
        _, name = _expected(verb, words[1:])
    elif written.startswith("-"):
        return Offer(written, [one for one in options if one.startswith(written)])
    else:
        action, name = _expected(verb, words[1:])
    if action is None:
        return None
    if action.metavar in _VARIABLES:
        return _offer(variables(), written, is_all=action.metavar != _MODEL)
    values = _values(action, name, written)
    return None if values is None else _offer(values, written)


def _offer(texts: Iterable[str], written: str, *, is_all: bool = True) -> Offer:
    quote = written[:1] if written[:1] in ("'", '"') else ""
    start = written.removeprefix(quote)
    fitting = [_quoted(text, quote) for text in texts if text.startswith(start)]
    return Offer(written, fitting, is_all)


def _quoted(text: str, quote: str) -> str:
    """As a word of the line; in the quotation marks that stand there, if there are some."""
    if quote and quote not in text:
        return quote + text + quote
    if not set(text) & _SPECIAL and not text.startswith("-"):
        return text
    return f'"{text}"' if not set(text) & set('"\\') else shlex.quote(text)


def _split(line: str) -> tuple[list[str], str]:
    """The words before the one the cursor is in, and that one as it is written."""
    start, quote = len(line), ""
    for place, one in enumerate(line):
        if quote:
            quote = "" if one == quote else quote
        elif one.isspace():
            start = len(line)
        else:
            start = min(start, place)
            quote = one if one in "'\"" else ""
    before = line[:start]
    try:
        return shlex.split(before), line[start:]
    except ValueError:  # a value with quotation marks of its own
        return before.split(), line[start:]


def _expected(verb: Verb, words: Sequence[str]) -> tuple[argparse.Action | None, str]:
    """What the next word is for, and the model that was named before."""
    options = verb.options()
    actions = verb.parser()._actions  # noqa: SLF001 - argparse tells nobody else
    positionals = [action for action in actions if not action.option_strings]
    pending: argparse.Action | None = None
    given: list[str] = []
    for word in words:
        if word in options:
            pending = options[word] if options[word].nargs != 0 else None
        elif word.partition("=")[0] in options:
            pending = None
        elif pending is not None:
            pending = pending if pending.nargs in _MANY else None
        else:
            given.append(word)
    name = given[0] if given else ""
    if pending is not None:
        return pending, name
    if len(given) < len(positionals):
        return positionals[len(given)], name
    last = positionals[-1] if positionals else None
    return (last if last is not None and last.nargs in _MANY else None), name


def _values(action: argparse.Action, name: str, written: str) -> list[str] | None:
    if action.choices is not None:
        return list(map(str, action.choices))
    kind = action.metavar
    if kind == "NAME":
        from tfs_notebook.notebook.serving import model_names  # noqa: PLC0415 - %load_ext is quick so

        return model_names()
    if kind == "VERSION":
        return _versions_and_labels(name)[0]
    if kind == "LABEL":
        return _versions_and_labels(name)[1]
    if kind == "VERSION|LABEL":
        versions, labels = _versions_and_labels(name)
        return versions + labels
    if kind == "LABEL=VERSION":
        versions, labels = _versions_and_labels(name)
        new, equals, _ = written.partition("=")
        known = dict.fromkeys([*labels, new.lstrip("'\"")] if equals else labels)
        return [f"{label}={version}" for label in known for version in versions]
    if kind == "WHICH":
        return ["latest", "all"]
    return _signatures(name) if kind == "SIGNATURE" else None


def _versions_and_labels(name: str) -> tuple[list[str], list[str]]:
    from tfs_notebook.notebook.session import SESSION  # noqa: PLC0415
    from tfs_notebook.wire.errors import ServingError  # noqa: PLC0415

    try:
        server = SESSION.find(patience=0)
        models = [] if server is None else SESSION.control(server).models(timeout=_SECONDS)
    except ServingError:
        return [], []
    for model in models:
        if model.name == name:
            return list(map(str, model.available)), sorted(model.labels)
    return [], []


def _signatures(name: str) -> list[str]:
    from tfs_notebook.notebook.session import SESSION  # noqa: PLC0415
    from tfs_notebook.wire.errors import ServingError  # noqa: PLC0415

    try:
        server = SESSION.find(patience=0)
        if server is None:
            return []
        handle = SESSION.client(server)[name]
        return list(handle.metadata(timeout=_SECONDS, wait=0).signatures)
    except ServingError:
        return []
