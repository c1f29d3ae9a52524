"""``%tfs``: one magic, a verb for each thing to do."""

from __future__ import annotations

import shlex
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class
from traitlets import Float
from traitlets.config import Configurable

from tfs_notebook.notebook.verbs import VERBS
from tfs_notebook.wire.errors import ServingError

if TYPE_CHECKING:
    from tfs_notebook.notebook.actions import Result

__all__ = ["TfsMagics", "completions"]

_HELP: Final = frozenset({"-h", "--help"})
_TAKE_NAME: Final = frozenset({"stop", "unload", "rollback", "label", "status"})


@magics_class
class TfsMagics(Magics, Configurable):
    """``%tfs``; ``%config TfsMagics`` shows what can be set."""

    load_timeout = Float(
        600.0,
        min=0.0,
        help="How many seconds serve, load and rollback wait until a model answers.",
    ).tag(config=True)

    @line_magic
    def tfs(self, line: str) -> Result:
        """Serve models from this notebook.

        %tfs serve PATH [--name NAME]   serve a model
        %tfs status                     what is served, as a table
        %tfs stop [NAME]                stop serving what this kernel serves, or one model
        %tfs load NAME                  serve a model of the models root
        %tfs unload NAME                serve it no longer
        %tfs rollback NAME [VERSION]    serve an earlier version
        %tfs label NAME stable=3        give a version a label; stable= takes it away
        %tfs help [VERB]                more about one of them
        """
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise UsageError(f"%tfs: {error}: {line}") from None
        verb, *rest = words or ["help"]
        if _HELP.intersection(words):
            verb, rest = "help", [word for word in words[:1] if word in VERBS]
        if verb not in VERBS:
            raise UsageError(_unknown(verb))
        arguments = VERBS[verb].parser().parse_args(rest)
        chosen: float | None = getattr(arguments, "timeout", None)
        timeout = self.load_timeout if chosen is None else chosen
        from tfs_notebook.notebook.actions import (  # noqa: PLC0415 - %load_ext is quick so
            ACTIONS,
        )

        try:
            return ACTIONS[verb](arguments, timeout)
        except ServingError as error:
            # What went wrong is said in the message; a traceback would bury it.
            raise UsageError(error.message) from None


def _unknown(verb: str) -> str:
    text = f"%tfs has no {verb!r}; it has {', '.join(VERBS)}"
    nearest = get_close_matches(verb, VERBS, 1)
    return f"{text}. Did you mean {nearest[0]!r}?" if nearest else text


def completions(line: str, symbol: str) -> list[str] | None:
    """What may stand where the cursor is; None for what IPython completes itself.

    Args:
        line: what stands between ``%tfs`` and the cursor.
        symbol: the word the cursor is in, as far as it is written.
    """
    *words, written = [*line.split(), ""] if not line[-1:].strip() else line.split()
    if not words:
        return list(VERBS)
    verb = words[0]
    if verb not in VERBS:
        return []
    if written.startswith("-"):
        # IPython counts the dashes as part of the word, or does not, by the front end.
        options = VERBS[verb].options()
        return options if symbol.startswith("-") else [one.lstrip("-") for one in options]
    if verb == "help":
        return list(VERBS)
    if verb in _TAKE_NAME and len(words) == 1:
        from tfs_notebook.notebook.serving import model_names  # noqa: PLC0415

        return model_names()
    return None
