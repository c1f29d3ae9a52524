"""A model config file that is read again and again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from tfs_notebook.wire.errors import Aborted, ServingError

__all__ = ["ConfigFile"]

_log = logging.getLogger(__name__)


class ConfigFile:
    """Hands a file on when its content has changed; belongs to one thread.

    What is wrong with it is logged once, and the server goes on as it was. A
    file that did not change is not tried again.
    """

    def __init__(self, path: str, apply: Callable[[], None]) -> None:
        """Take note of the content there is now, which the server started with. Blocks.

        Args:
            path: the file.
            apply: reads it and makes it so; raises ServingError if it cannot.
        """
        self._path = Path(path)
        self._apply = apply
        self._seen = self._content()

    def look(self) -> None:
        """Apply the file if it has changed since the last look; blocks."""
        content = self._content()
        if content == self._seen:
            return
        before, self._seen = self._seen, content
        if content is None:
            _log.warning("%s cannot be read any more; its models stay", self._path)
            return
        try:
            self._apply()
        except Aborted:
            # Another change is under way; the next look comes back to this one.
            self._seen = before
        except ServingError as error:
            _log.error("%s: %s", self._path, error.status_text)
        else:
            _log.info("%s has changed and is in force", self._path)

    def _content(self) -> bytes | None:
        try:
            return self._path.read_bytes()
        except OSError:
            return None
