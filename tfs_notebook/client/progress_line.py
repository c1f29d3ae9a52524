"""A line that is replaced while something is waited for, where somebody can see it."""

from __future__ import annotations

import sys
from typing import Any, Protocol

__all__ = ["Line", "in_kernel", "new_line"]


class Line(Protocol):
    """Texts that replace each other; for one thread."""

    def show(self, text: str) -> None:
        """Show this instead of what was shown before."""

    def end(self, text: str) -> None:
        """Leave this, if anything was shown and it is where it stays."""


class _DisplayLine:
    """An output of the cell, replaced by each text."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, text: str) -> None:
        from IPython.display import display  # noqa: PLC0415 - only where IPython runs already

        bundle = {"text/plain": text}
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(bundle, raw=True)

    def end(self, text: str) -> None:
        if self._handle is not None:
            self.show(text)


class _TerminalLine:
    """The last line of a terminal, gone at the end."""

    def show(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()

    def end(self, text: str) -> None:  # noqa: ARG002 - what was waited for says so itself
        self.show("")


class _NoLine:
    def show(self, text: str) -> None:
        pass

    def end(self, text: str) -> None:
        pass


def in_kernel() -> bool:
    """Whether this process is a kernel, whose outputs a front end shows."""
    if "IPython" not in sys.modules:
        return False
    from IPython.core.getipython import get_ipython  # noqa: PLC0415

    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def new_line() -> Line:
    """In a kernel an output of the cell, on a terminal its last line, else nothing."""
    if in_kernel():
        return _DisplayLine()
    stream = sys.stderr
    return _TerminalLine() if stream is not None and stream.isatty() else _NoLine()
