"""Fields of a message as nearly every client writes them, read without its class."""

from __future__ import annotations

from tfs_notebook.wire.varints import read_varint

__all__ = ["UnusualError", "length_delimited"]


class UnusualError(Exception):
    """The message class has to look at it."""


def length_delimited(data: bytes | memoryview, position: int, end: int) -> tuple[int, int]:
    """Where the content of a field lies whose length stands at ``position``.

    Raises:
        UnusualError: it goes beyond ``end``.
        IndexError: the length is cut off.
        VarintTooLongError: the length is none.
    """
    length = data[position]
    # Most are short: without a call.
    if length < 0x80:
        position += 1
    else:
        length, position = read_varint(data, position)
    stop = position + length
    if stop > end:
        raise UnusualError
    return position, stop
