"""Texts in the language of whoever reads them, with values in them."""

from __future__ import annotations

from tfs_notebook.notebook.widgets.translation import Translate

__all__ = ["Words"]


class Words:
    """Gives texts in a language, asked for by the English ones.

    Args:
        translate: into that language.
    """

    def __init__(self, translate: Translate) -> None:
        self._translate = translate

    def __call__(self, text: str, **values: object) -> str:
        """The text; ``{name}`` in it stands for the value of that name."""
        found = self._translate(text)
        return found.format(**values) if values else found
