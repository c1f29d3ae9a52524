"""The image that is judged, small enough to be shown."""

from __future__ import annotations

import io
from typing import Final

from tfs_notebook.client.raw_values import image_bytes
from tfs_notebook.wire.errors import ServingError

__all__ = ["small_picture"]

_LARGEST_SIDE: Final = 320
_SMALLEST_SIDE: Final = 96
_MOST_PIXELS: Final = 64_000_000


def small_picture(value: object) -> bytes:
    """A PNG of at most 320 pixels a side; empty if it cannot be shown. Blocks.

    Args:
        value: a path, or the bytes of a file.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415 - for images alone

    try:
        with Image.open(io.BytesIO(image_bytes(value))) as image:
            if image.width * image.height > _MOST_PIXELS:
                return b""
            shown = ImageOps.exif_transpose(image).convert("RGBA")
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, ServingError):
        return b""
    shown.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
    longest = max(shown.size)
    if longest < _SMALLEST_SIDE:
        # Digits of 8 by 8 pixels are to be seen, too.
        times = -(-_SMALLEST_SIDE // longest)
        size = (shown.width * times, shown.height * times)
        shown = shown.resize(size, Image.Resampling.NEAREST)
    written = io.BytesIO()
    shown.save(written, "PNG")
    return written.getvalue()
