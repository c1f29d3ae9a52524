"""How the standalone server writes its log: lines for people, or a JSON object a line."""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from typing import Final

import orjson

from tfs_notebook.frontends.access_log import DETAILS

__all__ = ["JsonFormatter", "log_formatter"]

_TEXT: Final = "%(asctime)s.%(msecs)03d %(levelname).1s %(name)s] %(message)s"
_DATE: Final = "%Y-%m-%d %H:%M:%S"


def log_formatter(name: str) -> logging.Formatter:
    """The formatter of ``--log_format``: ``text`` or ``json``."""
    return JsonFormatter() if name == "json" else logging.Formatter(_TEXT, _DATE)


class JsonFormatter(logging.Formatter):
    """A record as one JSON object, on one line.

    ``time`` (RFC 3339, UTC), ``level``, ``logger``, ``message``; ``exception`` where there is
    one; of a line of the access log what is known of the request, in place of the message.
    """

    def format(self, record: logging.LogRecord) -> str:
        """See ``logging.Formatter``."""
        moment = datetime.fromtimestamp(record.created, timezone.utc)
        line: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        details = getattr(record, DETAILS, None)
        if details is not None:
            line |= details
        else:
            line["message"] = record.getMessage()
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return _encoded(line)


def _encoded(line: dict[str, object]) -> str:
    try:
        return orjson.dumps(line, default=str).decode()
    except TypeError:
        # Half of a surrogate pair, in the name of a file say.
        safe = {name: ascii(value) for name, value in line.items()}
        return orjson.dumps(safe).decode()
