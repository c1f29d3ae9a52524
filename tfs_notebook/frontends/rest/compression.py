"""Bodies that are compressed: requests inflated within a limit, answers for who asks."""

from __future__ import annotations

import os
import re
import zlib
from functools import partial
from io import BytesIO
from typing import Final

from tfs_notebook.frontends.rest.http import Response
from tfs_notebook.serving.run_pool import RunPool
from tfs_notebook.wire.errors import Unavailable

__all__ = ["LARGEST_INFLATED", "SMALLEST_COMPRESSED", "Compressor", "accepts_gzip", "inflate"]

LARGEST_INFLATED: Final = 100 * 1024 * 1024
"""TF Serving's limit for what a compressed request inflates to."""
SMALLEST_COMPRESSED: Final = 1024
"""Smaller answers fit a packet as they are."""
# Compressed in some tens of microseconds.
_COMPRESSED_ON_LOOP: Final = 4 * 1024
_MOST_THREADS: Final = 4
_GZIP: Final = zlib.MAX_WBITS | 16
_FOOTER_BYTES: Final = 8
# So much is inflated of so much of a request at a time, beside what is kept.
_PIECE_IN: Final = 64 * 1024
_PIECE_OUT: Final = 1024 * 1024
_WEIGHT: Final = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


def inflate(body: bytes) -> bytes:
    """Inflate a gzip stream of one member, as TF Serving does.

    Never holds more than the stream says it inflates to, and refuses at once one that
    says it is more than ``LARGEST_INFLATED``.

    Returns:
        nothing, for what is no such stream, is cut off, has something behind it, is too
        large, or inflates to more than it says.
    """
    said = int.from_bytes(body[-4:], "little")
    if len(body) < _FOOTER_BYTES or said > LARGEST_INFLATED:
        return b""
    inflater = zlib.decompressobj(_GZIP)
    inflated = BytesIO()
    rest = memoryview(body)
    try:
        while rest and not inflater.eof:
            piece, rest = rest[:_PIECE_IN], rest[_PIECE_IN:]
            inflated.write(inflater.decompress(piece, _PIECE_OUT))
            while inflater.unconsumed_tail and inflated.tell() <= said:
                inflated.write(inflater.decompress(inflater.unconsumed_tail, _PIECE_OUT))
            if inflated.tell() > said:
                return b""
    except zlib.error:
        return b""
    is_whole = inflater.eof and not inflater.unused_data and not rest
    return inflated.getvalue() if is_whole else b""


def inflate_zlib(body: bytes) -> bytes:
    """Inflate a zlib stream, which HTTP calls ``deflate``; holds ``LARGEST_INFLATED`` at most.

    Returns:
        nothing, for what is no such stream, is cut off, has something behind it, or is too
        large.
    """
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(body, LARGEST_INFLATED)
    except zlib.error:
        return b""
    is_whole = inflater.eof and not inflater.unused_data
    return inflated if is_whole else b""


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether a client prefers gzip to no compression, by its ``Accept-Encoding``.

    What is not written as it should be counts as not said.
    """
    weights: dict[str, float] = {}
    for item in accept_encoding.lower().split(","):
        coding, *parameters = (part.strip() for part in item.split(";"))
        matches = [_WEIGHT.fullmatch(parameter) for parameter in parameters]
        if None not in matches and len(matches) <= 1:
            weights[coding] = float(matches[0][1]) if matches and matches[0] else 1.0
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip > 0.0 and gzip >= weights.get("identity", 0.0)


class Compressor:
    """Compresses answers: small ones where it is called, others on threads of its own.

    All methods belong to the loop's thread.

    Args:
        level: zlib's, 1 to 9.
    """

    def __init__(self, level: int) -> None:
        self._level = level
        # Most servers have no client that asks.
        self._pool: RunPool | None = None

    async def compressed(self, response: Response) -> Response:
        """Return the response compressed, or as it is while the server ends."""
        if len(response.body) <= _COMPRESSED_ON_LOOP:
            body = _deflate(response.body, self._level)
        else:
            if self._pool is None:
                self._pool = RunPool("tfs-gzip", min(_MOST_THREADS, os.cpu_count() or 1))
            try:
                body = await self._pool.run(partial(_deflate, response.body, self._level))
            except Unavailable:
                return response
        # A cache may give what is not compressed to anybody, but not this.
        headers = (("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
        return Response(response.status, body, (*response.headers, *headers))

    def stop(self) -> None:
        """End the threads, when they have done what they are at; does not wait for it."""
        if self._pool is not None:
            self._pool.stop(0)


def _deflate(body: bytes, level: int) -> bytes:
    deflater = zlib.compressobj(level, zlib.DEFLATED, _GZIP)
    return deflater.compress(body) + deflater.flush()
