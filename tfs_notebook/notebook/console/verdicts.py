"""What a label means to a person: stop it, let it pass, or nothing of the kind. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tfs_notebook.notebook.widgets.translation import Translate

__all__ = ["Verdict", "label_kind", "verdict_of"]

_BAD: Final = frozenset(
    ("spam", "junk", "toxic", "fraud", "phishing", "abuse", "offensive", "垃圾", "垃圾短信")
)
_GOOD: Final = frozenset(("pass", "ham", "ok", "clean", "normal", "正常"))
# Below that another label is nearly as likely.
_SURE: Final = 0.6


@dataclass(frozen=True, slots=True)
class Verdict:
    """One label, as it is told.

    Attributes:
        icon: a character.
        text: the label, with what is to be known of it.
        kind: ``good``, ``bad`` or ``plain``.
        is_unsure: whether another label is nearly as likely.
    """

    icon: str
    text: str
    kind: str
    is_unsure: bool


def label_kind(label: str) -> str:
    """``good``, ``bad`` or ``plain``, by what labels are usually called."""
    word = label.strip().lower()
    if word in _BAD:
        return "bad"
    return "good" if word in _GOOD else "plain"


def verdict_of(label: str, score: float, translate: Translate) -> Verdict:
    """How the likeliest label is told."""
    kind = label_kind(label)
    icon, said = {
        "bad": ("⚠", translate("{label}: stop it")),
        "good": ("✓", translate("{label}: let it through")),
        "plain": ("◆", "{label}"),
    }[kind]
    is_unsure = 0 <= score < _SURE
    return Verdict(icon, said.format(label=label), kind, is_unsure)
