"""Raw texts into a model's tensor, and its scores into labels.

Text → words → vectors → padded tensor → model → scores → labels. All of it but
the model is described by ``assets.extra/tfs_notebook_pipeline.json`` in the version
directory, whose schema is ``text_pipeline.schema.json`` here, and by the tables of
vectors beside it. TensorFlow Serving ignores that directory, and nothing in it is
ever executed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from tfs_notebook.pipelines.description import FILE_NAME, TextDescription, read_description
from tfs_notebook.pipelines.text_words import TextWords
from tfs_notebook.pipelines.vector_table import read_table
from tfs_notebook.pipelines.word_vectors import Rows, WordVectors
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import FailedPrecondition
from tfs_notebook.wire.signatures import Signature

__all__ = [
    "DIRECTORY",
    "EncodedTexts",
    "EncodedWord",
    "LabelledScores",
    "TextPipeline",
    "load_pipeline",
]

#: where TensorFlow Serving keeps what is not part of the graph
DIRECTORY: Final = "assets.extra"


@dataclass(frozen=True, slots=True)
class EncodedWord:
    """A word as it was looked up.

    Attributes:
        word: its text after normalisation.
        known: ``word`` if it has a vector of its own, ``pieces`` if its vector is
            made of parts, ``no`` if it has none.
        place: its index in the text's row of the tensor, None if it is not there.
    """

    word: str
    known: Literal["word", "pieces", "no"]
    place: int | None


@dataclass(frozen=True, slots=True)
class EncodedTexts:
    """What a model is given, and what it was made of.

    Attributes:
        inputs: float32 of shape ``[texts, words, values]`` under the input's alias.
        words: the words of each text.
    """

    inputs: dict[str, np.ndarray]
    words: list[list[EncodedWord]]


@dataclass(frozen=True, slots=True)
class LabelledScores:
    """What a model says of one text.

    Attributes:
        label: the name of the highest score; of the first one among equals.
        index: its place in the output.
        score: its value.
        scores: every score by label, in the output's order.
    """

    label: str
    index: int
    score: float
    scores: dict[str, float]


class TextPipeline:
    """What stands before and after one version of a model; for any thread, immutable.

    Attributes:
        description: what the pipeline file says.
    """

    def __init__(
        self, description: TextDescription, words: TextWords, vectors: WordVectors
    ) -> None:
        self.description = description
        self._words = words
        self._vectors = vectors

    def check(self, signatures: Mapping[str, Signature]) -> Signature:
        """Return the signature that the pipeline is for.

        Raises:
            FailedPrecondition: the model has no such signature, or one that takes
                or gives other tensors.
        """
        said = self.description
        signature = signatures.get(said.signature)
        if signature is None:
            raise FailedPrecondition(
                f"The pipeline is for the signature {said.signature!r}; the model has "
                f"{sorted(signatures)}"
            )
        given: tuple[int, ...] = (-1, said.words_per_text, said.values_per_word)
        _check_tensor(signature, "input", said.input_name, given)
        _check_tensor(signature, "output", said.output_name, (-1, len(said.labels)))
        others = sorted(set(signature.inputs) - {said.input_name} - set(signature.defaults))
        if others:
            raise FailedPrecondition(f"The model also needs {others}, which the pipeline lacks")
        return signature

    def encode(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """Return the tensor for some texts, by the input's alias.

        Any text is taken: one without a word that is known becomes zeros.

        Returns:
            float32 of shape ``[len(texts), words, values]``.
        """
        return self.encode_with_words(texts).inputs

    def encode_with_words(self, texts: Sequence[str]) -> EncodedTexts:
        """As :meth:`encode`, with the words that the tensor was made of."""
        said = self.description
        tensor = np.zeros((len(texts), said.words_per_text, said.values_per_word), np.float32)
        words = [self._fill(row, text) for row, text in zip(tensor, texts, strict=True)]
        return EncodedTexts({said.input_name: tensor}, words)

    def _fill(self, tensor: np.ndarray, text: str) -> list[EncodedWord]:
        words = self._words.cut(text)
        found = [self._vectors.rows(word) for word in words]
        known = [(index, rows) for index, rows in enumerate(found) if rows is not None]
        places: dict[int, int] = {}
        for place, (index, rows) in enumerate(self._kept(known)):
            self._vectors.write(rows, tensor[place])
            places[index] = place
        return [
            EncodedWord(word, _how_known(rows), places.get(index))
            for index, (word, rows) in enumerate(zip(words, found, strict=True))
        ]

    def _kept(self, known: list[tuple[int, Rows]]) -> list[tuple[int, Rows]]:
        room = self.description.words_per_text
        if len(known) <= room or self.description.keep == "beginning":
            return known[:room]
        ending = room // 3
        return known[: room - ending] + known[len(known) - ending :]

    def decode(self, outputs: Mapping[str, np.ndarray]) -> list[LabelledScores]:
        """Return what the scores say, one record a text.

        Args:
            outputs: the model's answer by alias, for texts of :meth:`encode`.

        Raises:
            FailedPrecondition: the scores are missing or not one a label.
        """
        said = self.description
        scores = outputs.get(said.output_name)
        if scores is None:
            raise FailedPrecondition(
                f"The pipeline needs the output {said.output_name!r}; the model gave "
                f"{sorted(outputs)}"
            )
        if scores.ndim != 2 or scores.shape[1] != len(said.labels):
            raise FailedPrecondition(
                f"The output {said.output_name!r} has shape {list(scores.shape)}; the "
                f"pipeline's {len(said.labels)} labels need [texts, {len(said.labels)}]"
            )
        best = scores.argmax(axis=1).tolist() if len(scores) else []
        return [
            self._labelled(row, index) for row, index in zip(scores.tolist(), best, strict=True)
        ]

    def _labelled(self, row: list[float], index: int) -> LabelledScores:
        labels = self.description.labels
        return LabelledScores(
            labels[index], index, row[index], dict(zip(labels, row, strict=True))
        )


def _how_known(rows: Rows | None) -> Literal["word", "pieces", "no"]:
    if rows is None:
        return "no"
    return "word" if isinstance(rows, int) else "pieces"


def _check_tensor(signature: Signature, kind: str, alias: str, shape: tuple[int, ...]) -> None:
    specs = signature.inputs if kind == "input" else signature.outputs
    spec = specs.get(alias)
    if spec is None:
        raise FailedPrecondition(
            f"The pipeline names the {kind} {alias!r}; the signature {signature.name!r} has "
            f"{sorted(specs)}"
        )
    fits = spec.dtype == DataType.FLOAT and (
        spec.shape is None
        or (
            len(spec.shape) == len(shape)
            and all(
                -1 in pair or pair[0] == pair[1] for pair in zip(spec.shape, shape, strict=True)
            )
        )
    )
    if not fits:
        wanted = str(list(shape)).replace("-1", "?")
        raise FailedPrecondition(
            f"The pipeline's {kind} is float {wanted}; the model has {spec}"
        )


def load_pipeline(version_dir: str | Path) -> TextPipeline | None:
    """Load what stands beside a model; None if nothing does. Blocks.

    All of it is in memory afterwards, or mapped where it is large, and jieba's
    dictionary is loaded if the pipeline cuts Chinese words.

    Args:
        version_dir: the directory that holds ``saved_model.pb``.

    Raises:
        DataLoss: the pipeline's files are not valid; the message says which, where
            and why.
    """
    directory = Path(version_dir) / DIRECTORY
    path = directory / FILE_NAME
    if not path.is_file():
        return None
    description = read_description(path)
    width = description.values_per_word
    pieces = description.pieces
    vectors = WordVectors(
        read_table(directory, description.words, width),
        None if pieces is None else read_table(directory, pieces, width),
        description.unknown_word_length,
    )
    return TextPipeline(description, TextWords(description.rules), vectors)
