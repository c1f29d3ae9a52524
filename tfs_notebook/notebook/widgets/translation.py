"""Texts of the widgets in the language of whoever reads them."""

from __future__ import annotations

import gettext
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

__all__ = [
    "DOMAIN",
    "LANGUAGES",
    "LOCALE_DIRECTORY",
    "Translate",
    "chosen_language",
    "translator",
]

Translate: TypeAlias = Callable[[str], str]
"""Gives the text in another language; the text itself where there is none."""

DOMAIN: Final = "tfs_notebook"
LANGUAGES: Final = ("en", "zh_CN")
LOCALE_DIRECTORY: Final = Path(__file__).parent / "locale"

_VARIABLES: Final = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def chosen_language(language: str | None = None) -> str:
    """One of :data:`LANGUAGES`: what was said, else what the environment says.

    Args:
        language: ``en``, ``zh_CN``, ``zh-Hans``, ``zh_CN.UTF-8`` …; English for languages
            that there are no texts in.
    """
    told = (os.environ.get(name, "") for name in _VARIABLES)
    said = language or next((text.split(":")[0] for text in told if text), "en")
    return "zh_CN" if said.replace("-", "_").split("_")[0].lower() == "zh" else "en"


def translator(language: str | None = None) -> Translate:
    """The texts in a language; see :func:`chosen_language`."""
    catalogue = gettext.translation(
        DOMAIN, LOCALE_DIRECTORY, [chosen_language(language)], fallback=True
    )
    return catalogue.gettext
