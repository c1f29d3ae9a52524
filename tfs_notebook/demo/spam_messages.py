"""Short messages with a label each, in files of tab-separated values.

The demo's own, ``spam_messages.tsv``, are 1,500 in Chinese and English, written for
it: every one is made up. The column ``split`` says which are for training and
which for test; it was drawn once, before anything was trained.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Final

__all__ = ["LABELS", "Message", "own_messages"]

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
