"""How the states of versions are shown here."""

from __future__ import annotations

from tfs_notebook.notebook.dashboard.words import Words
from tfs_notebook.notebook.widgets.version_states import StateLook, look_of

__all__ = ["look_of_version", "state_html"]


def look_of_version(state: str, error: str | None, words: Words) -> StateLook:
    """How a state is shown; what serves in spite of an error does serve."""
    failed = error is not None and state != "AVAILABLE"
    return look_of(state, failed=failed, translate=words)


def state_html(look: StateLook) -> str:
    """The icon; the text beside it says the same."""
    return f'<span class="tfs-tone tfs-{look.kind}" aria-hidden="true">{look.icon}</span>'
