"""Encoded images into a model's tensor, and its scores into labels.

Bytes → decoded, turned as the camera was held, without transparency → of the model's size
→ scaled values → model → scores → labels; or the bytes themselves, for a model that
decodes them. All of it but the model is described by
``assets.extra/tfs_notebook_pipeline.json`` in the version directory, whose schema is
``image_pipeline.schema.json`` here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, Literal

import numpy as np

from tfs_notebook.pipelines.image_decoding import check_encoded, decoded
from tfs_notebook.pipelines.image_description import ByteForm, ImageDescription, PixelForm
from tfs_notebook.pipelines.image_pixels import PixelWriter
from tfs_notebook.pipelines.scores import LabelledScores, ScoreReader
from tfs_notebook.pipelines.tensor_check import check_input, chosen_signature
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import ServingError, error_for_code
from tfs_notebook.wire.signatures import Signature

__all__ = ["ImagePipeline"]

_TENSOR_BYTES: Final = 64 << 20
_MOST_IMAGES: Final = 256
_DEFAULT_TOP: Final = 5


class ImagePipeline:
    """See :class:`Pipeline`: raw input is ``bytes``, an encoded image.

    Attributes:
        description: what the pipeline file says.
    """

    kind: Literal["image"] = "image"

    def __init__(self, description: ImageDescription, scores: ScoreReader) -> None:
        self.description = description
        self._scores = scores
        form = description.form
        self._writer = PixelWriter(form) if isinstance(form, PixelForm) else None

    @property
    def signature(self) -> str:
        """See :class:`Pipeline`."""
        return self.description.signature

    @property
    def output(self) -> str:
        """See :class:`Pipeline`."""
        return self.description.output.name

    @property
    def labels(self) -> tuple[str, ...] | None:
        """See :class:`Pipeline`."""
        return self._scores.labels

    @property
    def top(self) -> int:
        """See :class:`Pipeline`."""
        return self.description.output.top or _DEFAULT_TOP

    @property
    def most_a_run(self) -> int:
        """See :class:`Pipeline`."""
        if self._writer is None:
            return _MOST_IMAGES
        size = int(np.prod(self._writer.shape)) * self._writer.dtype.itemsize
        return min(_MOST_IMAGES, max(1, _TENSOR_BYTES // size))

    def check(self, signatures: Mapping[str, Signature]) -> Signature:
        """See :class:`Pipeline`."""
        said = self.description
        signature = chosen_signature(signatures, said.signature)
        check_input(signature, said.input_name, *self._tensor())
        self._scores.check(signature)
        return signature

    def _tensor(self) -> tuple[DataType, tuple[int | None, ...]]:
        form, writer = self.description.form, self._writer
        if writer is None:
            return DataType.STRING, (None, 1) if _is_column(form) else (None,)
        dtype = DataType.FLOAT if writer.dtype == np.float32 else DataType.UINT8
        return dtype, (None, *writer.shape)

    def encode(self, raw: Sequence[bytes]) -> dict[str, np.ndarray]:
        """See :class:`Pipeline`. Decoding takes about 10 ms a million pixels.

        Raises:
            InvalidArgument: one is no image, a damaged one, or has too many pixels; of
                several images the message says which.
        """
        if self._writer is None:
            tensor = self._checked(raw)
        else:
            tensor = np.empty((len(raw), *self._writer.shape), self._writer.dtype)
            for place, content in enumerate(raw):
                with (
                    _numbered(place, len(raw)),
                    decoded(content, self.description.maximum_pixels) as image,
                ):
                    self._writer.write(image, tensor[place])
        return {self.description.input_name: tensor}

    def _checked(self, raw: Sequence[bytes]) -> np.ndarray:
        form = self.description.form
        assert isinstance(form, ByteForm)  # noqa: S101 - the other one has a writer
        for place, content in enumerate(raw):
            with _numbered(place, len(raw)):
                check_encoded(content, form.formats, self.description.maximum_pixels)
        tensor = np.empty(len(raw), object)
        tensor[:] = raw
        return tensor.reshape(-1, 1) if _is_column(form) else tensor

    def decode(self, outputs: Mapping[str, np.ndarray]) -> list[LabelledScores]:
        """See :class:`Pipeline`."""
        return self._scores.read(outputs)

    def summary(self) -> dict[str, Any]:
        """See :class:`Pipeline`."""
        form = self.description.form
        limit = {"maximum_pixels": self.description.maximum_pixels}
        if isinstance(form, ByteForm):
            return {"form": "bytes", "formats": list(form.formats)} | limit
        rules = form.rules
        return {
            "form": "pixels",
            "formats": list(ByteForm().formats),
            "height": rules.height,
            "width": rules.width,
            "color": rules.color,
        } | limit


def _is_column(form: object) -> bool:
    return isinstance(form, ByteForm) and form.shape == "[images, 1]"


@contextmanager
def _numbered(place: int, count: int) -> Iterator[None]:
    """Say in an error which of several images it is about."""
    try:
        yield
    except ServingError as error:
        if count == 1:
            raise
        where = f"image {place + 1} of {count}"
        raise error_for_code(error.code, f"{where}: {error.message}") from None
