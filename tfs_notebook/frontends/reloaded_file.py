"""Files of certificates and tokens, which are replaced while the server runs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from tfs_notebook.lifecycle import PeriodicPoller
from tfs_notebook.wire.errors import ServingError

__all__ = ["FileWatch", "ReloadedFile"]

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_STOP_SECONDS: Final = 0.5


class ReloadedFile(Generic[_T]):
    """What a file says, and what it says when it has changed.

    What cannot be used is logged once, and what was there stays. :meth:`look` belongs to one
    thread; any may read ``current``.

    Attributes:
        path: of the file.
        current: what it has said last, of what could be used.
        changed: called with it when it is another, on the thread that looks; one that is
            set before the first look misses nothing.
    """

    def __init__(self, path: str, read: Callable[[], _T]) -> None:
        """Read it for the first time; blocks.

        Args:
            path: of the file.
            read: what it says; raises ServingError if that cannot be used.

        Raises:
            ServingError: as ``read``.
        """
        self.path = path
        self._read = read
        # Before it is read: what changes in between is seen by the next look.
        self._seen = self._content()
        self.current = read()
        self.changed: Callable[[_T], None] | None = None

    def look(self) -> None:
        """Take what it says now if that is new; blocks."""
        content = self._content()
        if content == self._seen:
            return
        self._seen = content
        if content is None:
            _log.warning("%s cannot be read any more; what it has said stays", self.path)
            return
        try:
            self.current = self._read()
        except (ServingError, OSError) as error:
            _log.error("%s; what was there stays in force", error)
            return
        if self.changed is not None:
            self.changed(self.current)
        _log.info("%s has changed and is in force", self.path)

    def _content(self) -> bytes | None:
        try:
            return Path(self.path).read_bytes()
        except OSError:
            return None


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
