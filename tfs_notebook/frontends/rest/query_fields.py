"""The query of an address, as the fields that a route knows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from urllib.parse import parse_qsl

from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["query_fields", "whole_number"]

_MOST_FIELDS: Final = 8
_MOST_DIGITS: Final = 18


def query_fields(query: str, known: Collection[str]) -> dict[str, str]:
    """Take a query apart; the last of several fields of one name counts.

    Args:
        query: what follows the ``?``, percent-encoded.
        known: names, in the order in which errors tell them.

    Raises:
        InvalidArgument: it has other fields, or too many.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise InvalidArgument(f"the query has more than {_MOST_FIELDS} fields") from None
    given = dict(pairs)
    for field in given:
        if field not in known:
            raise InvalidArgument(
                f"the query has {', '.join(known)}; got the unknown field {field!r}"
            )
    return given


def whole_number(given: dict[str, str], field: str) -> int:
    """The number where an answer before has ended, which its ``next`` says; else 0.

    Raises:
        InvalidArgument: it is no number.
    """
    text = given.get(field, "0")
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise InvalidArgument(
            f'"{field}" is the "next" of an answer before, or 0; got {text!r}'
        )
    return int(text)
