"""``%tfs``: one magic, a verb for each thing to do."""

from __future__ import annotations

import shlex
from argparse import Namespace
from collections import ChainMap
from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from typing import Any, Final

from IPython.core.error import UsageError
from IPython.core.magic import (
    Magics,
    line_cell_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)
from IPython.utils.text import DollarFormatter
from traitlets import Float
from traitlets.config import Configurable

from tfs_notebook.notebook.typed_input import predict_words
from tfs_notebook.notebook.verbs import VERBS
from tfs_notebook.wire.errors import ServingError

__all__ = ["TfsMagics"]

_HELP: Final = frozenset({"-h", "--help"})
_WITH_CELL: Final = ("predict", "compare", "bench", "snippet", "help")


@magics_class
class TfsMagics(Magics, Configurable):
    """``%tfs``; ``%config TfsMagics`` shows what can be set."""

    load_timeout = Float(
        600.0,
        min=0.0,
        help="How many seconds serve, load and rollback wait until a model answers.",
    ).tag(config=True)

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def tfs(
        self, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None
    ) -> object:
        """Serve models from this notebook.

        %tfs serve PATH [--name NAME]   serve a model
        %tfs status                     what is served, as a table
        %tfs models                     the models, and what they take and give
        %tfs show NAME                  all there is to know of one
        %tfs predict NAME VALUE         run it on a variable, JSON or a Python literal
        %%tfs predict NAME              or on the cell: JSON, Python, CSV, or a text a line
        %tfs stats [NAME]               what was asked of the models
        %tfs bench NAME                 throughput and latency
        %tfs compare NAME 1 2 --input x two versions on the same input, or on a --log
                                        (%%tfs compare, bench and snippet take a cell, too)
        %tfs snippet NAME [LANGUAGE]    client code that runs as it is
        %tfs stop [NAME]                stop serving what this kernel serves, or one model
        %tfs load NAME                  serve a model of the models root
        %tfs unload NAME                serve it no longer
        %tfs rollback NAME [VERSION]    serve an earlier version
        %tfs label NAME stable=3        give a version a label; stable= takes it away
        %tfs traffic NAME stable=95 gray=5    who answers, by weights; --shadow 2 for copies
        %tfs rollout NAME 2             bring a version in step by step
        %tfs export MODEL PATH          write a model as the next version
        %tfs dashboard [NAME]           watch the models, and change them
        %tfs logs [-n N]                what the model server has written
        %tfs console [NAME]             try models out, in a form for what they take
        %tfs doctor                     what is wrong with the installation
        %tfs help [VERB]                more about one of them

        A semicolon at the end of the line shows nothing.
        """
        line = line.strip()
        # As in Python cells; IPython's own way reads the line as Python, which this is not.
        is_silent = line.endswith(";")
        names = ChainMap(dict(local_ns or {}), self._shell_names())
        verb, _, rest = line.removesuffix(";").rstrip().partition(" ")
        if not verb or verb in _HELP:
            verb, rest = "help", ""
        if verb not in VERBS:
            raise UsageError(_unknown(verb))
        verb, arguments = _arguments(verb, rest, names)
        if cell is not None and verb not in _WITH_CELL:
            raise UsageError(
                f"%%tfs {verb} takes no cell; it goes: %tfs {verb}. What takes one is %%tfs "
                "predict NAME, and compare, bench and snippet"
            )
        arguments.cell = cell
        try:
            result = self._done(verb, arguments, names)
        except ServingError as error:
            from tfs_notebook.notebook.usage_errors import (  # noqa: PLC0415 - %load_ext is quick so
                usage_line,
            )

            # What went wrong is said in the message; a traceback would bury it.
            raise UsageError(usage_line(verb, arguments, error)) from None
        return None if is_silent else result

    def _done(self, verb: str, arguments: Namespace, names: Mapping[str, Any]) -> object:
        from tfs_notebook.notebook.actions import (  # noqa: PLC0415 - %load_ext is quick so
            ACTIONS,
        )

        if verb in ACTIONS:
            chosen: float | None = getattr(arguments, "timeout", None)
            return ACTIONS[verb](arguments, self.load_timeout if chosen is None else chosen)
        from tfs_notebook.notebook.model_actions import (  # noqa: PLC0415
            MODEL_ACTIONS,
        )

        return MODEL_ACTIONS[verb](arguments, names)

    def _shell_names(self) -> dict[str, Any]:
        names: dict[str, Any] = {} if self.shell is None else self.shell.user_ns
        return names


def _arguments(verb: str, rest: str, names: Mapping[str, Any]) -> tuple[str, Namespace]:
    value = None
    if verb == "predict":
        # Braces and dollars are JSON here.
        rest, value = predict_words(rest)
    else:
        rest = _expanded(rest, names)
    try:
        words = shlex.split(rest)
    except ValueError as error:
        raise UsageError(f"%tfs: {error}: {verb} {rest}") from None
    if _HELP.intersection(words):
        verb, words = "help", [verb]
    arguments = VERBS[verb].parser().parse_args(words)
    if value is not None:
        arguments.value = value
    return verb, arguments


def _expanded(line: str, names: Mapping[str, Any]) -> str:
    """The line as IPython gives it to other magics, with ``{x}`` and ``$x`` filled in."""
    with suppress(Exception):  # as IPython has it: what is no name stays as it is
        return str(DollarFormatter().vformat(line, (), names))
    return line


def _unknown(verb: str) -> str:
    text = f"%tfs has no {verb!r}; it has {', '.join(VERBS)}"
    nearest = get_close_matches(verb, VERBS, 1)
    return f"{text}. Did you mean {nearest[0]!r}?" if nearest else text
