"""The pipeline beside a model, loaded from its files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tfs_notebook.pipelines.description import DIRECTORY, FILE_NAME, read_description
from tfs_notebook.pipelines.output_description import OutputDescription
from tfs_notebook.pipelines.scores import ScoreReader
from tfs_notebook.pipelines.text import TextPipeline
from tfs_notebook.pipelines.text_description import (
    IdForm,
    StringForm,
    TextDescription,
    VectorForm,
)
from tfs_notebook.pipelines.text_encoders import (
    IdEncoder,
    StringEncoder,
    TextEncoder,
    VectorEncoder,
)
from tfs_notebook.pipelines.text_words import TextWords
from tfs_notebook.pipelines.vector_table import read_table
from tfs_notebook.pipelines.vocabulary import read_labels, read_vocabulary
from tfs_notebook.pipelines.word_vectors import WordVectors
from tfs_notebook.wire.errors import DataLoss

if TYPE_CHECKING:
    from tfs_notebook.pipelines.image import ImagePipeline

__all__ = ["load_pipeline"]

_LARGEST_ID: Final = 2**31 - 1


def load_pipeline(version_dir: str | Path) -> TextPipeline | ImagePipeline | None:
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
    scores = _scores(directory, description.output)
    if isinstance(description, TextDescription):
        return TextPipeline(description, _text_encoder(directory, description), scores)
    from tfs_notebook.pipelines.image import ImagePipeline  # noqa: PLC0415 - it loads Pillow

    return ImagePipeline(description, scores)


def _scores(directory: Path, said: OutputDescription) -> ScoreReader:
    if said.labels_file is None:
        return ScoreReader(said, said.labels)
    return ScoreReader(said, read_labels(directory / said.labels_file))


def _text_encoder(directory: Path, description: TextDescription) -> TextEncoder:
    form, rules = description.form, description.rules
    if isinstance(form, StringForm):
        return StringEncoder(form, rules)
    words = TextWords(rules)
    if isinstance(form, IdForm):
        return IdEncoder(form, words, _ids(directory / form.vocabulary, form.first_id))
    return VectorEncoder(form, words, _vectors(directory, form))


def _ids(path: Path, first: int) -> dict[str, int]:
    entries = read_vocabulary(path)
    last = first + len(entries) - 1
    if last > _LARGEST_ID:
        raise DataLoss(f"{path} has numbers up to {last}; the largest is {_LARGEST_ID}")
    return {entry: number for number, entry in enumerate(entries, first)}


def _vectors(directory: Path, form: VectorForm) -> WordVectors:
    return WordVectors(
        read_table(directory, form.words, form.values),
        None if form.pieces is None else read_table(directory, form.pieces, form.values),
        form.unknown_word_length,
    )
