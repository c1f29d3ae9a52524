"""Keys of lists and logs, which JupyterLab would take for its cells."""

from __future__ import annotations

from typing import Final

from tfs_notebook.notebook.widgets.page_script import page_script
from tfs_notebook.notebook.widgets.theme import ROOT

__all__ = ["own_keys"]

# Its shortcuts hold in outputs too, but for what text can be typed into: an arrow goes to
# another cell, an x cuts one. Buttons keep them, for who saves after a click.
_SCRIPT: Final = """
const root = this.closest('.ROOT');
if (root && !root.tfsOwnsKeys) {
  root.tfsOwnsKeys = true;
  root.addEventListener('focusin', (event) => {
    if (event.target.matches('select, [role=log]'))
      event.target.dataset.lmSuppressShortcuts = 'true';
  });
}
"""


def own_keys(css: str) -> str:
    """A style sheet for a widget that, once it is there, has its lists keep their keys."""
    return page_script(_SCRIPT.replace("ROOT", ROOT), css)
