"""What is sent to the manager's thread: steps for it to take in its next turn."""

from __future__ import annotations

import logging
from collections.abc import Callable

__all__ = ["Message", "another_turn", "run_isolated"]

logger = logging.getLogger(__name__)

Message = Callable[[], None]


def another_turn() -> None:
    """A message that only makes the manager take another turn."""


def run_isolated(message: Message) -> None:
    """Run a step; a defect in one must not end the manager's thread."""
    try:
        message()
    except Exception:
        logger.exception("A step of the manager failed")
