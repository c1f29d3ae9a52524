"""``python -m tests.demo.train_on_sms DIR FILE``: train on four fifths of a file."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.demo.sms_collection import read_sms_collection, split_at_random
from tfs_notebook.demo.spam import Recipe, train_version
from tfs_notebook.demo.spam_messages import Message

RECIPE = Recipe(every=1, vector_epochs=5, epochs=6)


def parts(collection: Path) -> tuple[list[Message], list[Message]]:
    """Four fifths for training, and the fifth that is held out."""
    return split_at_random(read_sms_collection(collection), held_out=0.2, seed=1)


if __name__ == "__main__":
    train, _ = parts(Path(sys.argv[2]))
    train_version(Path(sys.argv[1]) / "1", train, RECIPE, print)
