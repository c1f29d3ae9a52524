"""Raw texts into a model's tensor, and its scores into labels.

Text → words → vectors or numbers → padded tensor → model → scores → labels; or the text
itself, for a model that takes strings. All of it but the model is described by
``assets.extra/tfs_notebook_pipeline.json`` in the version directory, whose schema is
``text_pipeline.schema.json`` here, and by the files beside it. TensorFlow Serving ignores
that directory, and nothing in it is ever executed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from tfs_notebook.pipelines.scores import LabelledScores, ScoreReader
from tfs_notebook.pipelines.tensor_check import check_input, chosen_signature
from tfs_notebook.pipelines.text_description import StringForm, TextDescription, VectorForm
from tfs_notebook.pipelines.text_encoders import TextEncoder
from tfs_notebook.pipelines.word_row import EncodedWord
from tfs_notebook.wire.signatures import Signature

__all__ = ["EncodedTexts", "TextPipeline"]

# Of 20 words with 200 values each: 4 MB, whatever number of texts there is.
_TEXTS_A_RUN: Final = 256


@dataclass(frozen=True, slots=True)
class EncodedTexts:
    """What a model is given, and what it was made of.

    Attributes:
        inputs: the tensor under the input's alias.
        words: the words of each text; none for a model that takes strings.
    """

    inputs: dict[str, np.ndarray]
    words: list[list[EncodedWord]]


class TextPipeline:
    """See :class:`Pipeline`: raw input is ``str``, and any text will do.

    Attributes:
        description: what the pipeline file says.
    """

    kind: Literal["text"] = "text"
    most_a_run = _TEXTS_A_RUN

    def __init__(
        self, description: TextDescription, encoder: TextEncoder, scores: ScoreReader
    ) -> None:
        self.description = description
        self._encoder = encoder
        self._scores = scores

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
    def top(self) -> int | None:
        """See :class:`Pipeline`."""
        return self.description.output.top

    def check(self, signatures: Mapping[str, Signature]) -> Signature:
        """See :class:`Pipeline`."""
        said, encoder = self.description, self._encoder
        signature = chosen_signature(signatures, said.signature)
        check_input(signature, said.input_name, encoder.dtype, encoder.shape)
        self._scores.check(signature)
        return signature

    def encode(self, raw: Sequence[str]) -> dict[str, np.ndarray]:
        """See :class:`Pipeline`. A text without a known word is all padding."""
        return self.encode_with_words(raw).inputs

    def encode_with_words(self, texts: Sequence[str]) -> EncodedTexts:
        """As :meth:`encode`, with the words that the tensor was made of."""
        tensor, words = self._encoder.encode(texts)
        return EncodedTexts({self.description.input_name: tensor}, words)

    def decode(self, outputs: Mapping[str, np.ndarray]) -> list[LabelledScores]:
        """See :class:`Pipeline`."""
        return self._scores.read(outputs)

    def summary(self) -> dict[str, Any]:
        """See :class:`Pipeline`."""
        form = self.description.form
        if isinstance(form, StringForm):
            return {"form": "strings"}
        name = "vectors" if isinstance(form, VectorForm) else "ids"
        return {"form": name, "words": form.row.words}
