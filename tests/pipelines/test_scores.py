"""Scores as labels: what the model gives, and what is told of it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pipelines.small_image import image_document, loaded_image, write_document
from tfs_notebook.pipelines.description import DIRECTORY
from tfs_notebook.pipelines.loading import load_pipeline
from tfs_notebook.pipelines.output_description import OutputDescription, ScoreKind
from tfs_notebook.pipelines.scores import LabelledScore, LabelledScores, ScoreReader
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import DataLoss, FailedPrecondition
from tfs_notebook.wire.signatures import Signature, TensorSpec


def read(
    scores: Any, labels: tuple[str, ...] | None, kind: ScoreKind = "probabilities"
) -> list[LabelledScores]:
    reader = ScoreReader(OutputDescription("s", labels, scores=kind), labels)
    return reader.read({"s": np.array(scores, np.float32)})


def test_the_highest_come_first() -> None:
    (one,) = read([[0.1, 0.5, 0.15, 0.25]], ("a", "b", "c", "d"))
    assert (one.label, one.index, one.score) == ("b", 1, 0.5)
    assert one.top(2) == [LabelledScore("b", 1, 0.5), LabelledScore("d", 3, 0.25)]
    assert [each.label for each in one.top(1000)] == ["b", "d", "c", "a"]
    assert dict(one.scores) == pytest.approx({"a": 0.1, "b": 0.5, "c": 0.15, "d": 0.25})


def test_without_labels_they_are_known_by_their_places() -> None:
    (one,) = read([[1, 3, 2]], None)
    assert one == LabelledScores("1", 1, 3.0, {"0": 1.0, "1": 3.0, "2": 2.0})
    assert read(np.zeros((0, 3)), None) == []


def test_among_equals_the_first_is_first() -> None:
    (one,) = read([[1, 2, 2, 1]], None)
    assert one.index == 1
    assert [each.index for each in one.top(4)] == [1, 2, 0, 3]


def test_what_is_not_a_number_comes_last() -> None:
    (one, other, low) = read(
        [[math.nan, -1, math.inf], [math.nan] * 3, [math.nan, -math.inf, -math.inf]], None
    )
    assert one.index == 2
    assert [each.index for each in one.top(3)] == [2, 1, 0]
    assert math.isnan(other.score)
    assert low.index == 1


@given(
    st.lists(st.sampled_from([math.nan, -math.inf, -1.0, 0.0, 0.5, math.inf]), min_size=1),
    st.integers(1, 10),
)
def test_any_scores_are_ranked(scores: list[float], count: int) -> None:
    (one,) = read([scores], None)
    places = sorted(
        range(len(scores)),
        key=lambda place: (math.isnan(scores[place]), -scores[place], place),
    )
    if not all(map(math.isnan, scores)):
        assert one.index == places[0]
    assert [each.index for each in one.top(count)] == places[:count]


def test_the_best_is_told_apart_where_scores_are_as_good_as_one() -> None:
    (one,) = read([[20, 40, 30]], ("a", "b", "c"), "sigmoid")
    assert list(one.scores.values()) == [1.0, 1.0, 1.0]
    assert one.label == "b"
    assert one.top(1) == [LabelledScore("b", 1, 1.0)]
    (other,) = read([[-40]], ("no", "yes"), "logits")
    assert (other.label, other.score) == ("no", 1.0)


_SCORES = st.lists(st.floats(-(2.0**99), 2.0**99, width=32), min_size=3, max_size=3)


@given(scores=_SCORES)
def test_logits_are_the_exponents(scores: list[float]) -> None:
    (one,) = read([scores], ("a", "b", "c"), "logits")
    exact = [float(np.float32(score)) for score in scores]
    powers = [math.exp(max(score - max(exact), -1000)) for score in exact]
    expected = [power / sum(powers) for power in powers]
    assert list(one.scores.values()) == pytest.approx(expected, abs=1e-6)
    assert one.score == pytest.approx(max(expected), abs=1e-6)


@given(scores=_SCORES)
def test_of_a_sigmoid_each_is_by_itself(scores: list[float]) -> None:
    (one,) = read([scores], ("a", "b", "c"), "sigmoid")
    expected = [1 / (1 + math.exp(min(-score, 700))) for score in scores]
    assert list(one.scores.values()) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("kind", "score", "second"),
    [
        ("probabilities", 0.25, 0.25),
        ("logits", math.log(3), 0.75),
        ("sigmoid", math.log(3), 0.75),
    ],
)
def test_one_score_for_two_labels_is_the_second_ones(
    kind: ScoreKind, score: float, second: float
) -> None:
    (one,) = read([[score]], ("no", "yes"), kind)
    assert list(one.scores.values()) == pytest.approx([1 - second, second])
    assert one.label == ("yes" if second > 0.5 else "no")


@pytest.mark.parametrize(
    ("labels", "shape"),
    [(("a", "b", "c"), (1, 1)), (("a",), (1, 2)), (None, (3,)), (None, (1, 0))],
)
def test_scores_that_are_not_one_a_label(
    labels: tuple[str, ...] | None, shape: tuple[int, ...]
) -> None:
    with pytest.raises(FailedPrecondition, match=r"The output 's' has shape .* need \[rows, "):
        read(np.zeros(shape), labels)


@pytest.mark.parametrize(
    ("labels", "fitting", "wrong"),
    [
        (("a", "b", "c"), [(-1, 3), (-1, -1), None], [(-1, 2), (-1, 1), (-1,)]),
        (("a", "b"), [(-1, 2), (-1, 1)], [(-1, 3)]),
        (None, [(-1, 2), (-1, -1)], [(-1,), (-1, 2, 2)]),
    ],
)
def test_the_model_has_to_give_them(
    labels: tuple[str, ...] | None,
    fitting: list[tuple[int, ...] | None],
    wrong: list[tuple[int, ...]],
) -> None:
    reader = ScoreReader(OutputDescription("s", labels), labels)

    def check(shape: tuple[int, ...] | None) -> None:
        output = {"s": TensorSpec("s", DataType.FLOAT, shape)}
        reader.check(Signature("serving_default", "", {}, output))

    for shape in fitting:
        check(shape)
    for shape in wrong:
        with pytest.raises(FailedPrecondition, match="The pipeline's output is float"):
            check(shape)


def labels_document() -> dict[str, Any]:
    return image_document(output={"name": "scores", "labels_file": "labels.txt"})


def test_labels_from_a_file(tmp_path: Path) -> None:
    path = write_document(tmp_path, labels_document())
    names = [f"label {number}" for number in range(3000)]
    (path.parent / "labels.txt").write_text("\n".join(names))
    pipeline = loaded_image(tmp_path, labels_document())
    assert pipeline.labels == tuple(names)
    scores = np.zeros((2, 3000), np.float32)
    scores[0, 2999] = scores[1, 5] = 1
    assert [one.label for one in pipeline.decode({"scores": scores})] == [names[2999], names[5]]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read"),
        (b"", "has 0 labels; there are 1 to 100000"),
        (b"a\na\n", "an entry twice: 'a'"),
        (b"a" * 1025, "more than 1024 characters"),
        (b"a\n" * (3 << 20), "4194304 at most"),
    ],
)
def test_a_file_of_labels_that_is_wrong(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    write_document(tmp_path, labels_document())
    if content is not None:
        (tmp_path / DIRECTORY / "labels.txt").write_bytes(content)
    with pytest.raises(DataLoss, match=reason):
        load_pipeline(tmp_path)
