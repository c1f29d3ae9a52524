"""Answers as HTML: escaped, and told in words as well as in colours."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tfs_notebook.notebook.console.comparing import difference_html
from tfs_notebook.notebook.console.questions import Answer, Judged, Word
from tfs_notebook.notebook.console.rendering import answer_html, exchange_html
from tfs_notebook.notebook.console.verdicts import verdict_of
from tfs_notebook.notebook.widgets.markup import bar, percent
from tfs_notebook.wire.model_spec import ModelReference

EVIL = '<script>alert("x")</script>'


def judged(label: str, score: float) -> Answer:
    return Answer(1, 0.1, judged=(Judged("a", ((label, score), ("other", 1 - score))),))


def unscored(label: str) -> Answer:
    scores = ((label, 0.0), ("other", 0.0))
    return Answer(1, 0.1, judged=(Judged("", scores, has_scores=False),))


@pytest.mark.parametrize(
    ("label", "text", "kind"),
    [
        ("Spam", "Spam: stop it", "bad"),
        ("ham", "ham: let it through", "good"),
        ("7", "7", "plain"),
    ],
)
def test_what_a_label_means(label: str, text: str, kind: str) -> None:
    verdict = verdict_of(label, 0.9, str)
    assert (verdict.text, verdict.kind, verdict.is_unsure) == (text, kind, False)
    assert verdict.icon
    assert verdict_of(label, 0.55, str).is_unsure


def test_everything_is_escaped() -> None:
    answer = Answer(
        1,
        0.1,
        judged=(Judged(EVIL, ((EVIL, 0.9),), (Word(EVIL, "no", is_used=False),)),) * 2,
        request=EVIL,
        response=EVIL,
    )
    for html in (
        answer_html(ModelReference(EVIL), answer, b"", str),
        answer_html(
            ModelReference(EVIL, label=EVIL), Answer(1, 0.1, answer.judged[:1]), b"", str
        ),
        exchange_html([(EVIL, answer), (EVIL, answer)], str),
        answer_html(
            ModelReference("m"), Answer(1, 0.1, outputs={EVIL: np.array([EVIL])}), b"", str
        ),
        difference_html(answer, answer, str),
    ):
        assert "<script" not in html


def test_scores_that_are_no_shares() -> None:
    assert percent(math.nan) == "nan"
    assert percent(12.5) == "12.5"
    assert "width:0.0%" in bar("a", math.nan)
    assert "width:100.0%" in bar("a", 12.5)
    assert "nan" in answer_html(ModelReference("m"), judged("a", math.nan), b"", str)


def test_values_of_every_type() -> None:
    outputs = {
        "texts": np.array([b"a", "ü".encode(), b"\xff"], object),
        "one": np.array(2.5, np.float32),
        "many": np.zeros((50, 50)),
        "none": np.zeros((0, 3)),
        "flags": np.array([True]),
    }
    html = answer_html(ModelReference("m"), Answer(None, 0.1, outputs=outputs), b"", str)
    assert "string [3]" in html
    assert "[&quot;a&quot;, &quot;ü&quot;, {&quot;b64&quot;" in html
    assert "float32 []" in html
    assert "..." in html


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        (judged("a", 0.9), judged("a", 0.7), "the same label; scores differ by 0.2 at most"),
        (judged("a", 0.9), judged("b", 0.6), "another label"),
        (
            Answer(1, 0, outputs={"y": np.ones(2)}),
            Answer(2, 0, outputs={"y": np.ones(2)}),
            "the same to the last bit",
        ),
        (
            Answer(1, 0, outputs={"y": np.ones(2)}),
            Answer(2, 0, outputs={"y": np.array([1.0, 1.5])}),
            "values differ by 0.5 at most",
        ),
        (
            Answer(1, 0, outputs={"y": np.ones(2)}),
            Answer(2, 0, outputs={"y": np.ones(3)}),
            "other outputs, or of other shapes",
        ),
        (
            Answer(1, 0, outputs={"y": np.array([b"a"], object)}),
            Answer(2, 0, outputs={"y": np.array([b"b"], object)}),
            "other values",
        ),
        (
            Answer(1, 0, outputs={"y": np.array([1], np.uint8)}),
            Answer(2, 0, outputs={"y": np.array([3], np.uint8)}),
            "values differ by 2 at most",
        ),
        (
            Answer(1, 0, outputs={"y": np.array([np.nan, 1.0])}),
            Answer(2, 0, outputs={"y": np.array([np.nan, 1.0])}),
            "the same to the last bit",
        ),
        (unscored("a"), unscored("a"), "the same label</span>"),
    ],
)
def test_what_tells_two_answers_apart(first: Answer, second: Answer, text: str) -> None:
    assert text in difference_html(first, second, str)


def test_labels_without_scores_have_no_bars_and_no_labels_are_said() -> None:
    html = answer_html(ModelReference("m"), unscored("nobody"), b"", str)
    assert "nobody" in html
    assert "%" not in html
    assert "tfs-bar" not in html
    assert "not sure" not in html
    nothing = Answer(1, 0.1, judged=(Judged("", ()),))
    assert "It names no label." in answer_html(ModelReference("m"), nothing, b"", str)
