"""The corpus: large enough, balanced, and the test messages unlike those for training."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tfs_notebook.demo.spam_messages import LABELS, Message, own_messages

TRAIN, TEST = own_messages()
MESSAGES = [*TRAIN, *TEST]
_CHINESE = re.compile("[\u4e00-\u9fff]")


def is_chinese(message: Message) -> bool:
    return _CHINESE.search(message.text) is not None


def trigrams(text: str) -> frozenset[str]:
    text = " ".join(text.lower().split())
    return frozenset(text[start : start + 3] for start in range(max(1, len(text) - 2)))


def test_there_are_enough_of_every_kind() -> None:
    assert len(MESSAGES) >= 800
    kinds = Counter((message.label, is_chinese(message)) for message in MESSAGES)
    assert set(kinds) == {(label, chinese) for label in LABELS for chinese in (True, False)}
    assert min(kinds.values()) >= 0.2 * len(MESSAGES)


def test_the_test_part_is_a_sixth_at_least_and_has_every_kind() -> None:
    assert len(TEST) >= len(MESSAGES) / 6
    kinds = Counter((message.label, is_chinese(message)) for message in TEST)
    assert min(kinds.values()) >= 0.2 * len(TEST)


def test_messages_are_short_lines_of_text() -> None:
    for message in MESSAGES:
        assert message.label in LABELS
        assert message.text == message.text.strip()
        assert 0 < len(message.text) <= 200
        assert message.text.isprintable()


def test_no_message_is_there_twice() -> None:
    plain = Counter(re.sub(r"\W", "", message.text.lower()) for message in MESSAGES)
    assert [text for text, count in plain.items() if count > 1] == []


def test_no_two_messages_differ_in_a_number_only() -> None:
    slots = Counter(re.sub(r"[\d\W]+", "#", message.text.lower()) for message in MESSAGES)
    assert [text for text, count in slots.items() if count > 1] == []


def test_no_test_message_is_nearly_one_for_training() -> None:
    known = [(message.text, trigrams(message.text)) for message in TRAIN]
    for message in TEST:
        own = trigrams(message.text)
        for text, others in known:
            shared = len(own & others)
            assert shared < 0.6 * (len(own) + len(others) - shared), (message.text, text)


def test_every_part_of_the_file_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfs_notebook.demo.spam_messages._HEADER", "text\tlabel")
    with pytest.raises(ValueError, match=r"begins with 'label\\tsplit\\ttext'"):
        own_messages()
