"""What a pipeline file says, validated against the schema and read into records."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn

from tfs_notebook.wire.errors import DataLoss

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

__all__ = [
    "FILE_NAME",
    "TableFiles",
    "TextDescription",
    "TextRules",
    "read_description",
    "validated",
]

FILE_NAME: Final = "tfs_notebook_pipeline.json"

_SCHEMA: Final = "text_pipeline.schema.json"
# A hundred thousand labels fit; a file that was put there by mistake does not.
_MAXIMUM_BYTES: Final = 4 << 20
_MAXIMUM_VALUE_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class TextRules:
    """How a text becomes words; see the schema for each."""

    maximum_characters: int = 1000
    lowercase: bool = True
    digits: Literal["keep", "zero"] = "keep"
    punctuation: Literal["keep", "drop"] = "keep"
    chinese: Literal["words", "characters"] = "words"


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The two files of a table of vectors, by their names beside the pipeline file."""

    vocabulary: str
    values: str


@dataclass(frozen=True, slots=True)
class TextDescription:
    """A valid pipeline of kind ``text``.

    Attributes:
        signature: the model's signature that it feeds.
        rules: how a text becomes words.
        words: the vectors of known words.
        pieces: the vectors of parts of words, for words that are not known.
        unknown_word_length: what vectors made of pieces are scaled to.
        input_name: the alias of the tensor of vectors.
        words_per_text: its second dimension.
        values_per_word: its third dimension.
        keep: what is kept of a text with more words.
        output_name: the alias of the scores.
        labels: a name for each score, in their order.
    """

    signature: str
    rules: TextRules
    words: TableFiles
    pieces: TableFiles | None
    unknown_word_length: float | None
    input_name: str
    words_per_text: int
    values_per_word: int
    keep: Literal["beginning", "ends"]
    output_name: str
    labels: tuple[str, ...]


def read_description(path: Path) -> TextDescription:
    """Read and validate a pipeline file.

    Raises:
        DataLoss: it cannot be read or breaks the schema; the message names the
            file, the place in it, and what is expected there.
    """
    try:
        size = path.stat().st_size
        if size > _MAXIMUM_BYTES:
            raise DataLoss(f"{path} has {size} bytes; a pipeline has {_MAXIMUM_BYTES} at most")
        document = json.loads(path.read_bytes(), parse_constant=_refuse_constant)
    except (OSError, ValueError, RecursionError) as error:
        raise DataLoss(f"{path} cannot be read as JSON: {error}") from error
    return validated(document, str(path))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def validated(document: object, source: str) -> TextDescription:
    """Check a pipeline against the schema and return its record.

    Args:
        document: the JSON document, parsed.
        source: what to call it in an error.

    Raises:
        DataLoss: it breaks the schema.
    """
    from jsonschema.exceptions import best_match  # noqa: PLC0415 - 0.2 s that not everyone needs

    error = best_match(_validator().iter_errors(document))
    if error is not None:
        place = ".".join(str(part) for part in error.absolute_path) or "the document"
        raise DataLoss(f"{source} is no valid pipeline: {place}: {_reason(error)}")
    assert isinstance(document, dict)  # noqa: S101 - the schema says so
    return _description(document)


def _reason(error: ValidationError) -> str:
    # The message may quote a value of any size.
    shown = repr(error.instance)
    if len(shown) > _MAXIMUM_VALUE_SHOWN:
        return str(error.message).replace(shown, f"{shown[:_MAXIMUM_VALUE_SHOWN]}…")
    return str(error.message)


@cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - as above

    schema = files("tfs_notebook.pipelines").joinpath(_SCHEMA).read_text("utf-8")
    return Draft202012Validator(json.loads(schema))


def _rules(text: Mapping[str, Any]) -> TextRules:
    rules = TextRules(**text)
    # In JSON, and to the schema, 20.0 is an integer.
    return replace(rules, maximum_characters=int(rules.maximum_characters))


def _description(document: Mapping[str, Any]) -> TextDescription:
    vectors, given, taken = document["vectors"], document["input"], document["output"]
    pieces = vectors.get("pieces")
    return TextDescription(
        signature=document.get("signature", "serving_default"),
        rules=_rules(document["text"]),
        words=TableFiles(**vectors["words"]),
        pieces=None if pieces is None else TableFiles(**pieces),
        unknown_word_length=vectors.get("unknown_word_length"),
        input_name=given["name"],
        words_per_text=int(given["words"]),
        values_per_word=int(given["values"]),
        keep=given.get("keep", "beginning"),
        output_name=taken["name"],
        labels=tuple(taken["labels"]),
    )
