"""What is chosen in a console, out of what its server offers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tfs_notebook.notebook.console.choices import Choice, with_choice
from tfs_notebook.notebook.console.forms import FormKey
from tfs_notebook.notebook.console.questions import Input, Question
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["NO_OTHER", "Selection"]

NO_OTHER: Final = "none"
"""Key of nothing that stands beside the answer."""


@dataclass(slots=True)
class Selection:
    """The choices of a person, and what there is to choose from; of one thread.

    Attributes:
        model: its name; empty for none.
        choice: key of the version or label.
        other: key of the one that stands beside it.
        form: what is asked; None until that is known.
        given: what was filled in.
        choices: the versions and labels of the model.
    """

    model: str = ""
    choice: str = ""
    other: str = NO_OTHER
    form: FormKey | None = None
    given: Input = field(default_factory=Input)
    choices: Sequence[Choice] = ()

    @classmethod
    def of(cls, model: ModelReference | None) -> Selection:
        """A first one."""
        return cls() if model is None else cls(model.name, _key_of(model))

    @property
    def reference(self) -> ModelReference:
        """What is asked; the newest version where the chosen one is not offered."""
        chosen = with_choice(self.choices, self.choice)
        return ModelReference(self.model) if chosen is None else chosen.of(self.model)

    @property
    def beside(self) -> ModelReference | None:
        """What is asked as well."""
        chosen = with_choice(self.choices, self.other)
        return None if chosen is None else chosen.of(self.model)

    def take_model(self, name: str) -> None:
        """Another model, of which nothing is known yet."""
        self.model, self.form = name, None
        self.choice, self.other = "", NO_OTHER
        self.choices = ()

    def offer(self, choices: Sequence[Choice]) -> bool:
        """These are the versions and labels now; what is gone is not chosen any more.

        Returns:
            whether what was to be asked is not among them; the newest version is, then.
        """
        self.choices = choices
        if with_choice(choices, self.other) is None:
            self.other = NO_OTHER
        if with_choice(choices, self.choice) is not None:
            return False
        self.choice = ""
        return True

    def take_question(self, question: Question) -> None:
        """What was chosen and filled in for an earlier question."""
        self.model, self.choice = question.model.name, _key_of(question.model)
        self.form, self.given = question.form, question.given


def _key_of(model: ModelReference) -> str:
    return Choice(model.version, model.label, "").key
