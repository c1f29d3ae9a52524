"""Whatever a person has in hand as encoded images: files, arrays, pictures of Pillow.

For programs and notebooks. What comes over a network is bytes already: a name that came
from there must never reach this, since names are paths here.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from tfs_notebook.pipelines.image_decoding import oriented
from tfs_notebook.pipelines.image_formats import described, image_format
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["encoded_image", "encoded_images", "separate_images"]

_TAKEN: Final = (
    "images are given as a path, the bytes of a file, a picture of Pillow, an array of shape "
    "[height, width] or [height, width, channels], or several of them"
)
_CHANNELS: Final = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
# What PNG can hold of Pillow's modes.
_MODES: Final = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})
# Of which each pixel is one number, of 32 bits.
_NUMBERS: Final = frozenset({"I", "F"})
_LARGEST: Final = 255


def encoded_images(source: Any) -> tuple[list[bytes], bool]:  # noqa: ANN401 - see _TAKEN
    """Return images as bytes that an image pipeline, and ``/predict``, take.

    Files and bytes are left as they are; arrays and pictures become PNG, without loss.
    Numbers of an array are 0 to 255 if they are integers, 0 to 1 if they are not.

    Args:
        source: an image, or several: a path (``str`` or ``Path``), bytes, a picture of
            Pillow, an array ``[height, width]`` or ``[height, width, channels]`` with 1 to
            4 channels, an array of several such, or a list of any of these.

    Returns:
        the images, and whether several were given (a list of one is several).

    Raises:
        InvalidArgument: it is none of these, or a file that is no image.
    """
    several, is_list = separate_images(source)
    return [encoded_image(one) for one in several], is_list


def separate_images(source: Any) -> tuple[Sequence[Any], bool]:  # noqa: ANN401 - see _TAKEN
    """Return what :func:`encoded_image` takes one by one, and whether several were given."""
    if isinstance(source, (str, os.PathLike, bytes, bytearray, memoryview, Image.Image)):
        return [source], False
    if isinstance(source, Sequence) and not _is_numbers(source):
        return source, True
    array = np.asarray(source)
    if array.ndim == 4 or (array.ndim == 3 and array.shape[2] not in _CHANNELS):
        return list(array), True
    return [array], False


def _is_numbers(source: Sequence[Any]) -> bool:
    """Whether a list is an image of nested lists, and not one of images."""
    return (
        bool(source)
        and isinstance(source[0], Sequence)
        and not isinstance(source[0], (str, bytes))
    )


def encoded_image(source: Any) -> bytes:  # noqa: ANN401 - see _TAKEN
    """Return one image as :func:`encoded_images` does several, and raise what it raises."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if isinstance(source, (str, os.PathLike)):
        # Path.expanduser raises where there is no such user.
        return _from_file(Path(os.path.expanduser(source)))  # noqa: PTH111
    if isinstance(source, Image.Image):
        return _from_picture(source)
    return _from_array(np.asarray(source))


def _from_file(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise InvalidArgument(f"the image {path} cannot be read: {error}; {_TAKEN}") from None
    if image_format(content) is None:
        raise InvalidArgument(f"{path} is no image: it is {described(content)}")
    return content


def _from_picture(picture: Image.Image) -> bytes:
    if picture.mode in _NUMBERS:
        # Pillow would cut off what is not 0 to 255, which is most of 0 to 1.
        return _from_array(np.asarray(picture))
    picture = oriented(picture)
    if picture.mode not in _MODES:
        try:
            picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
        except ValueError as error:
            raise InvalidArgument(
                f"a picture of the mode {picture.mode} is not taken: {error}; convert it to RGB"
            ) from None
    written = io.BytesIO()
    picture.save(written, "PNG", compress_level=1)
    return written.getvalue()


def _from_array(array: np.ndarray) -> bytes:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if (
        array.ndim not in (2, 3)
        or not array.size
        or (array.ndim == 3 and array.shape[2] not in _CHANNELS)
    ):
        raise InvalidArgument(
            f"an array of shape {list(array.shape)} is no image; {_TAKEN}, with 1 to 4 channels"
        )
    return _from_picture(Image.fromarray(np.ascontiguousarray(_levels(array))))


def _levels(array: np.ndarray) -> np.ndarray:
    """The numbers of an array as 0 to 255."""
    if array.dtype == np.uint8:
        return array
    if array.dtype == bool:
        return array.astype(np.uint8) * _LARGEST
    if array.dtype.kind in "iu":
        _check_range(array, _LARGEST)
        return array.astype(np.uint8)
    if array.dtype.kind == "f":
        _check_range(array, 1)
        return np.rint(array.astype(np.float64) * _LARGEST).astype(np.uint8)
    raise InvalidArgument(f"an array of {array.dtype} is no image; it holds numbers")


def _check_range(array: np.ndarray, largest: int) -> None:
    low, high = array.min(), array.max()
    # False for what is not a number, too.
    if not (low >= 0 and high <= largest):
        raise InvalidArgument(
            f"pixels of {array.dtype} are 0 to {largest}, and these are {low:g} to {high:g}; "
            "bring them to 0 to 255 and convert them with .astype('uint8')"
        )
