"""The last lines a model server has written, for whoever wants to know what it does."""

from __future__ import annotations

import logging
from collections import deque
from typing import Final

__all__ = ["LogLines", "LogLinesHandler"]

_LONGEST: Final = 4000


class LogLines:
    """The newest lines, so many and no more. Any thread may call."""

    def __init__(self, limit: int = 2000) -> None:
        self._lines: deque[str] = deque(maxlen=limit)

    def append(self, line: str) -> None:
        """Add a line; what is beyond 4000 characters of it is left out."""
        self._lines.append(line if len(line) <= _LONGEST else f"{line[:_LONGEST]} …")

    def last(self, count: int) -> list[str]:
        """The newest ``count`` lines, or all there are, in their order."""
        lines = list(self._lines)
        return lines[-count:] if count > 0 else []


class LogLinesHandler(logging.Handler):
    """Writes log records to such lines, as the standalone command prints them."""

    def __init__(self, lines: LogLines) -> None:
        super().__init__()
        self._lines = lines
        self.setFormatter(
            logging.Formatter(
                "%(asctime)s.%(msecs)03d %(levelname).1s %(name)s] %(message)s",
                "%Y-%m-%d %H:%M:%S",
            )
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Add the record's lines."""
        for line in self.format(record).splitlines():
            self._lines.append(line)
