"""Entries a line: the words of a vocabulary, or labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tfs_notebook.wire.errors import DataLoss

__all__ = ["read_labels", "read_vocabulary", "write_entries"]

_MAXIMUM_VOCABULARY_BYTES: Final = 256 << 20
_MAXIMUM_LABELS_BYTES: Final = 4 << 20
_MOST_LABELS: Final = 100_000
_LONGEST_LABEL: Final = 1024


def read_vocabulary(path: Path) -> list[str]:
    """Return the words of a file in their order.

    Raises:
        DataLoss: it cannot be read, is too large, has an empty line or a word twice.
    """
    return _read(path, "vocabulary", _MAXIMUM_VOCABULARY_BYTES)


def read_labels(path: Path) -> tuple[str, ...]:
    """Return the labels of a file in their order: at least one.

    Raises:
        DataLoss: as :func:`read_vocabulary`, or there are too many or too long ones.
    """
    labels = _read(path, "list of labels", _MAXIMUM_LABELS_BYTES)
    if not 0 < len(labels) <= _MOST_LABELS:
        raise DataLoss(f"{path} has {len(labels)} labels; there are 1 to {_MOST_LABELS}")
    if max(map(len, labels)) > _LONGEST_LABEL:
        raise DataLoss(f"{path} has a label of more than {_LONGEST_LABEL} characters")
    return tuple(labels)


def _read(path: Path, what: str, limit: int) -> list[str]:
    try:
        size = path.stat().st_size
        if size > limit:
            raise DataLoss(f"{path} has {size} bytes; a {what} has {limit} at most")
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise DataLoss(f"The {what} {path} cannot be read: {error}") from error
    # Not splitlines(): it splits at characters that an entry may have.
    entries = text.removesuffix("\n").split("\n") if text else []
    if "" in entries:
        raise DataLoss(f"{path} has an empty line: line {entries.index('') + 1}")
    if len(set(entries)) < len(entries):
        raise DataLoss(f"{path} has an entry twice: {_first_repeated(entries)!r}")
    return entries


def _first_repeated(entries: list[str]) -> str:
    return next(entry for entry, count in Counter(entries).items() if count > 1)


def write_entries(path: Path, entries: Iterable[str]) -> None:
    """Write words or labels as they are read.

    Raises:
        ValueError: an entry is empty or holds a line feed.
    """
    entries = list(entries)
    if any(not entry or "\n" in entry for entry in entries):
        raise ValueError("an entry of a vocabulary is neither empty nor more than a line")
    path.write_bytes("".join(f"{entry}\n" for entry in entries).encode())
