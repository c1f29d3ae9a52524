"""Vectors by name: a vocabulary as text and an array of numbers, and nothing that runs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np

from tfs_notebook.pipelines.text_description import TableFiles
from tfs_notebook.pipelines.vocabulary import read_vocabulary, write_entries
from tfs_notebook.wire.errors import DataLoss

__all__ = ["VectorTable", "read_table", "write_table"]

# A mapped file that is overwritten in place kills the process that reads it, so
# only what is too large to copy is mapped.
_LARGEST_COPIED_BYTES: Final = 64 << 20
# Version 3 is for names of fields that are not Latin-1, and plain numbers have none.
_HEADERS: Final = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
_ROWS_CHECKED_AT_ONCE: Final = 65536
# Sums of squares of these are finite, and float16 holds it.
_LARGEST_VALUE: Final = 60_000


class VectorTable:
    """A vector for each entry of a vocabulary; immutable, for any thread.

    Attributes:
        rows: the row of each entry.
        values: float16 or float32 of shape ``[entries, values]``.
    """

    __slots__ = ("longest", "rows", "values")

    def __init__(self, entries: Iterable[str], values: np.ndarray) -> None:
        self.rows = {entry: row for row, entry in enumerate(entries)}
        self.values = values
        #: characters of the longest entry
        self.longest = max(map(len, self.rows), default=0)


def read_table(directory: Path, names: TableFiles, width: int) -> VectorTable:
    """Read the two files of a table.

    Args:
        directory: where both files lie.
        names: their names.
        width: values a vector must have.

    Raises:
        DataLoss: a file is missing, too large, or does not fit the other one.
    """
    entries = read_vocabulary(directory / names.vocabulary)
    path = directory / names.values
    shape = _checked_shape(path)
    if shape != (len(entries), width):
        raise DataLoss(
            f"{path} holds an array of shape {list(shape)}; "
            f"{names.vocabulary} has {len(entries)} entries and the pipeline's input takes "
            f"{width} values a word, so the shape must be [{len(entries)}, {width}]"
        )
    values = _read_values(path)
    _check_moderate(path, values)
    return VectorTable(entries, values)


def _checked_shape(path: Path) -> tuple[int, ...]:
    """The shape that the header tells, once the file is known to hold as much."""
    # Reading allocates what the header asks for, and a header asks for any size.
    try:
        with path.open("rb") as file:
            shape, _, dtype = _HEADERS[np.lib.format.read_magic(file)](file)
            held = path.stat().st_size - file.tell()
    except (OSError, ValueError, EOFError) as error:
        raise _unreadable(path, error) from error
    except KeyError as error:
        raise _unreadable(path, f"version {error} is not for plain numbers") from None
    if dtype not in (np.float16, np.float32):
        raise _unreadable(path, f"it holds {dtype}; vectors are float16 or float32")
    needed = math.prod(shape) * dtype.itemsize
    if held != needed:
        raise _unreadable(
            path, f"it has {held} bytes of values instead of {needed} for shape {list(shape)}"
        )
    return shape


def _read_values(path: Path) -> np.ndarray:
    # Not numpy.load: it also opens archives, and would run a pickle if asked to.
    try:
        if path.stat().st_size > _LARGEST_COPIED_BYTES:
            values: np.ndarray = np.lib.format.open_memmap(path, mode="r")
        else:
            with path.open("rb") as file:
                values = np.lib.format.read_array(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise _unreadable(path, error) from error
    return values


def _unreadable(path: Path, reason: object) -> DataLoss:
    return DataLoss(f"The vectors {path} cannot be read as a .npy array: {reason}")


def _check_moderate(path: Path, values: np.ndarray) -> None:
    for start in range(0, len(values), _ROWS_CHECKED_AT_ONCE):
        # False for what is not a number, too.
        if not (np.abs(values[start : start + _ROWS_CHECKED_AT_ONCE]) <= _LARGEST_VALUE).all():
            raise DataLoss(f"{path} holds values that are not numbers up to {_LARGEST_VALUE}")


def write_table(directory: Path, names: TableFiles, table: VectorTable) -> None:
    """Write a table as :func:`read_table` reads it.

    Raises:
        ValueError: an entry is empty or holds a line feed.
    """
    write_entries(directory / names.vocabulary, table.rows)
    np.save(directory / names.values, table.values, allow_pickle=False)
