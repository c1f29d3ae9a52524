"""Messages of others are read, and split without a text on both sides."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from tests.demo.sms_collection import read_sms_collection, split_at_random
from tfs_notebook.demo.spam_messages import Message


def test_the_collection_is_read(tmp_path: Path) -> None:
    path = tmp_path / "messages.tsv"
    path.write_text("ham\tSee you\nspam\tWin £1,000\tnow\n", "utf-8")
    assert read_sms_collection(path) == [
        Message("pass", "See you"),
        Message("spam", "Win £1,000\tnow"),
    ]


def test_a_part_is_held_out_by_text() -> None:
    messages = [Message("spam", str(number % 50)) for number in range(100)]
    kept, held_out = split_at_random(messages, held_out=0.2, seed=1)
    assert (len(kept), len(held_out)) == (80, 20)
    assert not {message.text for message in kept} & {message.text for message in held_out}
    assert sorted(message.text for message in chain(kept, held_out)) == sorted(
        message.text for message in messages
    )
    assert split_at_random(messages, held_out=0.2, seed=1) == (kept, held_out)
    assert split_at_random(messages, held_out=0.2, seed=2) != (kept, held_out)
