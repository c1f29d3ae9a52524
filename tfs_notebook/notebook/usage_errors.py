"""What went wrong in a verb of ``%tfs``, in one line with the right form."""

from __future__ import annotations

import json
import re
from argparse import Namespace
from collections.abc import Iterator
from shlex import quote
from typing import Final

from tfs_notebook.client.inputs import working_value
from tfs_notebook.client.unfit_input import UnfitInput
from tfs_notebook.wire.errors import ServingError
from tfs_notebook.wire.predict_sample import sample_inputs
from tfs_notebook.wire.request_snippets import leaf_count
from tfs_notebook.wire.signatures import Signature

__all__ = ["usage_line"]

_LONGEST: Final = 600
_MOST_LEAVES: Final = 16
_RAW: Final = {"text": '"some text"', "image": '"picture.png"'}
_NEW_LINE: Final = re.compile(r"[.;]?\s*\n\s*")


def usage_line(verb: str, arguments: Namespace, error: ServingError) -> str:
    """The line for a UsageError.

    For an input that does not fit: what is taken, what came, and a line that would work;
    ``%tfs show`` has all of it.

    Args:
        verb: of the magic.
        arguments: those of the verb.
        error: what came of them.
    """
    if not isinstance(error, UnfitInput):
        return _NEW_LINE.sub("; ", error.message)
    line = error.line if len(error.line) <= _LONGEST else f"{error.line[:_LONGEST]} …"
    told = f"%tfs show {quote(arguments.name)} tells all of it"
    if error.raw_kind is not None:
        return f"{line}. This would fit: {_line(verb, arguments, _RAW[error.raw_kind])}. {told}"
    fitting = _fitting(verb, arguments, error.signature)
    return f"{line}. This would fit: {fitting}. {told}" if fitting else f"{line}. {told}"


def _fitting(verb: str, arguments: Namespace, signature: Signature) -> str:
    literal = working_value(signature)
    if literal is None:
        return ""
    values = sample_inputs(signature)
    needed = {
        alias: values[alias] for alias in signature.inputs if alias not in signature.defaults
    }
    before, value = f"x = {literal}; ", "x"
    if sum(map(leaf_count, needed.values())) <= _MOST_LEAVES:
        chosen = next(iter(needed.values())) if len(needed) == 1 else needed
        before, value = "", json.dumps(chosen)
    return before + _line(verb, arguments, value)


def _line(verb: str, arguments: Namespace, value: str) -> str:
    words = ["%tfs", verb, quote(arguments.name), *_choices(arguments)]
    # The value of predict is no word, and is written as it is.
    words += [value] if verb == "predict" else ["--input", quote(value)]
    return " ".join(words)


def _choices(arguments: Namespace) -> Iterator[str]:
    for name in ("kind", "first", "second"):
        if hasattr(arguments, name):
            yield quote(getattr(arguments, name))
    for name in ("version", "label", "signature"):
        if chosen := getattr(arguments, name, None):
            yield f"--{name} {quote(str(chosen))}"
