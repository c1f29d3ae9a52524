"""The demo's spam classifier: the one that ``make run`` has trained, or one trained now."""

from __future__ import annotations

import sys
from pathlib import Path

from tfs_notebook.demo.spam import VERSIONS, write_spam

__all__ = ["spam_model"]

_OF_MAKE_RUN = Path(".demo/spam")


def spam_model(folder: Path) -> Path:
    """Return the base path of a trained classifier with all its versions.

    Training takes most of a minute and needs the extra ``demo``.
    """
    for base in (_OF_MAKE_RUN, folder / "spam"):
        if all((base / str(version) / "saved_model.pb").is_file() for version in VERSIONS):
            return base.absolute()
    return write_spam(folder / "spam", lambda line: print(line, file=sys.stderr))
