"""What a pipeline file of kind ``text`` says, as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal, TypeAlias

from tfs_notebook.pipelines.output_description import OutputDescription

__all__ = [
    "IdForm",
    "StringForm",
    "TableFiles",
    "TextDescription",
    "TextForm",
    "TextRules",
    "VectorForm",
    "WordRow",
]

TensorOfTexts = Literal["[texts]", "[texts, 1]"]


@dataclass(frozen=True, slots=True)
class TextRules:
    """How a text becomes words; see the schema for each."""

    maximum_characters: int = 1000
    lowercase: bool = True
    digits: Literal["keep", "zero"] = "keep"
    punctuation: Literal["keep", "drop"] = "keep"
    chinese: Literal["words", "characters"] = "words"
    split: Literal["words", "whitespace", "characters"] = "words"


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The two files of a table of vectors, by their names beside the pipeline file."""

    vocabulary: str
    values: str


@dataclass(frozen=True, slots=True)
class WordRow:
    """The places a text's words take; see the schema's ``input`` for each."""

    words: int
    keep: Literal["beginning", "ends", "ending"] = "beginning"
    pad: Literal["end", "beginning"] = "end"


@dataclass(frozen=True, slots=True)
class VectorForm:
    """The model takes a vector for each word.

    Attributes:
        row: the places.
        values: how many a vector has.
        words: the vectors of known words.
        pieces: the vectors of parts of words, for words that are not known.
        unknown_word_length: what vectors made of pieces are scaled to.
    """

    row: WordRow
    values: int
    words: TableFiles
    pieces: TableFiles | None = None
    unknown_word_length: float | None = None


@dataclass(frozen=True, slots=True)
class IdForm:
    """The model takes a number for each word.

    Attributes:
        row: the places, with those of ``begin`` and ``end``.
        vocabulary: the file of words, by its name beside the pipeline file.
        first_id: the number of its first word; the others follow.
        unknown: the number of words that are not in it; None gives them no place.
        padding: what free places hold.
        begin: what comes before the words of a text.
        end: what comes after them.
        type: of the tensor.
    """

    row: WordRow
    vocabulary: str
    first_id: int = 0
    unknown: int | None = None
    padding: int = 0
    begin: int | None = None
    end: int | None = None
    type: Literal["int32", "int64"] = "int64"


@dataclass(frozen=True, slots=True)
class StringForm:
    """The model takes the text itself.

    Attributes:
        text: ``raw`` as it came, ``normalized`` by the rules.
        shape: of the tensor.
    """

    text: Literal["raw", "normalized"] = "raw"
    shape: TensorOfTexts = "[texts]"


TextForm: TypeAlias = VectorForm | IdForm | StringForm

_NUMBERS = ("first_id", "unknown", "padding", "begin", "end")


@dataclass(frozen=True, slots=True)
class TextDescription:
    """A valid pipeline of kind ``text``.

    Attributes:
        signature: the model's signature that it feeds.
        rules: how a text becomes words.
        form: what the model is given of them.
        input_name: the alias of the tensor.
        output: what its scores mean.
    """

    kind: ClassVar[Literal["text"]] = "text"

    signature: str
    rules: TextRules
    form: TextForm
    input_name: str
    output: OutputDescription

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> TextDescription:
        """Take it from a document that is valid by the schema.

        Raises:
            ValueError: what the schema cannot say.
        """
        rules = dict(document.get("text", {}))
        if "maximum_characters" in rules:
            # In JSON, and to the schema, 20.0 is an integer.
            rules["maximum_characters"] = int(rules["maximum_characters"])
        return cls(
            signature=document.get("signature", "serving_default"),
            rules=TextRules(**rules),
            form=_form(document),
            input_name=document["input"]["name"],
            output=OutputDescription.read(document["output"]),
        )

    def document(self) -> dict[str, Any]:
        """As the pipeline file says it."""
        form = self.form
        said: dict[str, Any] = {"name": self.input_name}
        if isinstance(form, StringForm):
            said["shape"] = form.shape
            key, content = "strings", {"text": form.text}
        else:
            said |= asdict(form.row)
            if isinstance(form, VectorForm):
                said["values"] = form.values
            content = {name: value for name, value in _fields(form) if value is not None}
            key = "vectors" if isinstance(form, VectorForm) else "ids"
        return {
            "schema_version": 1,
            "kind": self.kind,
            "signature": self.signature,
            "text": asdict(self.rules),
            key: content,
            "input": said,
            "output": self.output.document(),
        }


def _fields(form: VectorForm | IdForm) -> list[tuple[str, Any]]:
    elsewhere = ("row", "values")
    return [item for item in asdict(form).items() if item[0] not in elsewhere]


def _form(document: Mapping[str, Any]) -> TextForm:
    given = document["input"]
    if "strings" in document:
        return StringForm(**document["strings"], shape=given.get("shape", "[texts]"))
    row = WordRow(int(given["words"]), given.get("keep", "beginning"), given.get("pad", "end"))
    if "ids" in document:
        form = IdForm(row, **_with_integers(document["ids"]))
        marks = (form.begin is not None) + (form.end is not None)
        if row.words <= marks:
            raise ValueError(f"input.words: {row.words} leave no place beside begin and end")
        return form
    vectors = document["vectors"]
    pieces = vectors.get("pieces")
    return VectorForm(
        row,
        int(given["values"]),
        TableFiles(**vectors["words"]),
        None if pieces is None else TableFiles(**pieces),
        vectors.get("unknown_word_length"),
    )


def _with_integers(ids: Mapping[str, Any]) -> dict[str, Any]:
    return {name: int(value) if name in _NUMBERS else value for name, value in ids.items()}
