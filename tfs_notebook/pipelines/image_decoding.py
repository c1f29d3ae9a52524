"""Encoded images into pixels. What comes may be hostile: nothing is decoded before it is sized.

Pillow's decoders of the formats that are taken are called by their names. Its
``Image.open`` would try every format it knows, and some of those run programs.
"""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from threading import BoundedSemaphore
from typing import Final, TypeVar

import numpy as np
from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from tfs_notebook.pipelines.image_description import Colour, ImageFormat
from tfs_notebook.pipelines.image_formats import described, image_format, webp_size
from tfs_notebook.wire.errors import InvalidArgument, ResourceExhausted

__all__ = ["check_encoded", "decoded", "oriented", "shown_on"]

_T = TypeVar("_T")

_DECODERS: Final[dict[ImageFormat, Callable[[io.BytesIO], ImageFile]]] = {
    "PNG": PngImageFile,
    "JPEG": JpegImageFile,
    "GIF": GifImageFile,
    "BMP": BmpImageFile,
    "WebP": WebPImageFile,
}
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LONGEST_REASON: Final = 200
_LARGE_PIXELS: Final = 4_000_000
_STRIP_PIXELS: Final = 100_000
_large_images: Final = BoundedSemaphore(4)


def check_encoded(
    content: bytes, formats: Collection[ImageFormat], maximum_pixels: int
) -> None:
    """See that bytes are an image of these formats and not too large; decodes no pixels.

    Raises:
        InvalidArgument: they are not; the message says what they are.
    """
    _opened(content, formats, maximum_pixels)


@contextmanager
def decoded(content: bytes, maximum_pixels: int) -> Iterator[Image.Image]:
    """Decode an image, of an animated one the first frame, as its camera was held.

    Any thread may call it; takes about 10 ms a million pixels. While it is held, few other
    large ones are: with their copies on the way to a tensor they have 100 MB and more each.

    Raises:
        InvalidArgument: it is no image, a damaged one, or has too many pixels.
        ResourceExhausted: there is not enough memory.
    """
    image = _opened(content, _DECODERS, maximum_pixels)
    with _large_images if math.prod(image.size) > _LARGE_PIXELS else nullcontext():
        _guarded(content, image.load)
        # Decoding may find another size than the head says.
        _check_size(image.size, maximum_pixels)
        yield oriented(image)


def _opened(content: bytes, formats: Collection[ImageFormat], maximum_pixels: int) -> ImageFile:
    name = image_format(content)
    if name is None or name not in formats:
        came = described(content) if name is None else f"a {name} file"
        raise InvalidArgument(
            f"an image is expected ({', '.join(formats)}), and this is {came}"
        )
    # Its decoder takes memory for all of it when it opens it.
    if name == "WebP" and (size := webp_size(content)) is not None:
        _check_size(size, maximum_pixels)
    image = _guarded(content, lambda: _DECODERS[name](io.BytesIO(content)))
    _check_size(image.size, maximum_pixels)
    return image


def _check_size(size: tuple[int, int], maximum: int) -> None:
    if math.prod(size) > maximum:
        raise InvalidArgument(
            f"the image has {size[0]} × {size[1]} pixels, and {maximum} are taken at most "
            '("maximum_pixels" of the pipeline); send a smaller one'
        )


def _guarded(content: bytes, work: Callable[[], _T]) -> _T:
    try:
        return work()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        # A frame that is larger than its file says.
        raise InvalidArgument(f"the image has too many pixels: {error}") from None
    except MemoryError:
        raise ResourceExhausted("there is not enough memory to decode the image") from None
    except Exception as error:  # noqa: BLE001 - damaged files break decoders in any way
        name = image_format(content)
        if isinstance(error, (struct.error, IndexError)):
            reason = "it ends too early"
        else:
            reason = str(error)[:_LONGEST_REASON] or type(error).__name__
        raise InvalidArgument(
            f"the image is a damaged {name} file of {len(content)} bytes: {reason}"
        ) from None


def oriented(image: Image.Image) -> Image.Image:
    """Return an image as its camera was held, if it says how."""
    try:
        turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - what is beside the pixels may be damaged
        turn = None
    return image if turn is None else image.transpose(turn)


def shown_on(image: Image.Image, background: Colour) -> Image.Image:
    """Return an image in RGB or grey (``L``), with this behind what is transparent.

    Of 16 bits the upper 8 are taken.
    """
    if image.mode.startswith("I"):
        return _in_strips(image, "L", _upper_bits)
    if image.has_transparency_data:
        return _in_strips(image, "RGB", lambda strip: _opaque(strip, background))
    if image.mode in ("L", "RGB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _in_strips(
    image: Image.Image, mode: str, shown: Callable[[Image.Image], Image.Image]
) -> Image.Image:
    """What is made of an image strip by strip.

    The whole would be there several times, and every other thread waits while Pillow puts
    a large image on another, a second or two.
    """
    whole = Image.new(mode, image.size)
    rows = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        box = (0, top, image.width, min(top + rows, image.height))
        whole.paste(shown(image.crop(box)), box)
    return whole


def _opaque(image: Image.Image, background: Colour) -> Image.Image:
    behind = Image.new("RGBA", image.size, (*background, 255))
    return Image.alpha_composite(behind, image.convert("RGBA")).convert("RGB")


def _upper_bits(image: Image.Image) -> Image.Image:
    values = np.asarray(image, np.int64)
    return Image.fromarray((values.clip(0, 0xFFFF) >> 8).astype(np.uint8))
