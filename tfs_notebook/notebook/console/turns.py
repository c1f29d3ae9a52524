"""One turn of the console: it asks one version or two, and shows what comes of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from tfs_notebook.client import ModelHandle
from tfs_notebook.client.asynchronous import run_steps_async
from tfs_notebook.client.blocking_call import BlockingCall
from tfs_notebook.client.calls import ask
from tfs_notebook.notebook.console import messages
from tfs_notebook.notebook.console.asking import ask_model, given_value
from tfs_notebook.notebook.console.choices import reference_text
from tfs_notebook.notebook.console.code_samples import code_samples
from tfs_notebook.notebook.console.comparing import difference_html
from tfs_notebook.notebook.console.described import Described, described
from tfs_notebook.notebook.console.forms import Form
from tfs_notebook.notebook.console.history import Entry, History
from tfs_notebook.notebook.console.known_texts import known_text
from tfs_notebook.notebook.console.picture import small_picture
from tfs_notebook.notebook.console.questions import Answer, Question
from tfs_notebook.notebook.console.rendering import answer_html, exchange_html, side_by_side
from tfs_notebook.notebook.console.view_protocol import View
from tfs_notebook.notebook.widgets.translation import Translate
from tfs_notebook.wire.errors import ServingError
from tfs_notebook.wire.model_spec import ModelReference

__all__ = ["Turn", "Turns"]

_SECONDS: Final = 120.0
# What is quicker is not said to run.
_QUICK_SECONDS: Final = 0.15
_TICK_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Turn:
    """What is asked.

    Attributes:
        question: to be remembered.
        described: what the version in it takes.
        form: of that, how it is asked.
        beside: a version that is asked the same; None for none.
    """

    question: Question
    described: Described
    form: Form
    beside: ModelReference | None

    @property
    def references(self) -> list[ModelReference]:
        """All that are asked."""
        return [self.question.model, *([] if self.beside is None else [self.beside])]


class Turns:
    """Takes one turn after the other, and remembers them; of one thread.

    Args:
        view: shows what comes of it.
        handle_of: gives the model, version or label to be asked.
        names: gives the variables of the notebook.
        translate: into the reader's language.
    """

    def __init__(
        self,
        view: View,
        handle_of: Callable[[ModelReference], ModelHandle],
        names: Callable[[], Mapping[str, Any]],
        translate: Translate,
    ) -> None:
        self._view = view
        self._handle_of = handle_of
        self._names = names
        self._translate = translate
        self._history = History()

    def entry(self, number: int) -> Entry | None:
        """One that is remembered."""
        return self._history.entry(number)

    async def take(self, turn: Turn) -> None:
        """Ask, and show and remember the answer or why there is none."""
        try:
            value = given_value(turn.form, turn.question.given, self._names())
        except ServingError as error:
            self._show_error(turn, error)
            return
        work = asyncio.gather(*(self._answer(turn, one, value) for one in turn.references))
        try:
            await self._shown_while(work)
            answers = work.result()
        except asyncio.CancelledError:
            work.cancel()
            self._view.show_running("")
            self._view.show_answer(messages.cancelled_html(self._translate))
            raise
        except ServingError as error:
            self._view.show_running("")
            known = known_text(error.message, self._translate)
            self._remember(turn.question, None, known or error.message)
            self._view.keep_copy(self._show_error(turn, error))
            return
        self._view.show_running("")
        await self._show(turn, value, list(zip(turn.references, answers, strict=True)))

    async def _answer(self, turn: Turn, reference: ModelReference, value: object) -> Answer:
        handle = self._handle_of(reference)
        takes, form = turn.described, turn.form
        if reference != turn.question.model:
            takes = await described(handle)
            form = takes.form(turn.question.form)
        return await ask_model(handle, takes.metadata, form, value, _SECONDS)

    async def _shown_while(self, work: asyncio.Future[list[Answer]]) -> None:
        started = time.monotonic()
        wait = _QUICK_SECONDS
        while not (await asyncio.wait([work], timeout=wait))[0]:
            passed = time.monotonic() - started
            self._view.show_running(messages.running_html(passed, self._translate))
            wait = _TICK_SECONDS

    def _show_error(self, turn: Turn, error: ServingError) -> str:
        # Another example than the one that has just been sent.
        example = turn.form.example if turn.form.kind == "numbers" else ""
        if turn.question.given.text == example:
            example = ""
        html = messages.error_html(error, self._translate, example)
        self._view.show_answer(html)
        self._view.show_exchange("")
        # The same answer as before the error is news.
        self._view.say("")
        return html

    async def _show(
        self, turn: Turn, value: object, answers: list[tuple[ModelReference, Answer]]
    ) -> None:
        picture = await _picture(turn.form, value)
        html = self._answers_html(answers, picture)
        titled = [(reference_text(one, answer.version), answer) for one, answer in answers]
        self._view.show_answer(html)
        self._view.show_exchange(exchange_html(titled, self._translate))
        handle = self._handle_of(turn.question.model)
        self._view.show_code(code_samples(handle, turn.form, value))
        outcomes = [
            self._remember(replace(turn.question, model=reference), answer, "").outcome
            for reference, answer in answers
        ]
        told = "; ".join(
            f"{title}: {outcome}, {answer.seconds * 1000:.0f} ms"
            for (title, answer), outcome in zip(titled, outcomes, strict=True)
        )
        self._view.say(told)
        self._view.keep_copy(html)

    def _answers_html(
        self, answers: Sequence[tuple[ModelReference, Answer]], picture: bytes
    ) -> str:
        is_narrow = len(answers) > 1
        parts = [
            answer_html(reference, answer, picture, self._translate, is_narrow=is_narrow)
            for reference, answer in answers
        ]
        if not is_narrow:
            return parts[0]
        first, second = (reference_text(one, answer.version) for one, answer in answers)
        said = difference_html(answers[0][1], answers[1][1], self._translate)
        return side_by_side((first, parts[0]), (second, parts[1]), said)

    def _remember(self, question: Question, answer: Answer | None, error: str) -> Entry:
        entry = self._history.add(datetime.now().astimezone(), question, answer, error)
        self._view.show_history(
            [(one.text, str(one.number)) for one in self._history.entries()]
        )
        return entry


async def _picture(form: Form, value: object) -> bytes:
    if form.kind != "image":
        return b""
    call: BlockingCall[bytes] = BlockingCall(lambda: small_picture(value))
    return await run_steps_async(ask(call))
