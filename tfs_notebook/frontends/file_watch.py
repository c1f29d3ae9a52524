"""Looks whether files of certificates and tokens have changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tfs_notebook.frontends.reloaded_file import ReloadedFile
from tfs_notebook.lifecycle import PeriodicPoller

__all__ = ["FileWatch"]

_STOP_SECONDS: Final = 0.5


class FileWatch:
    """Looks at such files again and again, on one thread, which starts if there are any."""

    def __init__(self, files: Sequence[ReloadedFile[Any]], seconds: int) -> None:
        """Make a watch.

        Args:
            files: to be looked at.
            seconds: between looks; 0 or less for none.
        """
        self._files = files
        self._poller = PeriodicPoller(self._look, float(seconds))
        self._is_wanted = bool(files) and seconds > 0

    def start(self) -> None:
        """Begin."""
        if self._is_wanted:
            self._poller.start()

    def stop(self) -> None:
        """End; blocks for a moment at most. Idempotent, also without a start."""
        self._poller.stop(_STOP_SECONDS)

    def _look(self) -> None:
        for file in self._files:
            file.look()
