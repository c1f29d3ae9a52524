"""Values that came from outside, as the texts of errors show them."""

from __future__ import annotations

import json
from typing import Final

__all__ = ["shown", "shown_text"]

_LONGEST: Final = 60
_LONGEST_TEXT: Final = 300


def shown(value: object) -> str:
    """The value as JSON, or the beginning of that; short, however long or deep it is."""
    try:
        text = json.dumps(value, default=repr)
    except RecursionError:
        return "a value that is nested too deeply to be shown"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def shown_text(text: object) -> str:
    """What another library says of such a value, or the beginning of that."""
    said = str(text)
    return said if len(said) <= _LONGEST_TEXT else f"{said[:_LONGEST_TEXT]}…"
