"""The demo's models in ``.demo`` of the working directory, made where they are missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from tfs_notebook.demo.half_plus_two import write_half_plus_two

__all__ = ["FOLDER", "demo_models", "say"]

FOLDER: Final = Path(".demo")


def say(text: str) -> None:
    """Tell whoever runs the demo."""
    print(text, flush=True)  # noqa: T201 - a command's own output


def demo_models() -> dict[str, Path]:
    """Make the models and return their base paths by name; blocks, and tells of its progress.

    The spam classifier is trained once, by a process of its own. Ends this process
    with a message if that fails.
    """
    FOLDER.mkdir(exist_ok=True)
    spam, half_plus_two = FOLDER / "spam", FOLDER / "half_plus_two"
    _train(spam)
    write_half_plus_two(half_plus_two)
    return {"spam": spam.absolute(), "half_plus_two": half_plus_two.absolute()}


def _train(spam: Path) -> None:
    if all((spam / version).is_dir() for version in ("1", "2")):
        return
    say("==> Training the spam classifier: most of a minute, once")
    try:
        # In a process of its own: Keras is a gigabyte that the server does without.
        code = subprocess.call(  # noqa: S603 - our own module
            [sys.executable, "-m", "tfs_notebook.demo.spam", str(spam)],
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        )
    except KeyboardInterrupt:
        sys.exit(130)
    if code:
        sys.exit(
            "The spam classifier could not be trained; if gensim is missing: "
            "pip install 'tfs_notebook[demo]'"
        )
