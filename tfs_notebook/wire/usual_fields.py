"""Fields as nearly every client writes them, read and written without a message class."""

from __future__ import annotations

from tfs_notebook.wire.varints import encode_varint, read_varint

__all__ = ["UnusualError", "encode_field", "length_delimited"]


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


def encode_field(tag: bytes, content: bytes) -> bytes:
    """A field that has a length: a string, bytes or a message, under its tag."""
    return tag + encode_varint(len(content)) + content
