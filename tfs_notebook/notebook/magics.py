"""``%tfs``: one magic, a verb for each thing to do."""

from __future__ import annotations

import shlex
from argparse import Namespace
from typing import Final

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class
from traitlets import Float
from traitlets.config import Configurable

from tfs_notebook.client.model_handle import ModelHandle
from tfs_notebook.notebook import serving
from tfs_notebook.notebook.status_table import StatusTable
from tfs_notebook.notebook.verbs import VERBS, HelpText, overview
from tfs_notebook.wire.errors import ServingError

__all__ = ["TfsMagics", "completions"]

Result = ModelHandle | StatusTable | HelpText

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
        if verb not in VERBS:
            raise UsageError(f"%tfs has no {verb!r}; it has {', '.join(VERBS)}")
        arguments = VERBS[verb].parser().parse_args(rest)
        try:
            result: Result = getattr(self, f"_{verb}")(arguments)
        except ServingError as error:
            # What went wrong is said in the message; a traceback would bury it.
            raise UsageError(error.message) from None
        return result

    def _serve(self, arguments: Namespace) -> ModelHandle:
        path: str = arguments.path
        return serving.serve(
            path,
            arguments.name,
            version_policy=arguments.versions,
            labels=dict(arguments.label) if arguments.label else None,
            replace=arguments.replace,
            timeout=self._timeout(arguments),
        )

    def _status(self, arguments: Namespace) -> StatusTable:
        return serving.status(arguments.name)

    def _stop(self, arguments: Namespace) -> StatusTable:
        serving.stop(arguments.name)
        return serving.status()

    def _load(self, arguments: Namespace) -> ModelHandle:
        return serving.load(
            arguments.name,
            version_policy=arguments.versions,
            timeout=self._timeout(arguments),
        )

    def _unload(self, arguments: Namespace) -> StatusTable:
        serving.unload(arguments.name)
        return serving.status()

    def _rollback(self, arguments: Namespace) -> StatusTable:
        serving.rollback(arguments.name, arguments.version, timeout=self._timeout(arguments))
        return serving.status(arguments.name)

    def _label(self, arguments: Namespace) -> StatusTable:
        serving.label(arguments.name, dict(arguments.labels))
        return serving.status(arguments.name)

    def _help(self, arguments: Namespace) -> HelpText:
        if arguments.verb is None:
            return overview()
        return HelpText(VERBS[arguments.verb].parser().format_help())

    def _timeout(self, arguments: Namespace) -> float:
        chosen: float | None = arguments.timeout
        return self.load_timeout if chosen is None else chosen


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
        return serving.model_names()
    return None
