"""Large lists of numbers, parsed piece by piece.

A parser keeps every other thread of the process waiting until it is done, for
some 2 ms a megabyte. So a large list is cut at commas and each piece parsed with
the brackets completed that are open where it begins and ends. Every piece is
validated by the parser, the commas between them are what the cuts were made at,
and the structure of the whole is proven as that of any other list
(:mod:`~tfs_notebook.wire.json_skeletons`).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import simdjson

from tfs_notebook.wire.dtypes import DataType, base_type
from tfs_notebook.wire.json_elements import Array
from tfs_notebook.wire.json_skeletons import read_list, skeleton_of
from tfs_notebook.wire.signatures import TensorSpec

__all__ = ["NumberPieces"]

_PIECE_BYTES: Final = 128 * 1024
# Brackets and blanks around a comma are looked for no further than this.
_WINDOW: Final = 256
# Getting memory for a parser anew costs as much as parsing with it.
_IDLE_PARSERS: Final[deque[simdjson.Parser]] = deque(maxlen=4)
_BLANKS: Final = b" \t\r\n"

_FLOATS: Final[dict[int, np.dtype[Any]]] = {
    DataType.FLOAT: np.dtype(np.float32),
    DataType.DOUBLE: np.dtype(np.float64),
}
_INTEGERS: Final[dict[int, np.dtype[Any]]] = {
    DataType.INT8: np.dtype(np.int8),
    DataType.UINT8: np.dtype(np.uint8),
    DataType.INT16: np.dtype(np.int16),
    DataType.INT32: np.dtype(np.int32),
    DataType.UINT32: np.dtype(np.uint32),
    DataType.INT64: np.dtype(np.int64),
    DataType.UINT64: np.dtype(np.uint64),
}


class NumberPieces:
    """A list of numbers, proven regular and parsed, but not yet of a certain dtype."""

    __slots__ = ("_are_integers", "_pieces", "_shape")

    def __init__(self, text: bytes) -> None:
        """Parse a list, which may take several turns of the GIL.

        Raises:
            ValueError: not a regular list of numbers that this can read; another
                parser has to decide what it is. (Also what else simdjson raises.)
        """
        self._are_integers = not (b"." in text or b"e" in text or b"E" in text)
        self._pieces: list[Array] = []
        skeletons = []
        parser = _take_parser()
        for piece, opened, closed in _pieces(text):
            skeletons.append(skeleton_of(piece))
            whole = b"[" * opened + piece + b"]" * closed
            parsed: Any = parser.parse(whole)
            self._pieces.append(
                np.frombuffer(parsed.as_buffer(of_type="i"), np.int64)
                if self._are_integers
                else np.frombuffer(parsed.as_buffer(of_type="d"), np.float64)
            )
            # The parser can be used again when nothing refers to what it has read.
            del parsed
        _IDLE_PARSERS.append(parser)
        skeleton = b",".join(skeletons)
        found = read_list(skeleton, 0)
        if found is None or found[1] != len(skeleton):
            raise ValueError("the list is irregular")
        self._shape = found[0]
        if sum(map(len, self._pieces)) != math.prod(self._shape):
            raise ValueError("a list in it is empty")

    def tensors(self, inputs: Mapping[str, TensorSpec]) -> dict[str, Array] | None:
        """The array by alias, or None if the numbers do not fit the one input there is."""
        if len(inputs) != 1:
            return None
        [(alias, spec)] = inputs.items()
        array = self._array(base_type(spec.dtype))
        return None if array is None else {alias: array}

    def _array(self, dtype: int) -> Array | None:
        if dtype in _FLOATS:
            target = _FLOATS[dtype]
        elif dtype in _INTEGERS and self._are_integers:
            target = _INTEGERS[dtype]
            limits = np.iinfo(target)
            for piece in self._pieces:
                if piece.min() < limits.min or piece.max() > limits.max:
                    return None
        else:
            return None
        array = np.empty(sum(map(len, self._pieces)), target)
        at = 0
        with np.errstate(over="ignore"):
            for piece in self._pieces:
                # Integers become floats as they do elsewhere: through a double.
                numbers = piece.astype(np.float64) if dtype == DataType.FLOAT else piece
                array[at : at + len(piece)] = numbers
                at += len(piece)
        return array.reshape(self._shape)


def _take_parser() -> simdjson.Parser:
    try:
        return _IDLE_PARSERS.pop()
    except IndexError:
        return simdjson.Parser()


def _pieces(text: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Cut a list at commas: the pieces, and the lists open before and after each."""
    start = skeleton_of(text[:_WINDOW])
    rank = len(start) - len(start.lstrip(b"["))
    at, opened = 0, 0
    while (comma := text.find(b",", at + _PIECE_BYTES)) >= 0:
        before = text[max(0, comma - _WINDOW) : comma].translate(None, _BLANKS)
        closed = rank - (len(before) - len(before.rstrip(b"]")))
        if closed < 1:
            raise ValueError("more lists end here than began")
        yield text[at:comma], opened, closed
        at, opened = comma + 1, closed
    yield text[at:], opened, 0
