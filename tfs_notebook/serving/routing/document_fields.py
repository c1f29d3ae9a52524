"""The fields of a document: which there are, and what numbers they hold."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.shown_values import shown

__all__ = ["check_fields", "names_of", "number", "whole"]


def names_of(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - any dataclass
    """The names of a dataclass's fields."""
    return tuple(one.name for one in fields(kind))


def check_fields(given: Iterable[object], known: Iterable[str], what: str) -> None:
    """Hold an object to the fields that there are.

    Args:
        given: the names of those that came.
        known: the names that there are.
        what: whose they are, for the text.

    Raises:
        InvalidArgument: there is another one.
    """
    known = list(known)
    for name in given:
        if name not in known:
            raise InvalidArgument(
                f"{what} has {', '.join(known)}; got the unknown field {shown(name)}"
            )


def number(value: object, what: str, least: float, most: float) -> float:
    """A finite number within bounds, both included.

    Raises:
        InvalidArgument: it is none; ``what`` is its name in the text.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or not least <= value <= most
    ):
        raise InvalidArgument(
            f"{what} is a number from {least:g} to {most:g}; got {shown(value)}"
        )
    return value


def whole(value: object, what: str, most: float) -> int:
    """A whole number from 0 to ``most``.

    Raises:
        InvalidArgument: it is none; ``what`` is its name in the text.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise InvalidArgument(
            f"{what} is a whole number from 0 to {most:g}; got {shown(value)}"
        )
    return value
