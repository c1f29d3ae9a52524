"""TFRecord: a file of records, each with its length and checksums.

A record is its length (8 bytes, little-endian), a checksum of these, the data, and a
checksum of the data (https://www.tensorflow.org/tutorials/load_data/tfrecord). A
checksum is a CRC-32C, masked: the CRC of data that holds CRCs would be a weak one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

import google_crc32c

from tfs_notebook.wire.errors import DataLoss

__all__ = ["LARGEST_RECORD", "encode_record", "read_records"]

LARGEST_RECORD: Final = 2**31 - 1
"""In bytes; protobuf reads no larger message."""

_LENGTH: Final = struct.Struct("<Q")
_CHECKSUM: Final = struct.Struct("<I")
_HEADER_BYTES: Final = _LENGTH.size + _CHECKSUM.size
_MASK: Final = 0xA282EAD8
_BITS: Final = 0xFFFFFFFF
_PIECE_BYTES: Final = 1 << 20


def encode_record(data: bytes) -> bytes:
    """One record, as it stands in a file."""
    length = _LENGTH.pack(len(data))
    return length + _masked_checksum(length) + data + _masked_checksum(data)


def read_records(file: BinaryIO, largest: int = LARGEST_RECORD) -> Iterator[bytes]:
    """Read a file from where it stands, one record after the other; blocks on it.

    A file that ends within the header of a record ends before it, as TensorFlow has it:
    whoever wrote it was broken off. No more is allocated than there is to read.

    Args:
        file: open for reading.
        largest: bytes that a record may have.

    Raises:
        DataLoss: a record is damaged, cut off or too large; TensorFlow's texts where it
            has some, with the offset from where the reading began.
    """
    offset = 0
    while len(header := _read(file, _HEADER_BYTES)) == _HEADER_BYTES:
        length = _checked(header, offset)
        (size,) = _LENGTH.unpack(length)
        if size > largest:
            raise DataLoss(
                f"record of {size} bytes at {offset} is too large; it may have {largest}"
            )
        content = _read(file, size + _CHECKSUM.size)
        if len(content) < size + _CHECKSUM.size:
            raise DataLoss(
                f"truncated record at {offset}' failed with Read less bytes than requested"
            )
        yield _checked(content, offset + _HEADER_BYTES)
        offset += _HEADER_BYTES + len(content)


def _read(file: BinaryIO, size: int) -> bytes:
    pieces = []
    while size:
        piece = file.read(min(size, _PIECE_BYTES))
        if not piece:
            break
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _checked(content: bytes, offset: int) -> bytes:
    """The data in front of its checksum."""
    data = content[: -_CHECKSUM.size]
    if content[-_CHECKSUM.size :] != _masked_checksum(data):
        hint = "" if offset else " (Is this even a TFRecord file?)"
        raise DataLoss(f"corrupted record at {offset}{hint}")
    return data


def _masked_checksum(data: bytes) -> bytes:
    crc: int = google_crc32c.value(data)
    rotated = (crc >> 15) | (crc << 17)
    return _CHECKSUM.pack((rotated + _MASK) & _BITS)
