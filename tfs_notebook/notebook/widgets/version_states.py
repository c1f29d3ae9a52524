"""How the state of a version is shown: an icon and words, not a colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tfs_notebook.notebook.widgets.translation import Translate

__all__ = ["StateLook", "look_of"]


@dataclass(frozen=True, slots=True)
class StateLook:
    """How one state is shown.

    Attributes:
        icon: a character.
        text: in the language of the reader.
        kind: ``good``, ``warn``, ``bad`` or ``plain``, a class of the theme.
    """

    icon: str
    text: str
    kind: str


_ICONS: Final = {
    "START": ("○", "plain"),
    "LOADING": ("◔", "warn"),
    "AVAILABLE": ("●", "good"),
    "UNLOADING": ("◕", "warn"),
    "END": ("◌", "plain"),
}


def look_of(state: str, *, failed: bool, translate: Translate) -> StateLook:
    """How a state of TensorFlow Serving's is shown.

    Args:
        state: ``START``, ``LOADING``, ``AVAILABLE``, ``UNLOADING`` or ``END``.
        failed: whether it ended with an error.
        translate: into the reader's language.
    """
    if failed:
        return StateLook("✕", translate("failed"), "bad")
    texts = {
        "START": translate("waiting"),
        "LOADING": translate("loading"),
        "AVAILABLE": translate("serving"),
        "UNLOADING": translate("unloading"),
        "END": translate("ended"),
    }
    icon, kind = _ICONS.get(state, ("?", "plain"))
    return StateLook(icon, texts.get(state, state), kind)
