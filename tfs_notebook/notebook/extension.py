"""What ``%load_ext`` adds to IPython, and ``%unload_ext`` takes away again."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Final

from IPython.core.error import TryNext
from IPython.core.interactiveshell import InteractiveShell

from tfs_notebook.notebook.completion import completions
from tfs_notebook.notebook.magics import TfsMagics

__all__ = ["load", "unload"]

_MAGIC: Final = "%tfs"
_CELL_MAGIC: Final = "%%tfs"
_HOOK: Final = "complete_command"


def load(shell: InteractiveShell) -> None:
    """Add ``%tfs``, ``%%tfs`` and their completion. Idempotent."""
    _remove(shell)
    # Which also makes it known to %config.
    shell.register_magics(TfsMagics(shell))
    for key in (_MAGIC, _CELL_MAGIC):
        shell.set_hook(_HOOK, _complete, str_key=key)  # type: ignore[no-untyped-call]


def unload(shell: InteractiveShell) -> None:
    """Remove what :func:`load` added, and stop the kernel's own server. Idempotent."""
    _remove(shell)
    session = sys.modules.get("tfs_notebook.notebook.session")
    if session is not None:  # else nothing was served
        session.SESSION.stop_own()


def _remove(shell: InteractiveShell) -> None:
    # IPython has no calls for taking things away.
    shell.configurables[:] = [one for one in shell.configurables if not _is_ours(type(one))]
    registry = shell.magics_manager.registry
    for name in [name for name, one in registry.items() if _is_ours(type(one))]:
        del registry[name]
        for kind in ("line", "cell"):
            shell.magics_manager.magics[kind].pop(_MAGIC.lstrip("%"), None)
    dispatcher = shell.strdispatchers.get(_HOOK)
    if dispatcher is not None:
        for key in (_MAGIC, _CELL_MAGIC):
            dispatcher.strs.pop(key, None)


def _is_ours(kind: type) -> bool:
    # By name: the class is another one after the module was imported anew.
    return (kind.__module__, kind.__qualname__) == (TfsMagics.__module__, "TfsMagics")


def _complete(_shell: InteractiveShell, event: SimpleNamespace) -> list[str]:
    text: str = event.text_until_cursor
    found = completions(text.partition(_MAGIC)[2], event.symbol)
    if found is None:
        raise TryNext  # files, say
    return found
