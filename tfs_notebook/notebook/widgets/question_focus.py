"""Where the keyboard is while a question is open: at its answers, and then where it was."""

from __future__ import annotations

from typing import Final

from tfs_notebook.notebook.widgets.page_script import page_script
from tfs_notebook.notebook.widgets.theme import ROOT

__all__ = ["CANCEL_BUTTON", "CONFIRM_BUTTON", "QUESTION", "focus_back", "focus_question"]

QUESTION: Final = "tfs-question"
"""Class of the element that holds a question and its answers."""
CONFIRM_BUTTON: Final = "tfs-confirm"
CANCEL_BUTTON: Final = "tfs-cancel"

# The box becomes visible by another message. Who is elsewhere by now is left there.
_OPENED: Final = """
const box = this.closest('.QUESTION'), root = box.closest('.ROOT');
const before = document.activeElement;
if (root.contains(before)) {
  if (!box.contains(before)) box.tfsBefore = before;
  const focus = (left) => {
    const button = box.querySelector('.CONFIRM');
    if (button.checkVisibility()) button.focus();
    else if (left) setTimeout(focus, 20, left - 1);
  };
  focus(100);
}
if (!box.tfsHasKeys) {
  box.tfsHasKeys = true;
  root.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.isComposing || !box.checkVisibility()) return;
    event.preventDefault();
    event.stopPropagation();
    box.querySelector('.CANCEL').click();
  }, true);
}
"""
# A button that is hidden loses the focus to the page.
_CLOSED: Final = """
const box = this.closest('.QUESTION'), before = box.tfsBefore;
const now = document.activeElement;
delete box.tfsBefore;
if (before && before.isConnected && (now === document.body || box.contains(now)))
  before.focus();
"""


def focus_question() -> str:
    """To be put into the box as it opens: the focus goes to the button that confirms.

    Escape, anywhere in the widget, presses the one that cancels.
    """
    return page_script(_with_names(_OPENED))


def focus_back() -> str:
    """To be put there as it closes: the focus goes back to where it was."""
    return page_script(_with_names(_CLOSED))


def _with_names(script: str) -> str:
    return (
        script.replace("QUESTION", QUESTION)
        .replace("ROOT", ROOT)
        .replace("CONFIRM", CONFIRM_BUTTON)
        .replace("CANCEL", CANCEL_BUTTON)
    )
