"""What Tab offers after ``%tfs``."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from typing import Final

from tfs_notebook.notebook.verbs import VERBS

__all__ = ["completions"]

_SECONDS: Final = 2.0
_MANY: Final = ("*", "+")


def completions(line: str, symbol: str) -> list[str] | None:
    """What may stand where the cursor is; None for what IPython completes itself.

    Args:
        line: what stands between ``%tfs`` and the cursor.
        symbol: the word the cursor is in, as far as it is written.
    """
    *words, written = [*_split(line), ""] if not line[-1:].strip() else _split(line)
    if not words:
        return list(VERBS)
    verb = words[0]
    if verb not in VERBS:
        return []
    if written.startswith("-"):
        # IPython counts the dashes as part of the word, or does not, by the front end.
        options = VERBS[verb].options()
        return options if symbol.startswith("-") else [one.lstrip("-") for one in options]
    parser = VERBS[verb].parser()
    action, name = _expected(parser, words[1:])
    return None if action is None else _values(action, name)


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:  # a quotation that is not closed yet
        return line.split()


def _expected(
    parser: argparse.ArgumentParser, words: Sequence[str]
) -> tuple[argparse.Action | None, str]:
    """What the next word is for, and the model that was named before."""
    actions = parser._actions  # noqa: SLF001 - argparse tells nobody else
    options = {text: action for action in actions for text in action.option_strings}
    positionals = [action for action in actions if not action.option_strings]
    pending: argparse.Action | None = None
    given: list[str] = []
    for word in words:
        if word in options:
            pending = options[word] if options[word].nargs != 0 else None
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


def _values(action: argparse.Action, name: str) -> list[str] | None:
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
        return [f"{label}={version}" for label in labels for version in versions]
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
