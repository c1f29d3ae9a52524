"""What a pipeline file may say, and what is said of one that says something else."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.pipelines.small_pipeline import document, with_pieces, write_pipeline
from tfs_notebook.pipelines.description import read_description, validated
from tfs_notebook.pipelines.loading import load_pipeline
from tfs_notebook.pipelines.output_description import OutputDescription
from tfs_notebook.pipelines.text_description import (
    TableFiles,
    TextDescription,
    TextRules,
    VectorForm,
    WordRow,
)
from tfs_notebook.wire.errors import DataLoss

SCHEMA = json.loads(
    files("tfs_notebook.pipelines").joinpath("text_pipeline.schema.json").read_text("utf-8")
)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_defaults_are_those_of_the_schema() -> None:
    said, given, taken = (
        SCHEMA["properties"][part]["properties"] for part in ("text", "input", "output")
    )
    assert {field.name for field in fields(TextRules)} == set(said)
    assert {name: rule["default"] for name, rule in said.items()} == asdict(TextRules())
    assert validated(document(), "it") == TextDescription(
        signature=SCHEMA["properties"]["signature"]["default"],
        rules=TextRules(),
        form=VectorForm(
            WordRow(4, given["keep"]["default"], given["pad"]["default"]),
            3,
            TableFiles("words.txt", "words.npy"),
        ),
        input_name="words",
        output=OutputDescription("scores", ("spam", "pass"), scores=taken["scores"]["default"]),
    )


def test_everything_that_can_be_said_is_read() -> None:
    said = validated(
        document(
            signature="texts",
            text={
                "maximum_characters": 50.0,
                "lowercase": False,
                "digits": "zero",
                "punctuation": "drop",
                "chinese": "characters",
            },
            vectors=with_pieces(unknown_word_length=5),
            input={"name": "x", "words": 20.0, "values": 200, "keep": "ends"},
        ),
        "it",
    )
    assert isinstance(said, TextDescription)
    assert said.signature == "texts"
    assert said.rules == TextRules(50, False, "zero", "drop", "characters")
    form = said.form
    assert isinstance(form, VectorForm)
    assert form.pieces == TableFiles("pieces.txt", "pieces.npy")
    assert form.unknown_word_length == 5
    assert said.input_name == "x"
    assert form.row == WordRow(20, "ends")
    assert isinstance(form.row.words, int)
    assert isinstance(said.rules.maximum_characters, int)


def without(key: str) -> dict[str, Any]:
    rest = document()
    del rest[key]
    return rest


def table(vocabulary: str) -> dict[str, Any]:
    return {"words": {"vocabulary": vocabulary, "values": "words.npy"}}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ([], r"the document: \[\] is not of type 'object'"),
        (None, r"the document: None is not of type 'object'"),
        (without("input"), r"the document: 'input' is a required property"),
        (document(code="print()"), r"the document: Additional properties .*'code'"),
        (document(schema_version=2), r"schema_version: 1 was expected"),
        (document(kind="sound"), r"kind: 'sound' is not one of \['text', 'image'\]"),
        (document(kind=["text"]), r"kind: \['text'\] is not one of"),
        (document(text={"chinese": "words", "regex": "a"}), r"text: Additional .*'regex'"),
        (document(text={"digits": "drop"}), r"text\.digits: 'drop' is not one of"),
        (document(text={"maximum_characters": 0}), r"text\.maximum_characters: 0 is less"),
        (document(text={"maximum_characters": 10**9}), r"maximum_characters: .* greater than"),
        (document(text={"lowercase": 1}), r"text\.lowercase: 1 is not of type 'boolean'"),
        (document(vectors={}), r"vectors: 'words' is a required property"),
        (document(vectors=table("../words.txt")), r"vectors\.words\.vocabulary: '\.\./words"),
        (document(vectors=table("/etc/passwd")), r"vectors\.words\.vocabulary"),
        (document(vectors=table("..")), r"vectors\.words\.vocabulary"),
        (document(vectors=table("")), r"vectors\.words\.vocabulary"),
        (document(vectors=table("a\nb")), r"vectors\.words\.vocabulary"),
        (document(vectors=with_pieces(unknown_word_length=0)), r"unknown_word_length: 0"),
        (document(input={"name": "x", "words": 0, "values": 3}), r"input\.words: 0 is less"),
        (document(input={"name": "x", "words": 4, "values": 1e9}), r"input\.values: .*greater"),
        (document(output={"name": "y", "labels": []}), r"output\.labels"),
        (document(output={"name": "y", "labels": ["a", "a"]}), r"labels: .*non-unique"),
        (document(output={"name": "y", "labels": ["a", 1]}), r"output\.labels\.1: 1 is not"),
    ],
)
def test_what_breaks_the_schema_is_told_with_its_place(said: object, reason: str) -> None:
    with pytest.raises(DataLoss, match=rf"^it is no valid pipeline: .*{reason}"):
        validated(said, "it")


def test_a_value_of_any_size_is_told_in_short() -> None:
    with pytest.raises(DataLoss) as raised:
        validated(document(kind="x" * 100_000), "it")
    assert len(raised.value.message) < 300


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be read as JSON"),
        (b"{", "cannot be read as JSON"),
        (b"\xff\xfe\x00", "cannot be read as JSON"),
        (b'{"kind": \xff}', "cannot be read as JSON"),
        (b'{"unknown_word_length": NaN}', "NaN is no JSON"),
        (b"[" * 100_000, "cannot be read as JSON"),
        (b" " * (4 << 20) + b"{}", "at most"),
    ],
)
def test_a_file_that_is_no_json_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    path = write_pipeline(tmp_path)
    path.write_bytes(content)
    with pytest.raises(DataLoss, match=reason) as raised:
        load_pipeline(tmp_path)
    assert str(path) in raised.value.message


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(key=st.sampled_from(sorted(document())), value=_JSON)
def test_whatever_is_written_is_read_or_refused(key: str, value: object) -> None:
    try:
        said = validated(document(**{key: value}), "it")
    except DataLoss:
        return
    assert isinstance(said, TextDescription)


def test_a_missing_file_is_data_loss(tmp_path: Path) -> None:
    with pytest.raises(DataLoss, match="cannot be read"):
        read_description(tmp_path / "missing.json")
