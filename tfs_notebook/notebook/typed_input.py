"""What a person types after ``%tfs predict`` or into its cell, as a value."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["cell_value", "line_value", "predict_words"]

_OPTION: Final = r"--(?:version|label|signature|as)(?:=|[ \t]+)[^\s\[\]{}]+"
_WORDS: Final = re.compile(
    rf"""\s*(?P<before>(?:{_OPTION}\s+)*)"""
    r"""(?P<name>"[^"]*"|'[^']*'|[^\s-]\S*)"""
    rf"""(?P<between>(?:\s+{_OPTION})*)"""
    r"""(?:\s+(?P<value>(?!--[a-z]).*?))??"""
    rf"""(?P<after>(?:\s+{_OPTION})*)\s*""",
    re.DOTALL,
)
_LEAST_LINES: Final = 2


def predict_words(line: str) -> tuple[str, str | None]:
    """Take ``NAME [options] VALUE [options]`` apart; the value may have blanks in it.

    Returns:
        the words without the value, for the parser; and the value, None without one.
    """
    found = _WORDS.fullmatch(line)
    if found is None:
        return line, None
    words = " ".join(found[one] for one in ("before", "name", "between", "after"))
    return words, found["value"]


def line_value(text: str, names: Mapping[str, Any]) -> object:
    """A variable, JSON, or a Python literal; nothing is evaluated.

    Args:
        text: what was typed.
        names: the variables there are.

    Raises:
        InvalidArgument: it is none of them.
    """
    stripped = text.strip()
    if stripped.isidentifier() and stripped in names:
        return names[stripped]
    for read in (json.loads, ast.literal_eval):
        try:
            return _rows(read(stripped))
        except _NO_LITERAL:
            continue
    if stripped.isidentifier():
        raise InvalidArgument(
            f"there is no variable {stripped} in this notebook; a text goes in quotes: "
            f'"{stripped}"'
        )
    raise InvalidArgument(
        f"{_excerpt(stripped)} is neither a variable, nor JSON, nor a Python literal; it goes "
        'like x, or [1.0, 2.0], or {"a": [1], "b": [2]}, or "a text"'
    )


def cell_value(text: str, form: str | None = None) -> object:
    """What is in a cell.

    JSON, a Python literal, CSV with names in its first line (a DataFrame), or a text a
    line. A JSON or Python list of dicts is a DataFrame as well, a row a dict; what is in
    ``{"instances": …}`` is what it is.

    Args:
        text: the cell.
        form: which of ``json``, ``python``, ``csv`` and ``text``; None for the first of
            them that it is.

    Raises:
        InvalidArgument: there is nothing in it, or it is not of that form.
    """
    if not text.strip():
        raise InvalidArgument(
            "the cell is empty; it takes JSON, a Python literal, CSV, or a text a line"
        )
    if form is not None:
        try:
            return _READ[form](text)
        except _NO_LITERAL as error:
            raise InvalidArgument(f"this is no {form}: {error}") from None
    for one in ("json", "python"):
        try:
            return _READ[one](text)
        except _NO_LITERAL:
            continue
    return _READ["csv" if _looks_like_csv(text) else "text"](text)


def _json(text: str) -> object:
    return _rows(json.loads(text))


def _python(text: str) -> object:
    return _rows(ast.literal_eval(text.strip()))


def _csv(text: str) -> object:
    import pandas as pd  # noqa: PLC0415 - half a second

    return pd.read_csv(io.StringIO(text.strip()), skipinitialspace=True)


def _texts(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _rows(value: object) -> object:
    # The body of a REST request, as people have it at hand.
    if isinstance(value, dict) and list(value) == ["instances"]:
        value = value["instances"]
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        import pandas as pd  # noqa: PLC0415

        return pd.DataFrame(value)
    return value


def _looks_like_csv(text: str) -> bool:
    """Names in the first line, as many fields in all, and a column of numbers."""
    try:
        rows = [row for row in csv.reader(io.StringIO(text.strip())) if row]
    except csv.Error:
        return False
    if len(rows) < _LEAST_LINES or len({len(row) for row in rows}) != 1:
        return False
    heads = [head.strip() for head in rows[0]]
    if not all(heads) or any(map(_is_number, heads)):
        return False
    return any(all(map(_is_number, column)) for column in zip(*rows[1:], strict=True))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _excerpt(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


_LONGEST: Final = 60
# pandas' own errors are ValueErrors too.
_NO_LITERAL: Final = (ValueError, SyntaxError, RecursionError, MemoryError, TypeError)
_READ: Final[Mapping[str, Callable[[str], object]]] = {
    "json": _json,
    "python": _python,
    "csv": _csv,
    "text": _texts,
}
