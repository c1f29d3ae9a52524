"""Texts cut into words."""

from __future__ import annotations

import pytest

from tfs_notebook.pipelines.text_description import TextRules
from tfs_notebook.pipelines.text_words import TextWords


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("加我微信有福利", ["加", "我", "微信", "有", "福利"]),
        ("See you at SIX", ["see", "you", "at", "six"]),
        ("don't, won’t", ["dont", ",", "wont"]),
        ("加V信", ["加", "v", "信"]),
        ("ｆａ票 ① １２", ["fa", "票", "1", "12"]),
        ("free!!! now!?", ["free", "!", "now", "!", "?"]),
        ("a_b", ["a", "_", "b"]),
        ("fr33 薇❤信", ["fr33", "薇", "❤", "信"]),
        ("加我\u200b微\ufe0f信 fr\u00adee", ["加", "我", "微信", "free"]),
        ("one\ntwo\tthree\x85four", ["one", "two", "three", "four"]),
        ("a\x00b \x1b[0m", ["ab", "[", "0m"]),
        ("привет, γειά", ["привет", ",", "γειά"]),
        ("\ud800ok", ["ok"]),
        ("", []),
        (" \u3000\n", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert TextWords(TextRules()).cut(text) == words


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (
            TextRules(lowercase=False),
            ["WIN", "£", "1", ",", "000", "微信", "!"],
        ),
        (TextRules(digits="zero"), ["win", "£", "0", ",", "000", "微信", "!"]),
        (TextRules(punctuation="drop"), ["win", "1", "000", "微信"]),
        (TextRules(chinese="characters"), ["win", "£", "1", ",", "000", "微", "信", "!"]),
        (TextRules(maximum_characters=5), ["win", "£"]),
    ],
)
def test_rules(rules: TextRules, words: list[str]) -> None:
    assert TextWords(rules).cut("WIN £1,000 微信!") == words


def test_a_text_that_grows_in_normalisation_is_held_to_the_limit() -> None:
    # One character that NFKC writes as eighteen.
    words = TextWords(TextRules(maximum_characters=40)).cut("\ufdfa" * 40)
    assert len("".join(words)) <= 40


def test_a_long_run_of_chinese_loses_nothing() -> None:
    assert "".join(TextWords(TextRules()).cut("发票代开" * 200)) == "发票代开" * 200
