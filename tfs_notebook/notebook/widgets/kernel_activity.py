"""Whether the kernel had time to hear what a front end says."""

from __future__ import annotations

from typing import Any

from IPython import get_ipython

__all__ = ["KernelActivity"]


class KernelActivity:
    """Knows of cells that run, and of whatever else keeps the kernel's own thread busy.

    While that is so, messages of the front end may wait, and silence says nothing. Made on
    the kernel's own thread; its other methods are for one other thread.
    """

    def __init__(self) -> None:
        self._shell: Any = get_ipython()
        self._begun = self._running = 0
        self._begun_before = -1
        self._is_heard = False
        if self._shell is not None:
            self._shell.events.register("pre_execute", self._on_begin)
            self._shell.events.register("post_execute", self._on_end)

    def begin(self) -> None:
        """Begin to watch; does not block."""
        self._begun_before = self._begun if not self._running else -1
        self._is_heard = False
        kernel = getattr(self._shell, "kernel", None)
        if kernel is not None:
            kernel.io_loop.add_callback(self._on_heard)

    def was_idle(self) -> bool:
        """Whether nothing was in the way since :meth:`begin`; False if nobody can tell."""
        return self._is_heard and self._begun == self._begun_before

    def close(self) -> None:
        """Watch no more; idempotent."""
        shell, self._shell = self._shell, None
        if shell is not None:
            shell.events.unregister("pre_execute", self._on_begin)
            shell.events.unregister("post_execute", self._on_end)

    def _on_begin(self) -> None:
        self._begun += 1
        self._running += 1

    def _on_end(self) -> None:
        # Made within a cell, it has not seen that one begin.
        self._running = max(0, self._running - 1)

    def _on_heard(self) -> None:
        self._is_heard = True
