"""Short messages with a label each, in files of tab-separated values.

The demo's own, ``spam_messages.tsv``, are 1,500 in Chinese and English, written for
it: every one is made up. The column ``split`` says which are for training and
which for test; it was drawn once, before anything was trained.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

__all__ = ["LABELS", "Message", "own_messages", "read_sms_collection", "split_at_random"]

#: by the index of the score
LABELS: Final = ("spam", "pass")

_OWN: Final = "spam_messages.tsv"
_HEADER: Final = "label\tsplit\ttext"


@dataclass(frozen=True, slots=True)
class Message:
    """A text, and whether it is ``spam`` or may ``pass``."""

    label: str
    text: str


def own_messages() -> tuple[list[Message], list[Message]]:
    """Return the demo's own messages: those for training, and those for test."""
    content = files("tfs_notebook.demo").joinpath(_OWN).read_text("utf-8")
    header, *lines = content.removesuffix("\n").split("\n")
    if header != _HEADER:
        raise ValueError(f"{_OWN} begins with {header!r}, not with {_HEADER!r}")
    splits: dict[str, list[Message]] = {"train": [], "test": []}
    for line in lines:
        label, split, text = line.split("\t")
        splits[split].append(Message(label, text))
    return splits["train"], splits["test"]


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
    random.Random(seed).shuffle(texts)  # noqa: S311 - no secret
    kept_back = set(texts[: round(len(texts) * held_out)])
    return (
        [message for message in messages if message.text not in kept_back],
        [message for message in messages if message.text in kept_back],
    )
