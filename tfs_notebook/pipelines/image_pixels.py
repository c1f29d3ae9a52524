"""Images of any size into the values of a tensor."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image

from tfs_notebook.pipelines.image_decoding import shown_on
from tfs_notebook.pipelines.image_description import PixelForm, PixelRules

__all__ = ["PixelWriter"]

_FILTERS: Final = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "area": Image.Resampling.BOX,
}
_LEVELS: Final = np.arange(256, dtype=np.float64)


class PixelWriter:
    """Writes images into a tensor as a pipeline says; immutable, for any thread.

    Attributes:
        shape: of one image in the tensor.
        dtype: of the tensor.
    """

    def __init__(self, form: PixelForm) -> None:
        rules = form.rules
        self._form = form
        size = rules.height, rules.width
        self.dtype = np.dtype(form.type)
        self.shape: tuple[int, ...] = {
            "NHWC": (*size, rules.channels),
            "NCHW": (rules.channels, *size),
            "NHW": size,
        }[form.layout]
        self._tables = _tables(form)

    def write(self, image: Image.Image, place: np.ndarray) -> None:
        """Write one image to ``place``, an array of :attr:`shape` and :attr:`dtype`."""
        rules = self._form.rules
        image = shown_on(image, rules.background)
        mode = "L" if rules.color == "grey" else "RGB"
        if image.mode != mode:
            image = image.convert(mode)
        pixels = np.atleast_3d(np.asarray(_fitted(image, rules)))
        if rules.color == "bgr":
            pixels = pixels[..., ::-1]
        if self._form.layout == "NHW":
            place = place[..., np.newaxis]
        elif self._form.layout == "NCHW":
            place = np.moveaxis(place, 0, -1)
        if len(self._tables) == 1:
            place[...] = self._tables[0][pixels]
        else:
            for channel, table in enumerate(self._tables):
                place[..., channel] = table[pixels[..., channel]]


def _tables(form: PixelForm) -> list[np.ndarray]:
    """What is made of each of the 256 levels, for each channel or for all."""
    if form.type == "uint8":
        return [_LEVELS.astype(np.uint8)]
    said = form.values
    terms = said.scale, said.offset, said.mean, said.std
    tables = []
    for channel in range(max(map(len, terms))):
        scale, offset, mean, std = (term[channel if len(term) > 1 else 0] for term in terms)
        tables.append(((_LEVELS * scale + offset - mean) / std).astype(np.float32))
    return tables


def _fitted(image: Image.Image, rules: PixelRules) -> Image.Image:
    size = rules.width, rules.height
    resample = _FILTERS[rules.resize]
    if rules.fit == "stretch":
        return image if image.size == size else image.resize(size, resample)
    if rules.fit == "crop":
        return image.resize(size, resample, box=_middle(image.size, size))
    return _padded(image, rules)


def _middle(had: tuple[int, int], size: tuple[int, int]) -> tuple[float, float, float, float]:
    """The largest part of an image that has the proportions of another, in its middle."""
    shrink = min(had[0] / size[0], had[1] / size[1])
    width, height = (min(side * shrink, full) for side, full in zip(size, had, strict=True))
    left, top = (had[0] - width) / 2, (had[1] - height) / 2
    return left, top, left + width, top + height


def _padded(image: Image.Image, rules: PixelRules) -> Image.Image:
    size = rules.width, rules.height
    scale = min(size[0] / image.size[0], size[1] / image.size[1])
    inner = [
        min(full, max(1, round(side * scale)))
        for side, full in zip(image.size, size, strict=True)
    ]
    whole = Image.new("RGB", size, rules.fill).convert(image.mode)
    resized = image.resize((inner[0], inner[1]), _FILTERS[rules.resize])
    whole.paste(resized, ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2))
    return whole
