"""Texts as numbers of words, as strings, and the ways to cut them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pipelines.small_image import write_document
from tests.pipelines.small_pipeline import document, loaded
from tfs_notebook.pipelines.description import DIRECTORY
from tfs_notebook.pipelines.loading import load_pipeline
from tfs_notebook.pipelines.output_description import OutputDescription
from tfs_notebook.pipelines.scores import ScoreReader
from tfs_notebook.pipelines.text import TextPipeline
from tfs_notebook.pipelines.text_description import (
    IdForm,
    StringForm,
    TextDescription,
    TextRules,
    WordRow,
)
from tfs_notebook.pipelines.text_encoders import IdEncoder, StringEncoder
from tfs_notebook.pipelines.text_words import TextWords
from tfs_notebook.pipelines.word_row import EncodedWord
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import DataLoss, FailedPrecondition
from tfs_notebook.wire.signatures import Signature, TensorSpec

WORDS = ["free", "see", "微信", "!", "a b"]


def ids_document(row: dict[str, Any] | None = None, **ids: Any) -> dict[str, Any]:
    said = document(
        ids={"vocabulary": "words.txt"} | ids,
        input={"name": "ids", "words": 4} | (row or {}),
    )
    del said["vectors"]
    return said


def with_ids(version: Path, row: dict[str, Any] | None = None, **ids: Any) -> TextPipeline:
    """Write a pipeline with :data:`WORDS` and load it."""
    path = write_document(version, ids_document(row, **ids))
    (path.parent / "words.txt").write_text("".join(f"{word}\n" for word in WORDS), "utf-8")
    pipeline = load_pipeline(version)
    assert isinstance(pipeline, TextPipeline)
    return pipeline


def rows(pipeline: TextPipeline, *texts: str) -> list[list[int]]:
    found: list[list[int]] = pipeline.encode(texts)["ids"].tolist()
    return found


def test_words_become_their_numbers(tmp_path: Path) -> None:
    pipeline = with_ids(tmp_path, first_id=2, unknown=1)
    assert rows(pipeline, "See 微信!", "xyz free", "") == [
        [3, 4, 5, 0],
        [1, 2, 0, 0],
        [0, 0, 0, 0],
    ]
    assert pipeline.encode([])["ids"].shape == (0, 4)
    assert pipeline.encode([])["ids"].dtype == np.int64
    assert with_ids(tmp_path, type="int32").encode(["free"])["ids"].dtype == np.int32


def test_unknown_words_take_no_place_unless_they_have_a_number(tmp_path: Path) -> None:
    assert rows(with_ids(tmp_path, padding=9), "xyz free") == [[0, 9, 9, 9]]


def test_begin_and_end_are_always_there(tmp_path: Path) -> None:
    pipeline = with_ids(tmp_path, first_id=10, begin=1, end=2)
    assert rows(pipeline, "free see ! free see", "", "see") == [
        [1, 10, 11, 2],
        [1, 2, 0, 0],
        [1, 11, 2, 0],
    ]


def test_which_end_is_filled_and_which_is_kept(tmp_path: Path) -> None:
    text = "free see 微信 ! see"
    for keep, expected in (
        ("beginning", [1, 2, 3, 4]),
        ("ending", [2, 3, 4, 2]),
        ("ends", [1, 2, 3, 2]),
    ):
        pipeline = with_ids(tmp_path, {"keep": keep, "pad": "beginning"}, first_id=1)
        assert rows(pipeline, text, "see") == [expected, [0, 0, 0, 2]]


def test_vectors_are_kept_and_filled_in_the_same_ways(tmp_path: Path) -> None:
    row = {"name": "words", "words": 4, "values": 3}
    pipeline = loaded(tmp_path, input=row | {"keep": "ending", "pad": "beginning"})
    (tensor,) = pipeline.encode(["see see see see free"])["words"]
    assert tensor.argmax(axis=1).tolist() == [1, 1, 1, 0]
    (tensor,) = pipeline.encode(["free"])["words"]
    assert tensor.sum(axis=1).tolist() == [0, 0, 0, 1]


def test_the_words_are_told_with_their_places(tmp_path: Path) -> None:
    pipeline = with_ids(tmp_path, {"pad": "beginning"}, begin=7, unknown=8)
    assert pipeline.encode_with_words(["free xyz"]).words == [
        [EncodedWord("free", "word", 2), EncodedWord("xyz", "no", 3)]
    ]


_NUMBERS = st.integers(0, 99)


@given(
    texts=st.lists(st.lists(st.sampled_from("abcxyz"), max_size=12).map(" ".join), max_size=4),
    form=st.builds(
        IdForm,
        st.builds(
            WordRow,
            st.integers(3, 8),
            st.sampled_from(["beginning", "ends", "ending"]),
            st.sampled_from(["end", "beginning"]),
        ),
        st.just("words.txt"),
        _NUMBERS,
        st.none() | _NUMBERS,
        _NUMBERS,
        st.none() | _NUMBERS,
        st.none() | _NUMBERS,
        st.sampled_from(["int32", "int64"]),
    ),
)
def test_numbers_are_those_of_a_plain_encoder(texts: list[str], form: IdForm) -> None:
    ids = {word: form.first_id + place for place, word in enumerate("abc")}
    encoder = IdEncoder(form, TextWords(TextRules(split="whitespace")), ids)
    tensor, _ = encoder.encode(texts)
    assert tensor.dtype == form.type
    for text, found in zip(texts, tensor.tolist(), strict=True):
        numbers = [ids.get(word, form.unknown) for word in text.split()]
        known = [number for number in numbers if number is not None]
        before = [form.begin] if form.begin is not None else []
        after = [form.end] if form.end is not None else []
        room = form.row.words - len(before + after)
        if len(known) > room:
            if form.row.keep == "beginning":
                known = known[:room]
            elif form.row.keep == "ending":
                known = known[-room:]
            else:
                last = room // 3
                known = known[: room - last] + (known[-last:] if last else [])
        expected = before + known + after
        filling = [form.padding] * (form.row.words - len(expected))
        at_end = form.row.pad == "end"
        assert found == (expected + filling if at_end else filling + expected)


@pytest.mark.parametrize(
    ("rules", "text", "words"),
    [
        ({"split": "whitespace"}, "Don't  stop,\tnow!\n", ["don't", "stop,", "now!"]),
        ({"split": "whitespace"}, "加我 微信", ["加我", "微信"]),
        ({"split": "whitespace", "punctuation": "drop"}, "a, b -- c_d", ["a", "b", "cd"]),
        ({"split": "whitespace", "digits": "zero"}, "call 80888", ["call", "00000"]),
        ({"split": "whitespace", "lowercase": False}, "Big", ["Big"]),
        ({"split": "whitespace"}, "", []),
        ({"split": "characters"}, "a  b\n微!", ["a", " ", "b", " ", "微", "!"]),
        ({"split": "characters", "punctuation": "drop"}, "a!b", ["a", "b"]),
        ({"split": "characters", "digits": "zero"}, "x9", ["x", "0"]),
        ({"split": "characters", "maximum_characters": 2}, "abc", ["a", "b"]),
        ({"split": "characters"}, "f\u200bree\ud800", ["f", "r", "e", "e"]),
    ],
)
def test_the_ways_to_cut(rules: dict[str, Any], text: str, words: list[str]) -> None:
    assert TextWords(TextRules(**rules)).cut(text) == words


@given(text=st.text(), split=st.sampled_from(["whitespace", "characters"]))
def test_any_text_is_cut(text: str, split: Any) -> None:
    for word in TextWords(TextRules(split=split)).cut(text):
        assert word
        assert word.encode()


def strings(**form: Any) -> StringEncoder:
    return StringEncoder(StringForm(**form), TextRules(maximum_characters=20))


def test_texts_for_models_that_take_strings() -> None:
    texts = ["Ｆree\u200b  NOW", "微信", "cut \ud83d", "x" * 30, ""]
    tensor, words = strings().encode(texts)
    assert tensor.shape == (5,)
    assert [text.decode() for text in tensor] == [
        "Ｆree\u200b  NOW", "微信", "cut ?", "x" * 20, ""
    ]  # fmt: skip
    assert words == [[]] * 5
    tensor, _ = strings(text="normalized", shape="[texts, 1]").encode(texts)
    assert [text.decode() for (text,) in tensor] == [
        "free  now", "微信", "cut ", "x" * 20, ""
    ]  # fmt: skip


def test_strings_from_files(tmp_path: Path) -> None:
    said = document(strings={}, input={"name": "text"})
    del said["vectors"], said["text"]
    write_document(tmp_path, said)
    pipeline = load_pipeline(tmp_path)
    assert isinstance(pipeline, TextPipeline)
    assert pipeline.encode(["Free"])["text"].tolist() == [b"Free"]
    assert pipeline.summary() == {"form": "strings"}


def signature(dtype: DataType, shape: tuple[int, ...]) -> dict[str, Signature]:
    given = TensorSpec("ids", dtype, shape)
    taken = TensorSpec("scores", DataType.FLOAT, (-1, 2))
    one = Signature("serving_default", "", {"ids": given}, {"scores": taken})
    return {"serving_default": one}


@pytest.mark.parametrize(
    ("encoder", "dtype", "shape", "wrong"),
    [
        (strings(), DataType.STRING, (-1,), (-1, 1)),
        (strings(shape="[texts, 1]"), DataType.STRING, (-1, 1), (-1,)),
        (
            IdEncoder(IdForm(WordRow(4), ""), TextWords(TextRules(split="whitespace")), {}),
            DataType.INT64,
            (-1, 4),
            (-1, 5),
        ),
    ],
)
def test_the_model_has_to_take_the_tensor(
    encoder: StringEncoder | IdEncoder,
    dtype: DataType,
    shape: tuple[int, ...],
    wrong: tuple[int, ...],
) -> None:
    output = OutputDescription("scores", ("a", "b"))
    said = TextDescription("serving_default", TextRules(), StringForm(), "ids", output)
    pipeline = TextPipeline(said, encoder, ScoreReader(output, output.labels))
    right = signature(dtype, shape)
    assert pipeline.check(right) is right["serving_default"]
    for other in (signature(dtype, wrong), signature(DataType.INT8, shape)):
        with pytest.raises(FailedPrecondition, match="The pipeline's input is"):
            pipeline.check(other)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a\n\nb\n", "empty line: line 2"),
        (b"a\nb\na\n", "an entry twice: 'a'"),
        (b"\xff\n", "cannot be read"),
    ],
)
def test_a_vocabulary_that_is_wrong(tmp_path: Path, content: bytes, reason: str) -> None:
    path = write_document(tmp_path, ids_document())
    (path.parent / "words.txt").write_bytes(content)
    with pytest.raises(DataLoss, match=reason):
        load_pipeline(tmp_path)


def test_numbers_that_do_not_fit(tmp_path: Path) -> None:
    with pytest.raises(DataLoss, match="numbers up to 2147483650; the largest is 2147483647"):
        with_ids(tmp_path, first_id=2**31 - 2)


def test_a_vocabulary_that_is_missing(tmp_path: Path) -> None:
    write_document(tmp_path, ids_document())
    with pytest.raises(DataLoss, match=rf"{DIRECTORY}/words.txt cannot be read"):
        load_pipeline(tmp_path)
