"""What ``%load_ext`` adds to IPython, and ``%unload_ext`` takes away again."""

from __future__ import annotations

import re
import sys
from functools import partial
from types import ModuleType
from typing import Any, Final

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher
from IPython.core.interactiveshell import InteractiveShell

from tfs_notebook.notebook.completion import completions
from tfs_notebook.notebook.magics import TfsMagics
from tfs_notebook.notebook.short_tracebacks import shorten_tracebacks, undo_short_tracebacks

__all__ = ["load", "unload"]

_MAGIC: Final = "tfs"
_MATCHER: Final = "tfs_notebook"
# Above that of IPython's own, Jedi's too, which need not be asked then.
_PRIORITY: Final = 1000.0
_LINE: Final = re.compile(r"\s*(?:[^%=]+=\s*)?%%?tfs(?P<line>\s.*)$", re.DOTALL)


def load(shell: InteractiveShell) -> None:
    """Add ``%tfs``, ``%%tfs``, their completion, and short tracebacks. Idempotent."""
    _remove(shell)
    shorten_tracebacks(shell)
    # Which also makes it known to %config.
    shell.register_magics(TfsMagics(shell))
    if shell.Completer is not None:
        shell.Completer.custom_matchers.append(_matcher(shell))


def unload(shell: InteractiveShell) -> None:
    """Remove what :func:`load` added, and stop the kernel's own server. Idempotent.

    What widgets show stays as plain HTML.
    """
    _remove(shell)
    widgets = sys.modules.get("tfs_notebook.notebook.widgets.shown_widgets")
    if widgets is not None:
        widgets.SHOWN.close_all()
    session = sys.modules.get("tfs_notebook.notebook.session")
    if session is not None:  # else nothing was served
        session.SESSION.stop_own()


def _remove(shell: InteractiveShell) -> None:
    undo_short_tracebacks(shell)
    # IPython has no calls for taking things away.
    shell.configurables[:] = [one for one in shell.configurables if not _is_ours(type(one))]
    registry = shell.magics_manager.registry
    for name in [name for name, one in registry.items() if _is_ours(type(one))]:
        del registry[name]
        for kind in ("line", "cell"):
            shell.magics_manager.magics[kind].pop(_MAGIC, None)
    if shell.Completer is not None:
        shell.Completer.custom_matchers[:] = [
            one for one in shell.Completer.custom_matchers if _identifier(one) != _MATCHER
        ]


def _is_ours(kind: type) -> bool:
    # By name: the class is another one after the module was imported anew.
    return (kind.__module__, kind.__qualname__) == (TfsMagics.__module__, "TfsMagics")


def _identifier(matcher: object) -> object:
    return getattr(matcher, "matcher_identifier", None)


def _matcher(shell: InteractiveShell) -> Any:  # noqa: ANN401 - IPython's protocol for them is private
    # A hook for the command would come after what IPython takes for Python, and would know
    # of words alone: not of stable=, of names with blanks, or of x = %tfs …
    @context_matcher(identifier=_MATCHER, priority=_PRIORITY)  # type: ignore[untyped-decorator]
    def match(context: CompletionContext) -> dict[str, Any]:
        found = _LINE.match(context.text_until_cursor)
        offer = None if found is None else completions(found["line"], partial(_names, shell))
        if offer is None or not offer.texts:
            return {"completions": [], "suppress": False}
        return {
            "completions": [SimpleCompletion(text) for text in offer.texts],
            "matched_fragment": offer.written,
            "ordered": True,
            "suppress": offer.is_all,
        }

    return match


def _names(shell: InteractiveShell) -> list[str]:
    hidden = shell.user_ns_hidden
    return sorted(
        name
        for name, value in shell.user_ns.items()
        if not name.startswith("_") and name not in hidden and not isinstance(value, ModuleType)
    )
