"""A view without widgets: it remembers what it was told to show."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tfs_notebook.notebook.console.forms import Form
from tfs_notebook.notebook.console.questions import Input
from tfs_notebook.notebook.console.view_protocol import Options


@dataclass
class RecordedView:
    """See :class:`~tfs_notebook.notebook.console.view_protocol.View`."""

    connection: str = ""
    models: Sequence[str] | None = ()
    model: str = ""
    choices: Options = ()
    choice: str = ""
    other: str = ""
    forms: Options = ()
    chosen_form: str = ""
    form: Form | None = None
    problem: str = ""
    given: Input = field(default_factory=Input)
    running: str = ""
    has_run: bool = False
    answer: str = ""
    exchange: str = ""
    code: Mapping[str, str] = field(default_factory=dict)
    history: Options = ()
    copy: str = ""
    notice: str = ""
    heard: int = 0
    code_kind: str = ""
    said: str = ""

    def show_connection(self, html: str) -> None:
        self.connection = html

    def show_heard(self) -> None:
        self.heard += 1

    def show_notice(self, html: str) -> None:
        self.notice = html

    def show_models(self, names: Sequence[str] | None, chosen: str) -> None:
        self.models, self.model = names, chosen

    def show_choices(self, options: Options, chosen: str, other: str) -> None:
        self.choices, self.choice, self.other = options, chosen, other

    def show_forms(self, options: Options, chosen: str) -> None:
        self.forms, self.chosen_form = options, chosen

    def show_form(self, form: Form | None, problem: str = "") -> None:
        self.form, self.problem = form, problem

    def show_input(self, given: Input) -> None:
        self.given = given

    def show_running(self, html: str) -> None:
        self.running = html
        self.has_run = self.has_run or bool(html)

    def show_answer(self, html: str) -> None:
        self.answer = html

    def say(self, text: str) -> None:
        self.said = text

    def show_exchange(self, html: str) -> None:
        self.exchange = html

    def show_code(self, samples: Mapping[str, str]) -> None:
        self.code = samples

    def show_code_kind(self, kind: str) -> None:
        self.code_kind = kind

    def show_history(self, options: Options) -> None:
        self.history = options

    def keep_copy(self, html: str) -> None:
        self.copy = html


async def until(probe: Callable[[], object], what: str, seconds: float = 20.0) -> None:
    """Wait on the loop until something is true."""
    end = time.monotonic() + seconds
    while not probe():
        assert time.monotonic() < end, f"waited {seconds} s in vain until {what}"
        await asyncio.sleep(0.01)
