"""Keys that send a form, for front ends that run what a widget brings along."""

from __future__ import annotations

from typing import Final

from tfs_notebook.notebook.widgets.page_script import page_script

__all__ = ["ENTER_SENDS", "SEND_BUTTON", "key_hook"]

SEND_BUTTON: Final = "tfs-send"
"""Class of the button that is pressed."""
ENTER_SENDS: Final = "tfs-enter-sends"
"""Class of inputs in which Enter alone sends, and Shift+Enter begins a line."""

# Whatever has put a text into an input, it is handed over before the button is pressed. A
# composed character (of an input method for Chinese, say) takes Enter for itself.
_SCRIPT: Final = """
const root = this.closest('.ROOT');
if (root && !root.dataset.tfsKeys) {
  root.dataset.tfsKeys = '1';
  root.addEventListener('click', (event) => {
    if (!event.target.closest('.SEND')) return;
    for (const field of root.querySelectorAll('textarea, input[type=text]'))
      field.dispatchEvent(new Event('change', {bubbles: true}));
  }, true);
  root.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229) return;
    if (!event.target.matches('textarea, input[type=text]')) return;
    const alone = !event.shiftKey && !event.altKey &&
      event.target.closest('.ENTER, .widget-text');
    if (!event.ctrlKey && !event.metaKey && !alone) return;
    event.preventDefault();
    event.stopPropagation();
    const button = root.querySelector('.SEND');
    if (button && !button.disabled) button.click();
  }, true);
}
"""


def key_hook(css: str, root: str) -> str:
    """A style sheet that, once it is there, makes Enter and Ctrl+Enter press the button.

    Where a page forbids scripts of its own the keys do what they do everywhere; Tab leads
    from the input to the button.

    Args:
        css: the style sheet.
        root: class of the element that the keys are for.
    """
    script = (
        _SCRIPT.replace("ROOT", root).replace("ENTER", ENTER_SENDS).replace("SEND", SEND_BUTTON)
    )
    return page_script(script, css)
