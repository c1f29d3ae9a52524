"""Messages of others: the SMS Spam Collection, and how a part of it is held out."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from tfs_notebook.demo.spam_messages import Message


def read_sms_collection(path: Path) -> list[Message]:
    """Read a file of lines ``ham`` or ``spam``, a tab, and the text.

    It is the form of the SMS Spam Collection, in English.
    """
    lines = path.read_text("utf-8").removesuffix("\n").split("\n")
    rows = [line.split("\t", 1) for line in lines]
    return [Message("spam" if label == "spam" else "pass", text) for label, text in rows]


def split_at_random(
    messages: Sequence[Message], *, held_out: float, seed: int
) -> tuple[list[Message], list[Message]]:
    """Return two parts: those for training, and a share that is held out.

    A text that occurs more than once is in one part only.
    """
    texts = sorted({message.text for message in messages})
    random.Random(seed).shuffle(texts)
    kept_back = set(texts[: round(len(texts) * held_out)])
    return (
        [message for message in messages if message.text not in kept_back],
        [message for message in messages if message.text in kept_back],
    )
