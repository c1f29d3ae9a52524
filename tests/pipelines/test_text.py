"""Raw text into a tensor, and scores into labels."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from timeit import repeat

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.at_once import at_once
from tests.pipelines.small_pipeline import WORDS, loaded, with_pieces
from tests.python_process import output_of
from tfs_notebook.pipelines.loading import load_pipeline
from tfs_notebook.pipelines.scores import LabelledScores
from tfs_notebook.pipelines.text import TextPipeline
from tfs_notebook.pipelines.word_row import EncodedWord
from tfs_notebook.runtimes.tensorflow.saved_model import TensorFlowModel, load_saved_model
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import FailedPrecondition
from tfs_notebook.wire.signatures import Signature, TensorSpec

# The first test that asks for the trained model waits for its training.
pytestmark = pytest.mark.timeout(300)

_FREE, _SEE, _WECHAT, _MARK = WORDS.values()
_NOTHING = [0.0, 0.0, 0.0]


@pytest.fixture
def pipeline(tmp_path: Path) -> TextPipeline:
    return loaded(tmp_path, vectors=with_pieces())


def rows(pipeline: TextPipeline, text: str) -> list[list[float]]:
    (row,) = pipeline.encode([text])["words"].tolist()
    return row  # type: ignore[no-any-return]


def test_a_directory_without_a_pipeline_has_none(tmp_path: Path) -> None:
    assert load_pipeline(tmp_path) is None
    assert load_pipeline(tmp_path / "missing") is None


def test_words_become_their_vectors_in_order_and_zeros_follow(pipeline: TextPipeline) -> None:
    assert rows(pipeline, "See 微信!") == [_SEE, _WECHAT, _MARK, _NOTHING]


def test_the_tensor_has_a_row_a_text(pipeline: TextPipeline) -> None:
    tensor = pipeline.encode(["free", "", "see"])["words"]
    assert tensor.shape == (3, 4, 3)
    assert tensor.dtype == np.float32
    assert tensor[:, 0].tolist() == [_FREE, _NOTHING, _SEE]
    assert pipeline.encode([])["words"].shape == (0, 4, 3)


def test_an_unknown_word_is_the_mean_of_its_pieces(pipeline: TextPipeline) -> None:
    assert rows(pipeline, "fred") == [[1.0, 2.0, 0.0], *[_NOTHING] * 3]


def test_a_vector_of_pieces_can_have_the_length_of_the_others(tmp_path: Path) -> None:
    pipeline = loaded(tmp_path, vectors=with_pieces(unknown_word_length=3))
    (made,) = rows(pipeline, "fred")[:1]
    assert math.hypot(*made) == pytest.approx(3)
    assert rows(pipeline, "free")[0] == _FREE


def test_a_word_without_any_piece_takes_no_place(pipeline: TextPipeline) -> None:
    assert rows(pipeline, "xyz free 🙈 see") == [_FREE, _SEE, _NOTHING, _NOTHING]


def test_without_pieces_an_unknown_word_takes_no_place(tmp_path: Path) -> None:
    assert rows(loaded(tmp_path), "fred see")[:2] == [_SEE, _NOTHING]


def test_of_a_longer_text_the_beginning_is_kept(pipeline: TextPipeline) -> None:
    assert rows(pipeline, "see see free free see") == [_SEE, _SEE, _FREE, _FREE]


def test_or_both_ends_are(tmp_path: Path) -> None:
    pipeline = loaded(
        tmp_path, input={"name": "words", "words": 4, "values": 3, "keep": "ends"}
    )
    assert rows(pipeline, "see see see free free 微信") == [_SEE, _SEE, _SEE, _WECHAT]
    assert rows(pipeline, "see free") == [_SEE, _FREE, _NOTHING, _NOTHING]


def test_the_words_are_told_with_how_they_are_known(pipeline: TextPipeline) -> None:
    encoded = pipeline.encode_with_words(["FREE xyz fred", ""])
    assert encoded.words == [
        [
            EncodedWord("free", "word", 0),
            EncodedWord("xyz", "no", None),
            EncodedWord("fred", "pieces", 1),
        ],
        [],
    ]
    assert np.array_equal(
        encoded.inputs["words"], pipeline.encode(["FREE xyz fred", ""])["words"]
    )


def test_words_beyond_the_places_have_none(pipeline: TextPipeline) -> None:
    (words,) = pipeline.encode_with_words(["see see see see free"]).words
    assert [word.place for word in words] == [0, 1, 2, 3, None]


@given(
    text=st.one_of(
        st.text(),
        st.text(st.characters(categories=["Cs", "Cc", "Cf", "Co", "So", "Mn"])),
        st.text("微信 free!\u200b\ufe0f\n", max_size=60),
        st.sampled_from(["", " ", "free" * 2500, "微" * 10_000, "!" * 10_000, "\ufdfa" * 3000]),
    )
)
def test_any_text_becomes_a_tensor(spam_pipeline: TextPipeline, text: str) -> None:
    encoded = spam_pipeline.encode_with_words([text])
    tensor = encoded.inputs["words"]
    assert tensor.shape == (1, 20, 200)
    assert tensor.dtype == np.float32
    assert np.isfinite(tensor).all()
    placed = [word.place for word in encoded.words[0] if word.place is not None]
    assert placed == list(range(len(placed)))
    assert not tensor[0, len(placed) :].any()
    for word in encoded.words[0]:
        assert word.word.encode("utf-8")


def test_many_threads_may_encode_at_once(spam_pipeline: TextPipeline) -> None:
    texts = ["加我微信领福利", "see you at home", "fr33 pr1ze 薇❤信"] * 20
    expected = spam_pipeline.encode(texts)["words"]
    for words in at_once(4, lambda _: spam_pipeline.encode(texts)["words"]):
        assert np.array_equal(words, expected)


@pytest.mark.parametrize(
    "text",
    [
        "加我微信xxxxx有福利",
        "Congratulations! You have won a free prize, click to claim it before midnight",
        "qwzx vrtk plmn ojhu " * 5,
    ],
)
def test_a_message_takes_less_than_a_millisecond(
    spam_pipeline: TextPipeline, text: str
) -> None:
    spam_pipeline.encode([text])
    assert min(repeat(lambda: spam_pipeline.encode([text]), number=1, repeat=50)) < 1e-3


def test_the_highest_score_is_the_label(pipeline: TextPipeline) -> None:
    scores = np.array([[0.75, 0.25], [0.5, 0.5], [0.125, 0.875]], np.float32)
    assert pipeline.decode({"scores": scores}) == [
        LabelledScores("spam", 0, 0.75, {"spam": 0.75, "pass": 0.25}),
        LabelledScores("spam", 0, 0.5, {"spam": 0.5, "pass": 0.5}),
        LabelledScores("pass", 1, 0.875, {"spam": 0.125, "pass": 0.875}),
    ]
    assert pipeline.decode({"scores": scores[:0]}) == []


@pytest.mark.parametrize("shape", [(2,), (1, 3), (1, 2, 1), ()])
def test_scores_that_are_not_one_a_label_are_refused(
    pipeline: TextPipeline, shape: tuple[int, ...]
) -> None:
    with pytest.raises(FailedPrecondition, match=r"'scores' has shape .* 2 labels need"):
        pipeline.decode({"scores": np.zeros(shape, np.float32)})


def test_missing_scores_are_named(pipeline: TextPipeline) -> None:
    with pytest.raises(FailedPrecondition, match=r"needs the output 'scores'.*\['other'\]"):
        pipeline.decode({"other": np.zeros((1, 2), np.float32)})


def signature(
    given: TensorSpec | None = None, taken: TensorSpec | None = None, *more: TensorSpec
) -> Signature:
    given = given or TensorSpec("words", DataType.FLOAT, (-1, 4, 3))
    taken = taken or TensorSpec("scores", DataType.FLOAT, (-1, 2))
    inputs = {spec.alias: spec for spec in (given, *more)}
    return Signature("serving_default", "", inputs, {taken.alias: taken})


@pytest.mark.parametrize(
    "fitting",
    [
        signature(),
        signature(TensorSpec("words", DataType.FLOAT, None)),
        signature(TensorSpec("words", DataType.FLOAT, (-1, -1, 3))),
        signature(None, TensorSpec("scores", DataType.FLOAT, (-1, -1))),
    ],
)
def test_a_signature_that_fits_is_returned(pipeline: TextPipeline, fitting: Signature) -> None:
    assert pipeline.check({"serving_default": fitting, "other": signature()}) is fitting


@pytest.mark.parametrize(
    ("signatures", "reason"),
    [
        ({"other": signature()}, r"signature 'serving_default'; the model has \['other'\]"),
        (signature(TensorSpec("x", DataType.FLOAT, None)), r"the input 'words'; .*\['x'\]"),
        (signature(TensorSpec("words", DataType.INT64, None)), r"float \[\?, 4, 3\].*int64"),
        (
            signature(TensorSpec("words", DataType.FLOAT, (-1, 4, 5))),
            r"input is float \[\?, 4, 3\]; the model has words: float \[\?, 4, 5\]",
        ),
        (signature(TensorSpec("words", DataType.FLOAT, (-1, 12))), r"float \[\?, 12\]"),
        (signature(None, TensorSpec("y", DataType.FLOAT, None)), r"the output 'scores'; .*'y'"),
        (signature(None, TensorSpec("scores", DataType.FLOAT, (-1, 3))), r"output is float"),
        (
            signature(None, None, TensorSpec("mask", DataType.BOOL, None)),
            r"also needs \['mask'\]",
        ),
    ],
)
def test_a_model_that_does_not_fit_is_refused(
    pipeline: TextPipeline, signatures: dict[str, Signature] | Signature, reason: str
) -> None:
    if isinstance(signatures, Signature):
        signatures = {"serving_default": signatures}
    with pytest.raises(FailedPrecondition, match=reason):
        pipeline.check(signatures)


@pytest.fixture(scope="module")
def spam_pipeline(spam: Path) -> TextPipeline:
    pipeline = load_pipeline(spam / "2")
    assert isinstance(pipeline, TextPipeline)
    return pipeline


@pytest.fixture(scope="module")
def spam_model(spam: Path) -> Iterator[TensorFlowModel]:
    model = load_saved_model(spam / "2", ["serve"])
    yield model
    model.close()


def judge(model: TensorFlowModel, pipeline: TextPipeline, *texts: str) -> list[LabelledScores]:
    chosen = pipeline.check(model.signatures)
    arrays = pipeline.encode(texts)
    inputs = {alias: (array, int(DataType.FLOAT)) for alias, array in arrays.items()}
    (scores,) = model.run(chosen, inputs, ["scores"])
    return pipeline.decode({"scores": scores})


def test_the_trained_model_knows_spam(
    spam_model: TensorFlowModel, spam_pipeline: TextPipeline
) -> None:
    spam, chat = judge(spam_model, spam_pipeline, "加我微信xxxxx有福利", "晚上一起吃饭吗")
    assert (spam.label, spam.index, chat.label, chat.index) == ("spam", 0, "pass", 1)
    assert spam.score == max(spam.scores.values())
    assert sum(spam.scores.values()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    "text",
    ["", " \n\t", "🙈🎉", "\x00\x07\x1b[31m", "zzxq", "free " * 2000, "发票" * 5000, "\ud800"],
)
def test_text_that_the_model_cannot_know_gets_an_answer(
    spam_model: TensorFlowModel, spam_pipeline: TextPipeline, text: str
) -> None:
    (judged,) = judge(spam_model, spam_pipeline, text)
    assert judged.label in ("spam", "pass")
    assert math.isfinite(judged.score)


def test_texts_are_judged_alike_alone_and_together(
    spam_model: TensorFlowModel, spam_pipeline: TextPipeline
) -> None:
    texts = ["加我微信领福利", "Are you home yet?", "", "贷款秒批，无抵押"]
    together = judge(spam_model, spam_pipeline, *texts)
    for text, expected in zip(texts, together, strict=True):
        (alone,) = judge(spam_model, spam_pipeline, text)
        assert alone.index == expected.index
        assert alone.score == pytest.approx(expected.score, abs=1e-5)


def test_importing_it_is_light() -> None:
    heavy = {"jieba", "jsonschema", "tensorflow", "keras", "gensim", "PIL"}
    output_of(
        "-c",
        f"import sys, tfs_notebook.pipelines.loading; assert not {heavy!r} & set(sys.modules)",
    )
