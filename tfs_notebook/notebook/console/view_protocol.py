"""What the console shows, for whatever shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

from tfs_notebook.notebook.console.forms import Form
from tfs_notebook.notebook.console.questions import Input

__all__ = ["Options", "View"]

Options: TypeAlias = Sequence[tuple[str, str]]
"""What can be chosen: how it is shown, and its key."""


class View(Protocol):
    """One console on the screen; all of it is called on the console's own thread.

    HTML that it is given is escaped already.
    """

    def show_connection(self, html: str) -> None:
        """Say which server is asked, and whether it answers."""

    def show_heard(self) -> None:
        """Something that a person did is being done; called before it is."""

    def show_notice(self, html: str) -> None:
        """Say what has changed by itself; empty for nothing."""

    def show_models(self, names: Sequence[str] | None, chosen: str) -> None:
        """Offer models; None where they have to be typed."""

    def show_choices(self, options: Options, chosen: str, other: str) -> None:
        """Offer versions and labels, once for the model and once to stand beside it."""

    def show_forms(self, options: Options, chosen: str) -> None:
        """Offer what can be asked."""

    def show_form(self, form: Form | None, problem: str = "") -> None:
        """Have the inputs of this form filled in; None while there is none, and why."""

    def show_input(self, given: Input) -> None:
        """Fill the inputs in, and say which upload is there."""

    def show_running(self, html: str) -> None:
        """Say that a request is under way, and offer to cancel it; empty for none."""

    def show_answer(self, html: str) -> None:
        """Show what came of it."""

    def say(self, text: str) -> None:
        """Have screen readers say this, in plain text; it is not shown."""

    def show_exchange(self, html: str) -> None:
        """Show requests and responses."""

    def show_code(self, samples: Mapping[str, str]) -> None:
        """Show the code of the last question, by kind."""

    def show_code_kind(self, kind: str) -> None:
        """Show the code of this kind; empty for none."""

    def show_history(self, options: Options) -> None:
        """List what was asked, the newest first."""

    def keep_copy(self, html: str) -> None:
        """Keep this for when there is no kernel."""
