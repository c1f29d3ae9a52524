"""What a run may hang on for as long as a test wants."""

from __future__ import annotations

import os
from pathlib import Path

from tests.polling import poll_until


class Pipe:
    """What a run of the signature ``from_pipe`` hangs on until it is opened."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path

    def open(self) -> None:
        """Let go of all who hang."""
        poll_until(self._opened, "somebody reads it")

    def _opened(self) -> bool:
        try:
            os.close(os.open(self.path, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return False
        return True
