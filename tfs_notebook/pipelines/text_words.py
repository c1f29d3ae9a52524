"""Raw text into the words that vectors are looked up for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from tfs_notebook.pipelines.chinese_words import load_word_cutter
from tfs_notebook.pipelines.text_description import TextRules

__all__ = ["TextWords", "normalized"]

# The Unified Ideographs in use, with the extensions of the later planes.
_CHINESE: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTERS: Final = rf"[^\W_{_CHINESE}]"
# jieba takes time with the square of a run's length; nobody writes this many
# characters without a mark.
_LONGEST_RUN: Final = 256
# A run of Chinese, a word of any other script (don't is one), or a mark.
_PARTS: Final = re.compile(
    rf"(?P<chinese>[{_CHINESE}]{{1,{_LONGEST_RUN}}})"
    rf"|(?P<word>{_LETTERS}+(?:['’]{_LETTERS}+)*)"
    r"|(?P<mark>[^\w\s]|_)"
)
_MARKS: Final = re.compile(r"[^\w\s]|_")
_GAPS: Final = re.compile(r"\s+")
_APOSTROPHES: Final = str.maketrans("", "", "'’")
_DIGIT: Final = re.compile(r"\d")
# Characters that show nothing of their own, and hide a word from filters when they are
# put into it. Line ends and tabs are controls, too, but they part words.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Mn", "Me"})
_SPACES: Final = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85")


class TextWords:
    """Cuts texts into words by the rules of a pipeline; for any thread.

    Making one that cuts Chinese words loads jieba's dictionary, which takes about a
    second the first time.
    """

    def __init__(self, rules: TextRules) -> None:
        self._rules = rules
        self._cut_chinese: Callable[[str], list[str]] = (
            load_word_cutter() if rules.split == rules.chinese == "words" else list
        )

    def cut(self, text: str) -> list[str]:
        """Return the words of a text in their order; any text will do.

        Takes time in proportion to ``maximum_characters`` at most.
        """
        text = normalized(text, self._rules)
        if self._rules.split == "words":
            return self._words(text)
        if self._rules.punctuation == "drop":
            text = _MARKS.sub("", text)
        if self._rules.digits == "zero":
            text = _DIGIT.sub("0", text)
        if self._rules.split == "whitespace":
            return text.split()
        return list(_GAPS.sub(" ", text))

    def _words(self, text: str) -> list[str]:
        words: list[str] = []
        for part in _PARTS.finditer(text):
            found = part.group()
            match part.lastgroup:
                case "chinese":
                    words += self._cut_chinese(found)
                case "word":
                    words.append(self._plain(found))
                case _ if self._rules.punctuation == "keep" and words[-1:] != [found]:
                    words.append(found)
        return words

    def _plain(self, word: str) -> str:
        word = word.translate(_APOSTROPHES)
        return _DIGIT.sub("0", word) if self._rules.digits == "zero" else word


def normalized(text: str, rules: TextRules) -> str:
    """Return the text in Unicode NFKC, without what is invisible, of limited length."""
    limit = rules.maximum_characters
    text = unicodedata.normalize("NFKC", text[:limit])
    if rules.lowercase:
        text = text.lower()
    # Both of these may have made it longer.
    text = text[:limit]
    return text if text.isascii() and text.isprintable() else _visible(text)


def _visible(text: str) -> str:
    return "".join(
        character
        for character in text
        if character in _SPACES or unicodedata.category(character) not in _INVISIBLE
    )
