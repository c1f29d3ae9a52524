"""What a person passes to ``predict`` that is text or images, and no tensor."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from tfs_notebook.client.columns import as_frame, column_values, is_table
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["ImageShape", "RawValue", "image_bytes", "image_shape", "raw_numbers", "raw_value"]

_IMAGE_RANKS = (2, 3, 4)


@dataclass(frozen=True, slots=True)
class RawValue:
    """Texts or images, as they were passed.

    Attributes:
        kind: ``text`` if all are ``str``, which may be paths of images as well.
        items: one for each.
        is_list: whether the answer is to be for several.
        index: of the DataFrame or Series they come from; None for another value.
    """

    kind: Literal["text", "image"]
    items: Sequence[Any]
    is_list: bool
    index: Any = None

    @property
    def described(self) -> str:
        """What came, for a message."""
        if not self.is_list:
            return "a text" if self.kind == "text" else "an image"
        many = "" if len(self.items) == 1 else "s"
        return f"{len(self.items)} {self.kind}{many}"


def raw_value(value: object) -> RawValue | None:
    """Take what is certainly no numbers: text, paths, bytes, pictures, several of them.

    Args:
        value: one of them; a list, a tuple, an array of one dimension, a Series or a
            DataFrame of one column with nothing else in it.

    Returns:
        None for everything else. Numbers may be images, see :func:`image_shape`; nothing
        at all may be anything.

    Raises:
        InvalidArgument: texts are missing in a column; the message says where.
    """
    if is_table(value):
        return _of_table(value)
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "UO" or value.ndim > 1:
            return None
        value = value.tolist()
    if isinstance(value, list | tuple):
        kind = _kind_of_all(value)
        return None if kind is None else RawValue(kind, value, True)
    kind = _kind(value)
    return None if kind is None else RawValue(kind, [value], False)


def _of_table(value: Any) -> RawValue | None:  # noqa: ANN401 - a DataFrame or Series
    frame = as_frame(value)
    if len(frame.columns) != 1:
        return None
    column = frame.iloc[:, 0]
    present = column.dropna()
    if column.dtype.kind not in "OU" or _kind_of_all(present.tolist()) is None:
        return None
    items = column_values(column).tolist()
    kind = _kind_of_all(items)
    return None if kind is None else RawValue(kind, items, True, frame.index)


def _kind_of_all(items: Sequence[Any]) -> Literal["text", "image"] | None:
    if items and _kind(items[0]) is None:
        return None
    kinds = set(map(_kind, items)) or {"text"}
    if None in kinds:
        return None
    return "text" if kinds == {"text"} else "image"


def _kind(one: object) -> Literal["text", "image"] | None:
    if isinstance(one, str):
        return "text"
    if isinstance(one, bytes | bytearray | memoryview | os.PathLike):
        return "image"
    pillow = sys.modules.get("PIL.Image")
    return "image" if pillow is not None and isinstance(one, pillow.Image) else None


class ImageShape(NamedTuple):
    """Numbers that may be an image, or several.

    Attributes:
        sizes: of their dimensions, two to four.
        is_bytes: whether they are uint8, as pixels are and hardly anything else.
    """

    sizes: tuple[int, ...]
    is_bytes: bool


def image_shape(value: object) -> ImageShape | None:
    """The shape of numbers that may be an image or several; looks at the first ones alone.

    Returns:
        None for what has another number of dimensions, or is no numbers.
    """
    sizes: list[int] = []
    while isinstance(value, list | tuple) and value:
        sizes.append(len(value))
        value = value[0]
    if is_table(value):
        return None
    dtype = getattr(value, "dtype", None)
    if dtype is not None:
        sizes += getattr(value, "shape", ())
        is_number = getattr(dtype, "kind", "") in tuple("buif")
    else:
        is_number = isinstance(value, bool | int | float)
    if not is_number or len(sizes) not in _IMAGE_RANKS:
        return None
    return ImageShape(tuple(sizes), dtype == np.uint8)


def raw_numbers(value: object) -> RawValue:
    """Take numbers that have an :func:`image_shape` as images."""
    from tfs_notebook.pipelines.image_sources import (  # noqa: PLC0415 - imports Pillow
        separate_images,
    )

    return RawValue("image", *separate_images(value))


def image_bytes(one: Any) -> bytes:  # noqa: ANN401 - any image
    """An image as the bytes of a file.

    Raises:
        InvalidArgument: it is no image; or no file, which a text would not be.
    """
    if isinstance(one, str) and not _is_file(one):
        shown = one if len(one) <= 60 else one[:59] + "…"
        raise InvalidArgument(
            f"there is no file {shown!r}. The model takes images: a path, the bytes of a file, "
            "a picture of Pillow or an array. Is that a text? It takes none"
        )
    from tfs_notebook.pipelines.image_sources import encoded_image  # noqa: PLC0415 - see above

    return encoded_image(one)


def _is_file(path: str) -> bool:
    try:
        return Path(path).expanduser().exists()
    except (OSError, ValueError, RuntimeError):  # too long, a NUL, nobody's home
        return False
