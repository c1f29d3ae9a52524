"""Numbers as short texts; what is not known is a dash."""

from __future__ import annotations

import math
import time
from typing import Final

__all__ = ["clock", "count", "day", "length", "memory", "millis", "rate", "share", "unknown"]

unknown: Final = "–"
_THOUSAND: Final = 1000
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def _digits(value: float) -> str:
    """With two or three digits that say something."""
    if value == 0:
        return "0"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def rate(value: float | None) -> str:
    """So many a second."""
    if value is None or math.isnan(value):
        return unknown
    if value >= 10 * _THOUSAND:
        return f"{value / _THOUSAND:.1f} k"
    return _digits(value)


def millis(value: float | None) -> str:
    """Milliseconds, without the unit."""
    if value is None or math.isnan(value):
        return unknown
    return _digits(value)


def count(value: float | None) -> str:
    """How many there are."""
    return unknown if value is None or math.isnan(value) else f"{value:.0f}"


def share(value: float | None) -> str:
    """Of a whole, in percent."""
    return unknown if value is None or math.isnan(value) else f"{100 * value:.0f} %"


def memory(value: float | None) -> str:
    """Bytes."""
    if value is None or math.isnan(value):
        return unknown
    for unit in ("B", "kB", "MB"):
        if value < _THOUSAND:
            return f"{value:.0f} {unit}"
        value /= _THOUSAND
    return f"{value:.1f} GB"


def length(seconds: float | None) -> str:
    """How long something takes, or lasts."""
    if seconds is None or math.isnan(seconds):
        return unknown
    if seconds < 1:
        return f"{_THOUSAND * seconds:.0f} ms"
    if seconds < _MINUTE:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f} min {seconds % _MINUTE:.0f} s"
    if seconds < _DAY:
        return f"{seconds // _HOUR:.0f} h {seconds % _HOUR // _MINUTE:.0f} min"
    return f"{seconds // _DAY:.0f} d {seconds % _DAY // _HOUR:.0f} h"


def clock(when: float) -> str:
    """A time of day, of this machine's zone."""
    return time.strftime("%H:%M:%S", time.localtime(when))


def day(when: float) -> str:
    """A date with a time of day."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(when))
