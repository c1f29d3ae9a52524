"""Errors of a model server in a cell: the person's own lines and the message, not ours."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from tfs_notebook.wire.errors import ServingError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["shorten_tracebacks", "undo_short_tracebacks"]

_PACKAGE: Final = f"{Path(__file__).parents[1]}/"


def shorten_tracebacks(shell: InteractiveShell) -> None:
    """Have errors of this package shown without its own frames.

    What somebody else has arranged for errors stays.
    """
    if not shell.custom_exceptions:
        shell.set_custom_exc((ServingError,), _show)  # type: ignore[no-untyped-call]


def undo_short_tracebacks(shell: InteractiveShell) -> None:
    """Show all frames again."""
    # By name: the class is another one after the module was imported anew.
    if [one.__qualname__ for one in shell.custom_exceptions] == [ServingError.__qualname__]:
        shell.set_custom_exc((), None)  # type: ignore[no-untyped-call]


def _show(
    shell: Any,  # noqa: ANN401 - IPython passes its own
    kind: type[BaseException],
    error: BaseException,
    traceback: TracebackType | None,
    tb_offset: int | None = None,
) -> None:
    shell.showtraceback((kind, error, _without_ours(traceback)), tb_offset=tb_offset)
    # %debug looks at the whole of it.
    sys.last_traceback = traceback


def _without_ours(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback without the frames of this package at its end."""
    frames = []
    while traceback is not None:
        frames.append(traceback)
        traceback = traceback.tb_next
    while frames and frames[-1].tb_frame.f_code.co_filename.startswith(_PACKAGE):
        frames.pop()
    shortened = None
    for one in reversed(frames):
        shortened = TracebackType(shortened, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return shortened
