"""What the doctor finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "error", "ok", "warn"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        level: ``ok``; ``warn`` if something may not work; ``error`` if it will not.
        subject: what was looked at.
        text: how it is.
        advice: what to do about it; empty if it is well.
    """

    level: Literal["ok", "warn", "error"]
    subject: str
    text: str
    advice: str = ""

    def __str__(self) -> str:
        line = f"{self.level:<5}  {self.subject}: {self.text}"
        return f"{line}\n       → {self.advice}" if self.advice else line


def ok(subject: str, text: str) -> Finding:
    """It is well."""
    return Finding("ok", subject, text)


def warn(subject: str, text: str, advice: str) -> Finding:
    """It may not work."""
    return Finding("warn", subject, text, advice)


def error(subject: str, text: str, advice: str) -> Finding:
    """It will not work."""
    return Finding("error", subject, text, advice)
